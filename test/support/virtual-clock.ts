import type { Clock, JumpListener } from '../../src/engine/ports.ts';

interface Timer {
  time: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until everything that can happen has happened, and then jumps to the next timer. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();
  readonly #listeners = new Set<JumpListener>();

  constructor(start = Date.UTC(2026, 10, 3, 2, 0, 0)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  at(time: number, run: () => void): () => void {
    const timer = { time, order: (this.#order += 1), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  onJump(listener: JumpListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Sets the clock, as an operator or a time service does. Timers run on as they were. */
  async jump(milliseconds: number): Promise<void> {
    let follow: () => void = () => undefined;
    const followed = new Promise<void>((resolve) => (follow = resolve));
    await Promise.all([...this.#listeners].map((listener) => listener(milliseconds, followed)));
    this.#now += milliseconds;
    for (const timer of this.#timers) timer.time += milliseconds;
    follow();
  }

  /** Lets time pass, timer by timer, until the condition holds. Fails when nothing is left to wait for. */
  async runUntil(condition: () => boolean, limitSeconds = 100_000): Promise<void> {
    const limit = this.#now + limitSeconds * 1000;
    for (;;) {
      await settle();
      if (condition()) return;
      const [next] = [...this.#timers].sort((a, b) => a.time - b.time || a.order - b.order);
      if (next === undefined) throw new Error('nothing is left to wait for');
      if (next.time > limit) throw new Error(`not so within ${limitSeconds} s`);
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.time);
      next.run();
    }
  }
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
