/** Lower bound 5: the time of a window (facts feat03, "Lower bounds"). */
import type { LowerBound } from '../certificate.ts';
import { durationWords } from './duration-words.ts';

/**
 * Only where there is a window. Work is done in window time alone, so every other bound is a bound on window time; a window makes
 * none of them larger. It is the largest of them, and says whether that much fits into the window.
 */
export function windowBound(
  windowSeconds: number | undefined,
  others: readonly LowerBound[],
): LowerBound | undefined {
  if (windowSeconds === undefined) return undefined;
  const seconds = others.reduce((most, bound) => Math.max(most, bound.seconds), 0);
  const need = `no schedule takes less than ${durationWords(seconds)} of window time`;
  const because =
    seconds > windowSeconds
      ? `${need}, but the window has ${durationWords(windowSeconds)}: not all of it can be done in it`
      : `${need}; the window has ${durationWords(windowSeconds)}`;
  return { name: 'window', seconds, because };
}
