/**
 * Indexes of collections that are never changed in place. One that is asked for again and again is kept up: when a collection
 * comes about by changing one value of another, what was known of that one is carried over at the cost of that value.
 */
import { SharedMap } from './shared-map.ts';

export type Index<T> = ReadonlyMap<string, readonly T[]>;
/** The key under which a value stands; undefined: under none. The function itself names the index: it must be the same each time. */
export type KeyOf<T> = (value: T) => string | undefined;

interface Kept<T> {
  readonly index: Index<T>;
  /** How many changes ago it was asked for. */
  idle: number;
}

/** An index that nobody asked for during so many changes is not kept up any more. */
const longestIdle = 100;

const indexes = new WeakMap<object, Map<KeyOf<never>, Kept<never>>>();

/** Puts values into lists, by a key; those without one are left out. */
export function groupedBy<T>(values: Iterable<T>, keyOf: KeyOf<T>): Index<T> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/** The values of a collection by a key, in the order of the collection. A list stays the same object while its values do. */
export function indexOf<T>(collection: object, values: () => Iterable<T>, keyOf: KeyOf<T>): Index<T> {
  const known = (indexes.get(collection) ?? new Map()) as Map<KeyOf<T>, Kept<T>>;
  const found = known.get(keyOf);
  if (found !== undefined) {
    found.idle = 0;
    return found.index;
  }
  const index = groupedBy(values(), keyOf);
  known.set(keyOf, { index, idle: 0 });
  indexes.set(collection, known as unknown as Map<KeyOf<never>, Kept<never>>);
  return index;
}

/** A collection of which indexes are kept up. */
export type Collection<T> = ReadonlyMap<string, T>;

/** One value of a collection has become another; without `before`, `after` is new and the last one. */
export interface Change<T> {
  readonly before: T | undefined;
  readonly after: T;
}

/** What is known of `from` holds for `to`, which differs from it in these values. */
export function carryOver<T>(from: Collection<T>, to: Collection<T>, changes: readonly Change<T>[]): void {
  const known = indexes.get(from) as Map<KeyOf<T>, Kept<T>> | undefined;
  if (known === undefined) return;
  const carried = new Map<KeyOf<T>, Kept<T>>();
  for (const [keyOf, { index, idle }] of known)
    if (idle < longestIdle)
      carried.set(keyOf, { index: replaced(index, keyOf, to, changes), idle: idle + 1 });
  indexes.set(to, carried as unknown as Map<KeyOf<never>, Kept<never>>);
}

function replaced<T>(
  index: Index<T>,
  keyOf: KeyOf<T>,
  to: Collection<T>,
  changes: readonly Change<T>[],
): Index<T> {
  let next = SharedMap.of(index);
  const keep = (key: string, list: readonly T[]) => {
    next = list.length === 0 ? next.without(key) : next.with(key, list);
  };
  for (const { before, after } of changes) {
    const oldKey = before === undefined ? undefined : keyOf(before);
    const newKey = keyOf(after);
    if (oldKey === undefined && newKey === undefined) continue;
    const old = oldKey === undefined ? [] : (next.get(oldKey) ?? []);
    if (oldKey !== undefined && oldKey === newKey) {
      keep(
        oldKey,
        old.map((value) => (value === before ? after : value)),
      );
      continue;
    }
    if (oldKey !== undefined)
      keep(
        oldKey,
        old.filter((value) => value !== before),
      );
    if (newKey === undefined) continue;
    // Only the collection knows the place of a value among those of its new key; a single new one is the last.
    const list =
      before === undefined && changes.length === 1
        ? [...(next.get(newKey) ?? []), after]
        : [...to.values()].filter((value) => keyOf(value) === newKey);
    keep(newKey, list);
  }
  return next;
}
