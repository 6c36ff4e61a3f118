/**
 * Indexes of collections that are never changed in place. One that is asked for again and again is kept up: when a collection
 * comes about by changing one value of another, what was known of that one is carried over at the cost of that value.
 */
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

/**
 * What is known of `from` holds for `to`, which differs from it in one value: `before` has become `after`. Without `before`,
 * `after` is new and the last one.
 */
export function carryOver<T>(from: object, to: object, before: T | undefined, after: T): void {
  const known = indexes.get(from) as Map<KeyOf<T>, Kept<T>> | undefined;
  if (known === undefined) return;
  const carried = new Map<KeyOf<T>, Kept<T>>();
  for (const [keyOf, { index, idle }] of known) {
    const next = idle < longestIdle ? replaced(index, keyOf, before, after) : undefined;
    if (next !== undefined) carried.set(keyOf, { index: next, idle: idle + 1 });
  }
  indexes.set(to, carried as unknown as Map<KeyOf<never>, Kept<never>>);
}

/** Undefined where the place of the value in its new list is not known. */
function replaced<T>(
  index: Index<T>,
  keyOf: KeyOf<T>,
  before: T | undefined,
  after: T,
): Index<T> | undefined {
  const oldKey = before === undefined ? undefined : keyOf(before);
  const newKey = keyOf(after);
  if (oldKey === undefined && newKey === undefined) return index;
  if (oldKey !== newKey && newKey !== undefined && before !== undefined) return undefined;
  const next = new Map(index);
  if (oldKey === undefined && newKey !== undefined)
    return next.set(newKey, [...(index.get(newKey) ?? []), after]);
  const key = oldKey ?? '';
  const list = index.get(key) ?? [];
  const changed =
    newKey === undefined
      ? list.filter((value) => value !== before)
      : list.map((value) => (value === before ? after : value));
  if (changed.length === 0) next.delete(key);
  else next.set(key, changed);
  return next;
}
