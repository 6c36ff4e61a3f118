import type { Clock, JumpListener } from '../../engine/ports.ts';

/** Node.js turns a longer wait into one of a millisecond (its timers are 32 bits wide). */
const longestTimer = 2 ** 31 - 1;
/** How often the machine's clock is compared with the time that has passed. */
const comparePauseMilliseconds = 1_000;
/** A difference beyond this was not drift: somebody set the clock. */
const smallestJumpMilliseconds = 1_000;

/** Where the time comes from, for tests. */
export interface TimeSource {
  /** The machine's clock: milliseconds since 1970, may be set at any moment. */
  wall(): number;
  /** Milliseconds that have passed since some moment; never set. */
  passed(): number;
}

const machine: TimeSource = { wall: () => Date.now(), passed: () => performance.now() };

/**
 * The machine's clock and timers. `now` goes on steadily while the clock is set, and follows it once whoever counts on a
 * time has been told.
 */
export class SystemClock implements Clock {
  readonly #source: TimeSource;
  readonly #listeners = new Set<JumpListener>();
  #offset: number;
  #comparing: NodeJS.Timeout | undefined;
  #following = false;

  constructor(source: TimeSource = machine) {
    this.#source = source;
    this.#offset = source.wall() - source.passed();
  }

  now(): number {
    return Math.round(this.#source.passed() + this.#offset);
  }

  at(time: number, run: () => void): () => void {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const left = time - this.now();
      timer = left > longestTimer ? setTimeout(arm, longestTimer) : setTimeout(run, Math.max(0, left));
    };
    arm();
    return () => clearTimeout(timer);
  }

  onJump(listener: JumpListener): () => void {
    this.#listeners.add(listener);
    this.#comparing ??= setInterval(() => void this.compare(), comparePauseMilliseconds).unref();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#comparing);
      this.#comparing = undefined;
    };
  }

  /** Compares the machine's clock with the time that has passed, and follows it where it was set. */
  async compare(): Promise<void> {
    const milliseconds = Math.round(this.#source.wall() - this.#source.passed() - this.#offset);
    if (this.#following || Math.abs(milliseconds) < smallestJumpMilliseconds) return;
    this.#following = true;
    let follow: () => void = () => undefined;
    const followed = new Promise<void>((resolve) => (follow = resolve));
    await Promise.allSettled([...this.#listeners].map((listener) => listener(milliseconds, followed)));
    this.#offset += milliseconds;
    this.#following = false;
    follow();
  }
}
