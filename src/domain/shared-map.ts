const pageLength = 32;

/**
 * A map that is never changed in place, and of which a copy that differs in one value is cheap: the values stand on pages, and
 * the copy has one page of its own and all others in common. Its order is that of the first setting of each key, as in a `Map`.
 */
export class SharedMap<V> implements ReadonlyMap<string, V> {
  readonly size: number;
  /** The place of each key. Copies that have more keys add them here: places from `size` on are none of this map's. */
  readonly #places: Map<string, number>;
  readonly #pages: readonly (readonly V[])[];
  /** All values in a row, once somebody has asked for them. */
  #row: readonly V[] | undefined;

  private constructor(places: Map<string, number>, pages: readonly (readonly V[])[], size: number) {
    this.#places = places;
    this.#pages = pages;
    this.size = size;
  }

  /** The same map as one that can be copied cheaply. */
  static of<V>(map: ReadonlyMap<string, V>): SharedMap<V> {
    return map instanceof SharedMap ? (map as SharedMap<V>) : SharedMap.from(map);
  }

  /** Of a key that comes twice the last value counts. */
  static from<V>(entries: Iterable<readonly [string, V]>): SharedMap<V> {
    const map = new Map(entries);
    const values = [...map.values()];
    const pages: V[][] = [];
    for (let first = 0; first < values.length; first += pageLength)
      pages.push(values.slice(first, first + pageLength));
    return new SharedMap(new Map([...map.keys()].map((key, place) => [key, place])), pages, map.size);
  }

  /** A copy with this value. */
  with(key: string, value: V): SharedMap<V> {
    const known = this.#placeOf(key);
    const place = known ?? this.size;
    const number = Math.floor(place / pageLength);
    const page = [...(this.#pages[number] ?? [])];
    page[place % pageLength] = value;
    const pages = [...this.#pages];
    pages[number] = page;
    if (known !== undefined) return new SharedMap(this.#places, pages, this.size);
    // Another copy may have added a key of its own already: then they have no more places in common.
    const places = this.#places.size === this.size ? this.#places : new Map(this.#entriesOfPlaces());
    return new SharedMap(places.set(key, place), pages, this.size + 1);
  }

  /** A copy without this key; not cheap. */
  without(key: string): SharedMap<V> {
    return this.has(key) ? SharedMap.from([...this].filter(([other]) => other !== key)) : this;
  }

  get(key: string): V | undefined {
    const place = this.#placeOf(key);
    return place === undefined
      ? undefined
      : this.#pages[Math.floor(place / pageLength)]?.[place % pageLength];
  }

  has(key: string): boolean {
    return this.#placeOf(key) !== undefined;
  }

  values() {
    return this.#values().values();
  }

  keys() {
    return this.#entriesOfPlaces()
      .map(([key]) => key)
      .values();
  }

  entries() {
    const values = this.#values();
    return this.#entriesOfPlaces()
      .map(([key, place]): [string, V] => [key, values[place] as V])
      .values();
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  forEach(tell: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) tell(value, key, this);
  }

  #placeOf(key: string): number | undefined {
    const place = this.#places.get(key);
    return place !== undefined && place < this.size ? place : undefined;
  }

  #values(): readonly V[] {
    return (this.#row ??= this.#pages.flat<readonly (readonly V[])[]>());
  }

  #entriesOfPlaces(): readonly (readonly [string, number])[] {
    return [...this.#places].slice(0, this.size);
  }
}
