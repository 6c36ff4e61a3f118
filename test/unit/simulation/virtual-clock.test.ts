import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/simulation/virtual-clock.ts';

describe('a virtual clock', () => {
  it('runs timers in the order of their time, and of their making where that is the same', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    for (const [name, seconds] of [
      ['c', 3],
      ['a', 1],
      ['b', 1],
      ['d', 2],
    ] as const)
      clock.at(clock.now() + seconds * 1000, () => ran.push(name));
    clock.at(clock.now() + 1_500, () => ran.push('cancelled'))();
    const start = clock.now();
    await clock.runUntil(() => ran.length === 4);
    expect(ran).toEqual(['a', 'b', 'd', 'c']);
    expect(clock.now() - start).toBe(3_000);
  });

  it('lets everything follow that does before time passes', async () => {
    const clock = new VirtualClock();
    const times: number[] = [];
    const chain = async () => {
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      clock.at(clock.now(), () => times.push(clock.now()));
    };
    const begin = clock.now();
    clock.at(begin, () => void chain());
    clock.at(begin + 1_000, () => times.push(clock.now()));
    await clock.runUntil(() => times.length === 2);
    expect(times).toEqual([begin, begin + 1_000]);
  });

  it('keeps what is left of timers when it is set', async () => {
    const clock = new VirtualClock();
    const begin = clock.now();
    let ranAt = 0;
    clock.at(begin + 10_000, () => (ranAt = clock.now()));
    await clock.jump(-3_600_000);
    await clock.runUntil(() => ranAt > 0);
    expect(ranAt).toBe(begin - 3_600_000 + 10_000);
  });

  it.each([
    [true, ['first', 'follows', 'second']],
    [false, ['first', 'second', 'follows']],
  ])('runs timers of one moment one by one (%s), or together', async (isFine, order) => {
    const clock = new VirtualClock({ isFine });
    const ran: string[] = [];
    clock.at(clock.now(), () => {
      ran.push('first');
      void Promise.resolve().then(() => ran.push('follows'));
    });
    clock.at(clock.now(), () => ran.push('second'));
    await clock.runUntil(() => ran.length === 3);
    expect(ran).toEqual(order);
  });

  it('says so when nothing is left to wait for, and when it takes too long', async () => {
    const clock = new VirtualClock();
    await expect(clock.runUntil(() => false)).rejects.toThrow('nothing is left to wait for');
    clock.at(clock.now() + 11_000, () => undefined);
    await expect(clock.runUntil(() => false, 10)).rejects.toThrow('not so within 10 s');
  });
});
