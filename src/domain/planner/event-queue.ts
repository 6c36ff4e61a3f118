/** What is going to happen, soonest first; of what happens at one moment what was added first. */
export class EventQueue<T> {
  readonly #heap: { readonly time: number; readonly turn: number; readonly event: T }[] = [];
  #turn = 0;

  get nextTime(): number | undefined {
    return this.#heap[0]?.time;
  }

  add(time: number, event: T): void {
    const heap = this.#heap;
    const entry = { time, turn: this.#turn++, event };
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = entry;
  }

  take(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (heap.length === 0) return first.event;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, left)) child++;
      const below = heap[child] ?? left;
      if (!isBefore(below, last)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
    return first.event;
  }
}

type Entry = { readonly time: number; readonly turn: number };

const isBefore = (one: Entry, other: Entry) =>
  one.time < other.time || (one.time === other.time && one.turn < other.turn);
