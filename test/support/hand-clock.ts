import type { Clock } from '../../src/engine/ports.ts';

/** A clock that a test moves by hand, for code whose other side is a real server. */
export class HandClock implements Clock {
  #now = 1_800_000_000_000;
  readonly #timers = new Set<{ time: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  at(time: number, run: () => void): () => void {
    const timer = { time, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  onJump(): () => void {
    return () => undefined;
  }

  /** Seconds from now until each timer that is set, soonest first. */
  get waits(): readonly number[] {
    return [...this.#timers].map(({ time }) => (time - this.#now) / 1000).sort((a, b) => a - b);
  }

  /** Moves to the next timer and runs it. */
  jump(): void {
    const next = [...this.#timers].sort((a, b) => a.time - b.time)[0];
    if (next === undefined) throw new Error('no timer is set');
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.time);
    next.run();
  }
}
