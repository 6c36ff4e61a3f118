import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SystemClock, type TimeSource } from '../../../src/adapters/system/clock.ts';

const hour = 3_600_000;

/** A machine whose clock can be set; the time that passes is that of the fake timers. */
class Machine implements TimeSource {
  set = 0;
  readonly #began = Date.now();
  wall(): number {
    return Date.now() + this.set;
  }
  passed(): number {
    return Date.now() - this.#began;
  }
}

describe('the clock of the machine', () => {
  let machine: Machine;
  let clock: SystemClock;
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 3, 2) });
    machine = new Machine();
    clock = new SystemClock(machine);
  });
  afterEach(() => vi.useRealTimers());

  it.for([hour, -hour])('goes on steadily until it is noticed that it was set by %s ms', async (by) => {
    const before = clock.now();
    machine.set = by;
    expect(clock.now()).toBe(before);
    await clock.compare();
    expect(clock.now()).toBe(before + by);
  });

  it('notices within a second or so while somebody listens, and only then', async () => {
    const jumps: number[] = [];
    const end = clock.onJump((milliseconds) => Promise.resolve(void jumps.push(milliseconds)));
    machine.set = hour;
    await vi.advanceTimersByTimeAsync(1_500);
    expect(jumps).toEqual([hour]);
    end();
    machine.set = 0;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(jumps).toEqual([hour]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes drift for drift', async () => {
    const jumps: number[] = [];
    const end = clock.onJump((milliseconds) => Promise.resolve(void jumps.push(milliseconds)));
    machine.set = 900;
    await vi.advanceTimersByTimeAsync(5_000);
    machine.set = -900;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(jumps).toEqual([]);
    end();
  });

  it('follows only when everybody was told, and says when it has', async () => {
    const before = clock.now();
    let finish: () => void = () => undefined;
    let seen = 0;
    clock.onJump((_milliseconds, followed) => {
      void followed.then(() => (seen = clock.now()));
      return new Promise<void>((resolve) => (finish = resolve));
    });
    machine.set = hour;
    const compared = clock.compare();
    await Promise.resolve();
    expect(clock.now()).toBe(before);
    finish();
    await compared;
    expect(seen).toBe(before + hour);
  });

  it('follows also when somebody who was told has failed', async () => {
    const before = clock.now();
    clock.onJump(() => Promise.reject(new Error('no journal')));
    machine.set = hour;
    await clock.compare();
    expect(clock.now()).toBe(before + hour);
  });

  it.for([hour, -hour])('leaves timers that run as long as they were, set by %s ms', async (by) => {
    let ran = false;
    clock.at(clock.now() + 10_000, () => (ran = true));
    machine.set = by;
    await clock.compare();
    await vi.advanceTimersByTimeAsync(9_000);
    expect(ran).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ran).toBe(true);
  });

  it('waits for longer than a timer of Node.js can', async () => {
    let ran = false;
    clock.at(clock.now() + 40 * 24 * hour, () => (ran = true));
    await vi.advanceTimersByTimeAsync(39 * 24 * hour);
    expect(ran).toBe(false);
    await vi.advanceTimersByTimeAsync(24 * hour);
    expect(ran).toBe(true);
  });
});
