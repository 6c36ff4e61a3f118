import type { Clock } from './ports.ts';

/** Waits this many milliseconds; rejects with the signal's reason when it aborts. */
export function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abandon = () => {
      cancel();
      reject(signal.reason as Error);
    };
    const cancel = clock.at(clock.now() + milliseconds, () => {
      signal.removeEventListener('abort', abandon);
      resolve();
    });
    if (signal.aborted) abandon();
    else signal.addEventListener('abort', abandon, { once: true });
  });
}
