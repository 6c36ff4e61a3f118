/** What is free on every host, and how many members of each `apart` rule it carries or expects. */
import { resourceKinds, type IndexedCampaign } from './index-campaign.ts';

export class Room {
  readonly #index: IndexedCampaign;
  readonly #free: Float64Array;
  /** By rule and host. */
  readonly #members: Map<number, number>;

  private constructor(index: IndexedCampaign, free: Float64Array, members: Map<number, number>) {
    this.#index = index;
    this.#free = free;
    this.#members = members;
  }

  /** Nothing is taken yet. */
  static empty(index: IndexedCampaign): Room {
    return new Room(index, index.capacity.slice(), new Map());
  }

  clone(): Room {
    return new Room(this.#index, this.#free.slice(), new Map(this.#members));
  }

  /** How much of a resource (0 vCPUs, 1 MiB of memory, 2 GiB of disk) is free; below 0 on a host that is overfull. */
  free(host: number, kind: number): number {
    return this.#free[host * resourceKinds + kind] ?? 0;
  }

  /** May this instance come to this host, besides all that is there or expected? */
  fits(instance: number, host: number): boolean {
    return this.hasSpace(instance, host) && this.isAllowed(instance, host);
  }

  hasSpace(instance: number, host: number): boolean {
    const { size } = this.#index;
    const i = instance * resourceKinds;
    const h = host * resourceKinds;
    const free = this.#free;
    return (
      (size[i] ?? 0) <= (free[h] ?? 0) &&
      (size[i + 1] ?? 0) <= (free[h + 1] ?? 0) &&
      (size[i + 2] ?? 0) <= (free[h + 2] ?? 0)
    );
  }

  /** As far as the rules go that keep instances apart. */
  isAllowed(instance: number, host: number): boolean {
    const rules = this.#index.apart[instance] ?? [];
    for (const rule of rules) {
      if (this.members(rule, host) >= (this.#index.maxPerHost[rule] ?? Infinity)) return false;
    }
    return true;
  }

  /** How many members of a rule a host carries or expects. */
  members(rule: number, host: number): number {
    return this.#members.get(rule * this.#index.campaign.hosts.length + host) ?? 0;
  }

  take(instance: number, host: number): void {
    this.#change(instance, host, 1);
  }

  giveBack(instance: number, host: number): void {
    this.#change(instance, host, -1);
  }

  #change(instance: number, host: number, sign: 1 | -1): void {
    if (host < 0) return;
    const { size, apart, campaign } = this.#index;
    const free = this.#free;
    for (let kind = 0; kind < resourceKinds; kind++) {
      const place = host * resourceKinds + kind;
      free[place] = (free[place] ?? 0) - sign * (size[instance * resourceKinds + kind] ?? 0);
    }
    for (const rule of apart[instance] ?? []) {
      const key = rule * campaign.hosts.length + host;
      const count = (this.#members.get(key) ?? 0) + sign;
      if (count === 0) this.#members.delete(key);
      else this.#members.set(key, count);
    }
  }
}
