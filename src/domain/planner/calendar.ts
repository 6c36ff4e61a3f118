/** How many of something are taken at every moment from now on: slots of a group's budget, or migration streams. */
export class Calendar {
  /** When the number changes; the first is always in the past. */
  readonly #times: number[] = [-Infinity];
  /** How many are taken from that moment to the next. */
  readonly #taken: number[] = [0];

  /**
   * The earliest moment from `from` on at which fewer than `limit` are taken for so long without a break; Infinity: never.
   * Until `ownUntil` one of those that are taken is taken by the one that asks, and does not stand in its way.
   */
  earliest(from: number, seconds: number, limit: number, ownUntil = 0): number {
    const times = this.#times;
    let start = from;
    for (let k = this.#segment(from); k < times.length; k++) {
      const begins = times[k] ?? 0;
      if (begins >= start + seconds && begins > start) return start;
      const taken = this.#taken[k] ?? 0;
      if (taken < limit) continue;
      const ends = times[k + 1] ?? Infinity;
      if (ownUntil > Math.max(begins, start)) {
        if (taken - 1 >= limit) start = Math.min(ends, ownUntil);
        // Over before the rest of the segment counts, or not touching it.
        if (ends <= ownUntil || start + seconds <= ownUntil) continue;
      }
      start = Math.max(start, ends);
    }
    return start;
  }

  /** Takes one from a moment to another. */
  take(from: number, to: number): void {
    this.#change(from, to, 1);
  }

  /** Takes back what was taken. */
  giveBack(from: number, to: number): void {
    this.#change(from, to, -1);
  }

  /** Forgets what is over. */
  forget(before: number): void {
    const keep = this.#segment(before);
    // Not each time: to move the rest forward costs as much as it saves.
    if (keep < 16) return;
    this.#times.splice(0, keep);
    this.#taken.splice(0, keep);
    this.#times[0] = -Infinity;
  }

  /** The number of the segment that holds a moment. */
  #segment(moment: number): number {
    const times = this.#times;
    let low = 0;
    let high = times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((times[middle] ?? 0) <= moment) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #change(from: number, to: number, by: 1 | -1): void {
    if (!(to > from)) return;
    const first = this.#split(from);
    const last = to === Infinity ? this.#times.length : this.#split(to);
    for (let k = first; k < last; k++) this.#taken[k] = (this.#taken[k] ?? 0) + by;
    this.#join(last);
    this.#join(first);
  }

  /** A segment with as many taken as the one before it is none of its own. */
  #join(k: number): void {
    if (k < 1 || k >= this.#times.length || this.#taken[k] !== this.#taken[k - 1]) return;
    this.#times.splice(k, 1);
    this.#taken.splice(k, 1);
  }

  #split(moment: number): number {
    const k = this.#segment(moment);
    if (this.#times[k] === moment) return k;
    this.#times.splice(k + 1, 0, moment);
    this.#taken.splice(k + 1, 0, this.#taken[k] ?? 0);
    return k + 1;
  }
}
