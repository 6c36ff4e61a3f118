import { describe, expect, it } from 'vitest';
import { SeenMessages } from '../../../src/sdk/index.ts';

describe('SeenMessages', () => {
  it('tells the first time from a repeat', () => {
    const seen = new SeenMessages();
    expect(['a', 'b', 'a', 'b', 'c'].map((id) => seen.isNew(id))).toEqual([true, true, false, false, true]);
  });

  it('forgets the oldest beyond its limit', () => {
    const seen = new SeenMessages(2);
    for (const id of ['a', 'b', 'c']) seen.isNew(id);
    expect([seen.isNew('b'), seen.isNew('c'), seen.isNew('a')]).toEqual([false, false, true]);
  });
});
