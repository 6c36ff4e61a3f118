import type { Timers } from '../../../src/lab/model/timers.ts';

interface Waiting {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that moves only when it is told to. */
export class ManualTimers implements Timers {
  #now: number;
  #waiting: Waiting[] = [];

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(seconds: number, run: () => void): () => void {
    const one = { at: this.#now + seconds * 1000, run };
    this.#waiting.push(one);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== one);
    };
  }

  stop(): void {
    this.#waiting = [];
  }

  /** Moves on by so many seconds, running what comes due, in order. */
  advance(seconds: number): void {
    const end = this.#now + seconds * 1000;
    for (;;) {
      const next = this.#waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }
}
