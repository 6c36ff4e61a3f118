import type { Session, SessionRequest } from './session.ts';

/**
 * The same function, but that it works an answer out once for each key. What is asked about is never changed in place, so an
 * answer holds as long as the key is in use.
 */
export function rememberedFor<K extends object, V>(workOut: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = workOut(key);
    known.set(key, value);
    return value;
  };
}

/**
 * The same function of a session and more, but that the newest answer for each session is kept for as long as every part that
 * it is worked out from is the same value or the same object. `partsOf` must name them all.
 */
export function rememberedWhile<A extends readonly [Session, ...unknown[]], V>(
  partsOf: (...of: A) => readonly unknown[],
  workOut: (...of: A) => V,
): (...of: A) => V {
  /** By the session's request: it is the same object all along. */
  const newest = new WeakMap<SessionRequest, { readonly parts: readonly unknown[]; readonly value: V }>();
  return (...of) => {
    const [{ request }] = of;
    const parts = partsOf(...of);
    const last = newest.get(request);
    if (last !== undefined && areSame(last.parts, parts)) return last.value;
    const value = workOut(...of);
    newest.set(request, { parts, value });
    return value;
  };
}

/** Are these the same values, one by one? */
export function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((value, place) => Object.is(value, others[place]));
}
