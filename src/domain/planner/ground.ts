/** Where everything is while a campaign is rolled forward, without regard to time: the hosts' standing, who carries what. */
import type { CampaignProgress } from './campaign.ts';
import type { IndexedCampaign } from './index-campaign.ts';
import type { Packing } from './packing.ts';
import { Room } from './room.ts';
import { smallestSize, TargetList } from './target-list.ts';

/**
 * `waiting`: still to be emptied; `busy`: being emptied or maintained; `ending`: in maintenance, and so near to its end that
 * places on it are given away; `open`: takes instances; `shut`: neither of it.
 */
export type Standing = 'waiting' | 'busy' | 'ending' | 'open' | 'shut';

export class Ground {
  readonly index: IndexedCampaign;
  readonly room: Room;
  readonly standing: Standing[];
  /** Per host the instances that are on it for good or come to it; one that is on its way away counts where it goes. */
  readonly carried: number[][];
  /** Per host the instances that are on their way away from it, and hold their room there until it is finished. */
  readonly leaving: number[][];
  /** Hosts that are finished, or not to be maintained, and take instances. */
  readonly open: TargetList;
  /** Hosts whose maintenance ends soon: what is to go there waits for that. */
  readonly ending: TargetList;
  /** Hosts still to be maintained that carry something (or nothing, after `offerEmpty`) and take instances: only those that are emptied first go there. */
  readonly unfinished: TargetList;
  readonly #unit: readonly number[];
  #offersEmpty = false;

  private constructor(
    index: IndexedCampaign,
    room: Room,
    standing: Standing[],
    carried: number[][],
    leaving: number[][],
    unit: readonly number[],
  ) {
    this.index = index;
    this.room = room;
    this.standing = standing;
    this.carried = carried;
    this.leaving = leaving;
    this.#unit = unit;
    this.open = new TargetList(index, room, unit);
    this.ending = new TargetList(index, room, unit);
    this.unfinished = new TargetList(index, room, unit);
    standing.forEach((_, host) => this.#list(host));
  }

  /** As a campaign stands. What is moving holds room on both hosts. */
  static of(index: IndexedCampaign): Ground {
    const { campaign, at, target } = index;
    const room = Room.empty(index);
    const standing = campaign.hosts.map(({ progress, takesInstances }) =>
      standingOf(progress, takesInstances),
    );
    const carried: number[][] = campaign.hosts.map(() => []);
    const leaving: number[][] = campaign.hosts.map(() => []);
    campaign.instances.forEach((_, instance) => {
      const from = at[instance] ?? -1;
      const to = target[instance] ?? -1;
      room.take(instance, from);
      if (to >= 0 && to !== from) {
        room.take(instance, to);
        leaving[from]?.push(instance);
      }
      carried[to >= 0 ? to : from]?.push(instance);
    });
    return new Ground(index, room, standing, carried, leaving, smallestSize(index));
  }

  clone(): Ground {
    const copy = new Ground(
      this.index,
      this.room.clone(),
      [...this.standing],
      this.carried.map((instances) => [...instances]),
      this.leaving.map((instances) => [...instances]),
      this.#unit,
    );
    if (this.#offersEmpty) copy.offerEmpty();
    return copy;
  }

  /** From now on hosts that are still to be maintained may take instances even where they carry none. */
  offerEmpty(): void {
    this.#offersEmpty = true;
    this.standing.forEach((_, host) => this.#list(host));
  }

  /** Takes room for an instance that comes to a host. */
  reserve(instance: number, host: number): void {
    this.room.take(instance, host);
    this.#update(host);
  }

  /** Its room on a host is free again. */
  release(instance: number, host: number): void {
    this.room.giveBack(instance, host);
    if (host >= 0) this.#update(host);
  }

  /** Instances whose room was reserved count from now on as the targets' own; they go on holding room on their host. */
  assign(host: number, { instances, targets }: Packing): void {
    const gone = new Set(instances);
    this.carried[host] = (this.carried[host] ?? []).filter((instance) => !gone.has(instance));
    this.leaving[host]?.push(...instances);
    this.setStanding(host, 'busy');
    instances.forEach((instance, place) => {
      const target = targets[place] ?? -1;
      if (target >= 0) {
        this.carried[target]?.push(instance);
        this.#list(target);
      }
    });
  }

  /** The maintenance of a host ends soon: from now on instances may be sent there that wait for it. */
  offerEnding(host: number): void {
    if (this.afterMaintenance(host) !== 'open') return;
    for (const instance of this.leaving[host] ?? []) this.room.giveBack(instance, host);
    this.leaving[host] = [];
    this.setStanding(host, 'ending');
  }

  /** A host has been maintained: what left it holds no room there any more. */
  finish(host: number): void {
    for (const instance of this.leaving[host] ?? []) this.room.giveBack(instance, host);
    this.leaving[host] = [];
    this.setStanding(host, this.afterMaintenance(host));
  }

  /** An instance has left a host that is not being emptied. */
  depart(instance: number, host: number): void {
    this.leaving[host] = (this.leaving[host] ?? []).filter((other) => other !== instance);
    this.release(instance, host);
  }

  setStanding(host: number, standing: Standing): void {
    this.standing[host] = standing;
    this.#list(host);
  }

  /** What a host becomes once it is maintained. */
  afterMaintenance(host: number): Standing {
    const { progress, takesInstances } = this.index.campaign.hosts[host] ?? {};
    return takesInstances === true || progress === 'in_maintenance' ? 'open' : 'shut';
  }

  #update(host: number): void {
    this.open.update(host);
    this.ending.update(host);
    this.unfinished.update(host);
  }

  #list(host: number): void {
    const standing = this.standing[host];
    if (standing === 'open') this.open.add(host);
    else this.open.remove(host);
    if (standing === 'ending') this.ending.add(host);
    else this.ending.remove(host);
    const { takesInstances, progress } = this.index.campaign.hosts[host] ?? {};
    const takes = takesInstances === true && progress === 'waiting';
    const offers = this.#offersEmpty || (this.carried[host]?.length ?? 0) > 0;
    if (standing === 'waiting' && takes && offers) this.unfinished.add(host);
    else this.unfinished.remove(host);
  }
}

function standingOf(progress: CampaignProgress, takesInstances: boolean): Standing {
  if (progress === 'waiting') return 'waiting';
  if (progress === 'draining' || progress === 'in_maintenance') return 'busy';
  return takesInstances ? 'open' : 'shut';
}
