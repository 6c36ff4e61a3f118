/** Time as the lab sees it; tests replace it by a clock of their own. */
export interface Timers {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` once after so many seconds. Returns what cancels it. */
  after(seconds: number, run: () => void): () => void;
  /** Cancels everything that still waits. */
  stop(): void;
}

/** The clock of this computer. */
export function systemTimers(): Timers {
  const waiting = new Set<NodeJS.Timeout>();
  return {
    now: () => Date.now(),
    after(seconds, run) {
      const handle = setTimeout(() => {
        waiting.delete(handle);
        run();
      }, seconds * 1000);
      waiting.add(handle);
      return () => {
        clearTimeout(handle);
        waiting.delete(handle);
      };
    },
    stop() {
      for (const handle of waiting) clearTimeout(handle);
      waiting.clear();
    },
  };
}
