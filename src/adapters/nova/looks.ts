import { pause } from '../http-client/pause.ts';

/** How often something is looked at that takes its time, milliseconds. */
export interface LookPauses {
  readonly firstMilliseconds: number;
  readonly growth: number;
  readonly longestMilliseconds: number;
}

/** What one look saw: the end, or how far it has come. */
export type Look<T> = { readonly ended: T } | { readonly progress: string };

/**
 * Looks until the end is seen. Pauses grow while nothing happens and start short again whenever progress was seen: the
 * next step is then likely to be near.
 * @throws what `look` throws; the signal's reason as soon as it aborts.
 */
export async function lookUntilEnded<T>(
  look: () => Promise<Look<T>>,
  { firstMilliseconds, growth, longestMilliseconds }: LookPauses,
  signal: AbortSignal,
): Promise<T> {
  let milliseconds = firstMilliseconds;
  let progress: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const seen = await look();
    if ('ended' in seen) return seen.ended;
    if (seen.progress !== progress) milliseconds = firstMilliseconds;
    progress = seen.progress;
    await pause(milliseconds, signal);
    milliseconds = Math.min(milliseconds * growth, longestMilliseconds);
  }
}
