/**
 * A campaign on its way: what is under way, what is waiting, what is taken. The running session makes one at every event to
 * ask which hosts come next; the planner makes one and lets time pass.
 */
import { drainSeconds, freeRoom } from './campaign-sums.ts';
import { EventQueue } from './event-queue.ts';
import { Ground } from './ground.ts';
import { GroupLoad } from './group-load.ts';
import type { IndexedCampaign } from './index-campaign.ts';
import { packInstances, type Packing } from './packing.ts';
import { standingCost, type Weights } from './priority.ts';
import { Timetable, type Leaving, type TimedDrain } from './timetable.ts';

type Happening =
  | { readonly kind: 'maintained'; readonly host: number }
  /** Its maintenance ends soon. */
  | { readonly kind: 'ending'; readonly host: number }
  | { readonly kind: 'departed'; readonly instance: number; readonly host: number }
  /** Something is different: look again. */
  | { readonly kind: 'arrived' };

/** Up to this share of the hosts is called the first ones. */
const firstHosts = 0.02;

/** So large a share of what is free makes it worth to move some instances twice. */
export const scattered = 0.05;

/** In campaigns of fewer hosts a few second moves are already many, and few maintenances end side by side: no place is given away ahead. */
export const manyHosts = 20;

export interface RolloutOptions {
  readonly weights: Weights;
  /** Only hosts whose projects have agreed are admitted; the planner itself reckons with lead times instead. */
  readonly onlyReady: boolean;
}

/** What is known of a host's own part of the plan. */
export interface HostTimes {
  readonly host: number;
  readonly admittedAt: number;
  readonly startsAt: number;
  readonly endsAt: number;
}

export class Rollout {
  readonly index: IndexedCampaign;
  readonly ground: Ground;
  readonly timetable: Timetable;
  readonly options: RolloutOptions;
  readonly groups: GroupLoad;
  readonly meanSeconds: number;
  /** How long it takes to empty a host, about. */
  readonly drainSeconds: number;
  /** Hosts that are being emptied or maintained, and will be finished. */
  working = 0;
  /** Hosts of this campaign that are maintained. */
  finished: number;
  /** Hosts that are still to be begun with. */
  waiting = 0;
  now = 0;
  readonly hosts: HostTimes[] = [];
  readonly drains: { readonly host: number; readonly packing: Packing; readonly drain: TimedDrain }[] = [];
  /** Hosts that are being emptied already, and for whose last instances there is no room yet. */
  readonly #stranded = new Set<number>();
  readonly #events = new EventQueue<Happening>();
  /** Per host when the last instance is there that is on its way to it. */
  readonly #arrivals: Float64Array;
  /** Per host when its maintenance ends, once that is known. */
  readonly #opensAt: Float64Array;
  /** Per resource what all hosts have beyond what the instances take. */
  readonly #free: readonly number[];
  /** Hosts that may be emptied later, best first; those that were admitted since are left out as they are met. */
  #order: number[] = [];

  constructor(index: IndexedCampaign, options: RolloutOptions, ground = Ground.of(index)) {
    const { hosts } = index.campaign;
    this.index = index;
    this.options = options;
    this.ground = ground;
    this.timetable = new Timetable(index);
    this.finished = hosts.filter(({ progress }) => progress === 'maintained').length;
    this.#arrivals = new Float64Array(hosts.length);
    this.#opensAt = new Float64Array(hosts.length);
    this.drainSeconds = drainSeconds(index.campaign);
    this.meanSeconds =
      hosts.reduce((sum, { maintenanceSeconds }) => sum + maintenanceSeconds, 0) / Math.max(1, hosts.length);
    this.#free = freeRoom(index);
    this.#takeUp();
    this.waiting = ground.standing.filter((standing) => standing === 'waiting').length;
    this.groups = new GroupLoad(index, ground);
    this.sort();
  }

  /** The hosts that are waiting, best first. */
  get order(): readonly number[] {
    return this.#order;
  }

  /** Is everything there that is on its way to it? */
  hasArrived(host: number): boolean {
    return (this.#arrivals[host] ?? 0) <= this.now;
  }

  /** How many hosts more may be worked on. */
  get openPlaces(): number {
    return (this.index.campaign.parallelHosts ?? Infinity) - this.working - this.#stranded.size;
  }

  /** Would it be done within the window, if its maintenance began then? */
  endsInWindow(host: number, startsAt: number): boolean {
    const { hosts, windowSeconds = Infinity } = this.index.campaign;
    return startsAt + (hosts[host]?.maintenanceSeconds ?? 0) <= windowSeconds;
  }

  /**
   * May instances go to hosts that are still to be maintained? Always for the first hosts; later while much of what is free is
   * there, where nothing else makes use of it.
   */
  get mayMoveAgain(): boolean {
    const share = this.finished / this.index.campaign.hosts.length;
    if (share <= firstHosts) return true;
    if (share > this.options.weights.firstShare || this.index.campaign.hosts.length < manyHosts) return false;
    return this.#free.every((free, kind) => this.ground.unfinished.totalFree(kind) > scattered * free);
  }

  /** How long it takes to move so many, if nothing else is in the way. */
  moveSeconds(instances: readonly number[]): number {
    const { instances: known, streams } = this.index.campaign;
    const sum = instances.reduce((seconds, instance) => seconds + (known[instance]?.moveSeconds ?? 0), 0);
    return sum / Math.max(1, streams.perHost);
  }

  /** About how long it takes yet, if as many hosts as now are worked on at once to the end. */
  get secondsLeft(): number {
    return (this.waiting / Math.max(1, this.working)) * this.meanSeconds;
  }

  /** To be asked for after loads have changed. */
  sort(): void {
    const { ground, meanSeconds, options } = this;
    const waiting = [...ground.standing.keys()].filter((host) => ground.standing[host] === 'waiting');
    const cost = new Map(
      waiting.map((host) => [host, standingCost(ground, host, options.weights, meanSeconds)]),
    );
    this.#order = waiting.sort((a, b) => (cost.get(a) ?? 0) - (cost.get(b) ?? 0) || a - b);
  }

  /** Takes out those that are waiting no more; once in a while, as it looks at all. */
  #tidy(): void {
    this.#order = this.#order.filter((host) => this.ground.standing[host] === 'waiting');
  }

  /** Begins with a host whose room has been reserved. */
  admit(host: number, packing: Packing): void {
    const drain = this.timetable.book(this.#leaving(host, packing), this.now);
    this.waiting--;
    this.ground.assign(host, packing);
    this.drains.push({ host, packing, drain });
    this.#stranded.delete(host);
    const { standing } = this.ground;
    packing.instances.forEach((instance, place) => {
      this.groups.count(instance, -1);
      const target = packing.targets[place] ?? -1;
      if (target < 0 || standing[target] !== 'waiting') return;
      this.groups.count(instance, 1);
      this.#arrivals[target] = Math.max(this.#arrivals[target] ?? 0, drain.emptyAt);
    });
    if (packing.targets.some((target) => standing[target] === 'waiting'))
      this.#events.add(drain.emptyAt, { kind: 'arrived' });
    if (this.#order.length > 64 && this.drains.length % 32 === 0) this.#tidy();
    this.maintain(host, drain.emptyAt);
  }

  /** Its maintenance begins at `startsAt`. */
  maintain(host: number, startsAt: number): void {
    const endsAt = startsAt + (this.index.campaign.hosts[host]?.maintenanceSeconds ?? 0);
    if (this.ground.standing[host] === 'waiting') this.waiting--;
    this.ground.setStanding(host, 'busy');
    this.hosts.push({ host, admittedAt: this.now, startsAt, endsAt });
    if (endsAt === Infinity) return;
    this.working++;
    this.#events.add(endsAt, { kind: 'maintained', host });
    this.#expectEnd(host, startsAt, endsAt);
  }

  /** How that host would be emptied from now on. */
  forecast(host: number, packing: Packing, withStreams: boolean): TimedDrain {
    return this.timetable.forecast(this.#leaving(host, packing), this.now, withStreams);
  }

  #leaving(host: number, { instances, targets }: Packing): Leaving {
    return { host, instances, targetOpensAt: (place) => this.#opensAt[targets[place] ?? -1] ?? 0 };
  }

  #expectEnd(host: number, startsAt: number, endsAt: number): void {
    this.#opensAt[host] = endsAt;
    if (this.index.campaign.hosts.length < manyHosts) return;
    const { ahead, aheadAtFirst } = this.options.weights;
    const times = this.finished === 0 ? aheadAtFirst : ahead;
    const from = Math.max(startsAt, endsAt - Math.floor(times * this.drainSeconds));
    if (from <= this.now) this.ground.offerEnding(host);
    else if (from < endsAt) this.#events.add(from, { kind: 'ending', host });
  }

  /** When the last instance has left a host that carries none. */
  emptyFrom(host: number): number {
    let from = this.now;
    for (const instance of this.ground.leaving[host] ?? []) {
      const { isMoving, moveSeconds } = this.index.campaign.instances[instance] ?? {};
      if (isMoving === true) from = Math.max(from, moveSeconds ?? 0);
    }
    return from;
  }

  /** Lets time pass to the next thing that happens; false: nothing does. */
  advance(): boolean {
    const next = this.#events.nextTime;
    if (next === undefined || next === Infinity) return false;
    this.now = next;
    let loadsChanged = false;
    while (this.#events.nextTime === next) {
      const event = this.#events.take();
      if (event?.kind === 'arrived') loadsChanged = true;
      if (event?.kind === 'ending') this.ground.offerEnding(event.host);
      if (event?.kind === 'departed') this.ground.depart(event.instance, event.host);
      if (event?.kind !== 'maintained') continue;
      this.ground.finish(event.host);
      this.working--;
      this.finished++;
    }
    this.timetable.forget(next);
    if (loadsChanged) this.sort();
    return true;
  }

  /** What was under way when the campaign was looked at. */
  #takeUp(): void {
    const { campaign } = this.index;
    campaign.hosts.forEach(({ progress, maintenanceSeconds }, host) => {
      if (progress === 'in_maintenance') {
        this.working++;
        this.hosts.push({ host, admittedAt: 0, startsAt: 0, endsAt: maintenanceSeconds });
        this.#events.add(maintenanceSeconds, { kind: 'maintained', host });
        this.#expectEnd(host, 0, maintenanceSeconds);
        if ((this.ground.carried[host]?.length ?? 0) > 0) this.ground.offerEnding(host);
      } else if (progress !== 'draining') this.#takeUpMoves(host);
    });
    // Last, as it may be that their instances go to hosts that are in maintenance.
    campaign.hosts.forEach(({ progress }, host) => {
      if (progress === 'draining') this.#takeUpDrain(host);
    });
  }

  #takeUpDrain(host: number): void {
    const { ground, index } = this;
    const going = [...(ground.leaving[host] ?? [])];
    const left = [...(ground.carried[host] ?? [])];
    const effort = { retries: 64, looks: Infinity };
    const packing =
      packInstances(ground, host, left, { ...effort, unfinished: 'never' }) ??
      packInstances(ground, host, left, { ...effort, unfinished: 'last' });
    if (packing !== undefined) ground.assign(host, packing);
    const instances = [...going, ...(packing?.instances ?? [])];
    const targets = [...going.map((instance) => index.target[instance] ?? -1), ...(packing?.targets ?? [])];
    const whole = { instances, targets };
    const drain = this.timetable.book(this.#leaving(host, whole), 0);
    this.drains.push({ host, packing: whole, drain });
    for (const to of targets) this.#arrivals[to] = Math.max(this.#arrivals[to] ?? 0, drain.emptyAt);
    if (drain.emptyAt < Infinity) this.#events.add(drain.emptyAt, { kind: 'arrived' });
    if (packing !== undefined) this.maintain(host, drain.emptyAt);
    else {
      this.#stranded.add(host);
      ground.setStanding(host, 'waiting');
    }
  }

  /** Moves that are not ours: from hosts that are not being emptied. */
  #takeUpMoves(host: number): void {
    for (const instance of this.ground.leaving[host] ?? []) {
      const to = this.index.target[instance] ?? -1;
      const { moveSeconds, isMoving } = this.index.campaign.instances[instance] ?? {};
      const end = isMoving === true ? (moveSeconds ?? 0) : Infinity;
      this.#arrivals[to] = Math.max(this.#arrivals[to] ?? 0, end);
      if (end < Infinity) this.#events.add(end, { kind: 'departed', instance, host });
    }
  }
}
