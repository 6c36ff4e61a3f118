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
 * The same function, but that its newest answer for each key is kept for as long as everything that it is worked out from is
 * the same value or the same object. `partsOf` must name it all, but for the key itself.
 */
export function rememberedWhile<A extends readonly unknown[], V>(
  keyOf: (...of: A) => object,
  partsOf: (...of: A) => readonly unknown[],
  workOut: (...of: A) => V,
): (...of: A) => V {
  const newest = new WeakMap<object, { readonly parts: readonly unknown[]; readonly value: V }>();
  return (...of) => {
    const key = keyOf(...of);
    const parts = partsOf(...of);
    const last = newest.get(key);
    if (last !== undefined && areSame(last.parts, parts)) return last.value;
    const value = workOut(...of);
    newest.set(key, { parts, value });
    return value;
  };
}

/** What stays the same object as long as a session lasts. */
export const theSession = ({ request }: Session): SessionRequest => request;

/** Are these the same values, one by one? */
export function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((value, place) => Object.is(value, others[place]));
}
