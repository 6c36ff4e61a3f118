import { describe, expect, it, vi } from 'vitest';
import { lookUntilEnded } from '../../../src/adapters/nova/looks.ts';

vi.mock('../../../src/adapters/http-client/pause.ts', () => ({ pause: vi.fn(() => Promise.resolve()) }));
const { pause } = await import('../../../src/adapters/http-client/pause.ts');

describe('looks at something that takes its time', () => {
  it('come at growing pauses, and short ones again after progress', async () => {
    const seen = ['a', 'a', 'a', 'a', 'a', 'b', 'b', 'c'];
    const look = () => {
      const progress = seen.shift();
      return Promise.resolve(progress === undefined ? { ended: 'end' } : { progress });
    };
    const pauses = { firstMilliseconds: 100, growth: 2, longestMilliseconds: 500 };
    expect(await lookUntilEnded(look, pauses, new AbortController().signal)).toBe('end');
    const waited = vi.mocked(pause).mock.calls.map(([milliseconds]) => milliseconds);
    expect(waited).toEqual([100, 200, 400, 500, 500, 100, 200, 100]);
  });
});
