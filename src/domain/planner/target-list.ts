/**
 * The hosts that may take instances, by how much is free on them, so that the fullest that still fits is found without
 * looking at all: large gaps stay for large instances.
 */
import { resourceKinds, type IndexedCampaign } from './index-campaign.ts';
import type { Room } from './room.ts';

/** Hosts with so many times the smallest instance free, or more, are not told apart. */
const mostLevels = 128;

export class TargetList {
  readonly #room: Room;
  readonly #size: Float64Array;
  /** The smallest size of an instance, per resource. */
  readonly #unit: readonly number[];
  readonly #levels: number;
  /** Per level the hosts. */
  readonly #hosts: readonly number[][];
  /** Per host its level; -1: not on the list. */
  readonly #level: Int32Array;
  /** Per host its place within its level. */
  readonly #place: Int32Array;
  /** What is free in all, per resource. */
  readonly #total = [0, 0, 0];
  /** Per host what it adds to the total. */
  readonly #counted: Float64Array;

  constructor(index: IndexedCampaign, room: Room, unit: readonly number[]) {
    this.#room = room;
    this.#size = index.size;
    this.#unit = unit;
    this.#levels = levelsNeeded(index, unit);
    this.#hosts = Array.from({ length: this.#levels }, () => []);
    const count = index.campaign.hosts.length;
    this.#level = new Int32Array(count).fill(-1);
    this.#place = new Int32Array(count);
    this.#counted = new Float64Array(count * resourceKinds);
  }

  add(host: number): void {
    if ((this.#level[host] ?? -1) >= 0) return;
    this.#enter(host);
    this.#count(host);
  }

  remove(host: number): void {
    if ((this.#level[host] ?? -1) < 0) return;
    this.#leave(host);
    this.#level[host] = -1;
    for (let kind = 0; kind < resourceKinds; kind++) {
      const place = host * resourceKinds + kind;
      this.#total[kind] = (this.#total[kind] ?? 0) - (this.#counted[place] ?? 0);
      this.#counted[place] = 0;
    }
  }

  has(host: number): boolean {
    return (this.#level[host] ?? -1) >= 0;
  }

  /** To be called whenever something was taken from a host or given back. */
  update(host: number): void {
    if (!this.has(host)) return;
    if (this.#levelOf(host) !== this.#level[host]) {
      this.#leave(host);
      this.#enter(host);
    }
    this.#count(host);
  }

  /** What is free on all of them together. */
  totalFree(kind: number): number {
    return this.#total[kind] ?? 0;
  }

  /** The hosts to which an instance may go, fullest first: at most so many, and not more than `looks` are looked at. */
  fitting(instance: number, most: number, looks: number): readonly number[] {
    const found: number[] = [];
    let left = looks;
    for (let level = this.#leastLevel(instance); level < this.#levels; level++) {
      for (const host of this.#hosts[level] ?? []) {
        if (this.#room.fits(instance, host)) {
          found.push(host);
          if (found.length >= most) return found;
        }
        if (--left <= 0) return found;
      }
    }
    return found;
  }

  /** Every host on the list, fullest first. */
  all(): readonly number[] {
    return this.#hosts.flat();
  }

  #count(host: number): void {
    for (let kind = 0; kind < resourceKinds; kind++) {
      const place = host * resourceKinds + kind;
      const free = Math.max(0, this.#room.free(host, kind));
      this.#total[kind] = (this.#total[kind] ?? 0) + free - (this.#counted[place] ?? 0);
      this.#counted[place] = free;
    }
  }

  /** So many of the smallest instances fit, by the scarcest resource. */
  #levelOf(host: number): number {
    let level = this.#levels - 1;
    for (let kind = 0; kind < resourceKinds; kind++) {
      const unit = this.#unit[kind] ?? 0;
      if (unit > 0) level = Math.min(level, Math.floor(this.#room.free(host, kind) / unit));
    }
    return Math.max(0, level);
  }

  /** No host of a lower level can have room for it. */
  #leastLevel(instance: number): number {
    let level = this.#levels - 1;
    for (let kind = 0; kind < resourceKinds; kind++) {
      const unit = this.#unit[kind] ?? 0;
      const size = this.#size[instance * resourceKinds + kind] ?? 0;
      if (unit > 0) level = Math.min(level, Math.floor(size / unit));
    }
    return level;
  }

  #enter(host: number): void {
    const level = this.#levelOf(host);
    const list = this.#hosts[level] ?? [];
    this.#level[host] = level;
    this.#place[host] = list.length;
    list.push(host);
  }

  #leave(host: number): void {
    const list = this.#hosts[this.#level[host] ?? 0] ?? [];
    const last = list.pop();
    if (last === undefined || last === host) return;
    const place = this.#place[host] ?? 0;
    list[place] = last;
    this.#place[last] = place;
  }
}

/** As many as an empty host of the largest kind needs: fewer levels are looked through more quickly. */
function levelsNeeded({ capacity }: IndexedCampaign, unit: readonly number[]): number {
  let most = 0;
  for (let first = 0; first < capacity.length; first += resourceKinds) {
    let level = mostLevels - 1;
    for (let kind = 0; kind < resourceKinds; kind++) {
      const least = unit[kind] ?? 0;
      if (least > 0) level = Math.min(level, Math.floor((capacity[first + kind] ?? 0) / least));
    }
    most = Math.max(most, level);
  }
  return most + 1;
}

/** The smallest size of an instance, per resource; 0 where none has any of it. */
export function smallestSize({ size }: IndexedCampaign): readonly number[] {
  const unit = [Infinity, Infinity, Infinity];
  size.forEach((amount, place) => {
    const kind = place % resourceKinds;
    if (amount > 0) unit[kind] = Math.min(unit[kind] ?? Infinity, amount);
  });
  return unit.map((amount) => (Number.isFinite(amount) ? amount : 0));
}
