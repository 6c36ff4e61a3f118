import { EventQueue } from '../domain/planner/event-queue.ts';
import type { Clock, JumpListener } from '../engine/ports.ts';

interface Timer {
  isCancelled: boolean;
  readonly run: () => void;
}

/** A clock that stands still until everything that can happen has happened, and then jumps to the next timer. */
export class VirtualClock implements Clock {
  /** What a stop-watch shows: timers run by it, whatever the clock is set to. Milliseconds. */
  #elapsed = 0;
  /** What the clock shows when the stop-watch shows 0. */
  #zero: number;
  readonly #timers = new EventQueue<Timer>();
  readonly #listeners = new Set<JumpListener>();

  readonly #isFine: boolean;

  /**
   * `isFine`: timers of one moment are run one after the other, each until nothing follows from it any more; else
   * all together, as on a machine that is quick enough. `start`: milliseconds since 1970.
   */
  constructor({ isFine = false, start = Date.UTC(2026, 10, 3, 2, 0, 0) } = {}) {
    this.#isFine = isFine;
    this.#zero = start;
  }

  now(): number {
    return this.#zero + this.#elapsed;
  }

  at(time: number, run: () => void): () => void {
    const timer: Timer = { isCancelled: false, run };
    this.#timers.add(time - this.#zero, timer);
    return () => (timer.isCancelled = true);
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
    this.#zero += milliseconds;
    follow();
  }

  /** Lets time pass, from one moment at which there is something to do to the next, until the condition holds. Fails when nothing is left to wait for. */
  async runUntil(condition: () => boolean, limitSeconds = 100_000): Promise<void> {
    const limit = this.#elapsed + limitSeconds * 1000;
    for (;;) {
      await settle();
      if (condition()) return;
      const next = this.#next();
      if (next === undefined) throw new Error('nothing is left to wait for');
      if (next.time > limit) throw new Error(`not so within ${limitSeconds} s`);
      this.#elapsed = Math.max(this.#elapsed, next.time);
      next.timer.run();
      if (!this.#isFine) this.#runDue();
    }
  }

  /** Runs what is due now, and was so before any of it began. */
  #runDue(): void {
    const due: Timer[] = [];
    while ((this.#timers.nextTime ?? Infinity) <= this.#elapsed) {
      const timer = this.#timers.take();
      if (timer !== undefined) due.push(timer);
    }
    for (const timer of due) if (!timer.isCancelled) timer.run();
  }

  #next(): { readonly time: number; readonly timer: Timer } | undefined {
    for (;;) {
      const time = this.#timers.nextTime;
      const timer = this.#timers.take();
      if (time === undefined || timer === undefined) return undefined;
      if (!timer.isCancelled) return { time, timer };
    }
  }
}

/**
 * Lets every promise that can settle do so: the event loop comes to its next turn only when no promise is left to be
 * followed. In a simulation nothing else is waited for than promises and timers of this clock, so one turn is enough.
 */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
