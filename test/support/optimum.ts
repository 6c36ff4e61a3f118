/**
 * The shortest schedule that there is, for tiny campaigns (up to 5 hosts, 8 instances, whole seconds, no move of 0 s), by trying everything. It knows the model
 * of the facts and no code of the planner: an instance takes room on both hosts until its move ends; a host is empty while it
 * is maintained; a member is impacted from the begin of its operation to the end of its recovery, and none begins while `slots`
 * others are impacted; streams per host and in all; lead times; rules of kind `apart`. It is freer than the planner: any instance on a host to do
 * may go anywhere at any time, more than once, and `parallelHosts` counts only hosts in maintenance.
 */
import type { Campaign, CampaignHost, CampaignInstance } from '../../src/domain/planner/campaign.ts';

interface Place {
  /** '' once it is gone. */
  readonly host: string;
  readonly target: string;
  /** What is left of its move (of its notice, too, where it leaves by its own action), of its impact, of its lead time. */
  readonly moving: number;
  readonly impacted: number;
  readonly lead: number;
}

interface Moment {
  readonly time: number;
  /** Per host what is left of its maintenance; -1: it is done, or not to be done; Infinity: not begun. */
  readonly hosts: readonly number[];
  readonly places: readonly Place[];
}

const notBegun = Infinity;
const done = -1;

/** The least makespan; Infinity if nothing leads to the end; undefined if there was too much to try. */
export function optimum(campaign: Campaign, mostMoments = 200_000): number | undefined {
  const search = new Search(campaign);
  const waiting = new Map<number, Moment[]>();
  const reached = new Map<string, number>();
  const add = (moment: Moment) => {
    const key = search.keyOf(moment);
    if ((reached.get(key) ?? Infinity) <= moment.time) return;
    reached.set(key, moment.time);
    const least = moment.time + search.leastLeft(moment);
    const list = waiting.get(least) ?? [];
    if (list.length === 0) waiting.set(least, list);
    list.push(moment);
  };
  add(search.beginning());
  while (waiting.size > 0) {
    const least = Math.min(...waiting.keys());
    const list = waiting.get(least) ?? [];
    const moment = list.pop();
    if (list.length === 0) waiting.delete(least);
    if (moment === undefined) continue;
    if (moment.hosts.every((left) => left === done)) return moment.time;
    if (reached.size > mostMoments) return undefined;
    for (const next of search.next(moment)) add(next);
  }
  return Infinity;
}

/** Is there any order at all in which all hosts can be maintained? */
export function feasible(campaign: Campaign, mostMoments = 200_000): boolean | undefined {
  const timeless = {
    ...campaign,
    hosts: campaign.hosts.map((host) => ({ ...host, maintenanceSeconds: 1 })),
    instances: campaign.instances.map((one) => ({
      ...one,
      moveSeconds: 1,
      leadSeconds: 0,
      impactedSeconds: one.impactedSeconds === Infinity ? Infinity : 0,
    })),
    groups: campaign.groups.map((group) => ({ ...group, recoverySeconds: 0 })),
  };
  const least = optimum(timeless, mostMoments);
  return least === undefined ? undefined : least < Infinity;
}

class Search {
  readonly #campaign: Campaign;
  readonly #kinds: readonly string[];

  constructor(campaign: Campaign) {
    this.#campaign = campaign;
    // Instances that differ in nothing but their name may stand for each other.
    this.#kinds = campaign.instances.map(({ size, action, moveSeconds, groupId, ruleIds }) =>
      JSON.stringify([size, action, moveSeconds, groupId, ruleIds]),
    );
  }

  beginning(): Moment {
    const { hosts, instances, groups } = this.#campaign;
    return {
      time: 0,
      hosts: hosts.map(({ progress, maintenanceSeconds }) => {
        if (progress === 'in_maintenance') return maintenanceSeconds;
        return progress === 'waiting' || progress === 'draining' ? notBegun : done;
      }),
      places: instances.map((one): Place => {
        const recovery = groups.find(({ id }) => id === one.groupId)?.recoverySeconds ?? 0;
        const moving = one.isMoving ? one.moveSeconds : 0;
        return {
          host: one.host,
          target: one.isMoving ? (one.target ?? '') : '',
          moving,
          impacted: Math.max(one.impactedSeconds, moving > 0 ? moving + recovery : 0),
          lead: one.leadSeconds,
        };
      }),
    };
  }

  keyOf({ hosts, places }: Moment): string {
    const each = places.map(({ host, target, moving, impacted, lead }, number) =>
      [this.#kinds[number], host, target, moving, impacted, lead].join(),
    );
    return `${hosts.join()} ${each.sort().join(' ')}`;
  }

  /** No schedule from here on takes less. */
  leastLeft({ hosts, places }: Moment): number {
    return hosts.reduce((most, left, number) => {
      const host = this.#campaign.hosts[number];
      if (left === done || host === undefined) return most;
      if (left !== notBegun) return Math.max(most, left);
      const leaving = places.map((place, instance) => {
        if (place.host !== host.name) return 0;
        return place.moving > 0
          ? place.moving
          : place.lead + (this.#campaign.instances[instance]?.moveSeconds ?? 0);
      });
      return Math.max(most, Math.max(0, ...leaving) + host.maintenanceSeconds);
    }, 0);
  }

  next(moment: Moment): readonly Moment[] {
    const later = passed(moment, this.#campaign);
    return [...this.#maintenances(moment), ...this.#moves(moment), ...(later === undefined ? [] : [later])];
  }

  #maintenances(moment: Moment): Moment[] {
    const { hosts, parallelHosts = Infinity } = this.#campaign;
    const underWay = moment.hosts.filter((left) => left >= 0 && left < notBegun).length;
    if (underWay >= parallelHosts) return [];
    return hosts.flatMap(({ name, maintenanceSeconds }, number) => {
      const isEmpty = moment.places.every(({ host, target }) => host !== name && target !== name);
      if (moment.hosts[number] !== notBegun || !isEmpty) return [];
      return [{ ...moment, hosts: moment.hosts.with(number, maintenanceSeconds) }];
    });
  }

  #moves(moment: Moment): Moment[] {
    const { instances, hosts } = this.#campaign;
    return instances.flatMap((instance, number) => {
      const place = moment.places[number];
      const from = hosts.findIndex(({ name }) => name === place?.host);
      if (place === undefined || moment.hosts[from] !== notBegun || place.moving > 0) return [];
      if (!this.#hasSlot(moment, instance, number)) return [];
      if (instance.action === 'OWN_ACTION') return [this.#begun(moment, instance, number, '', place.lead)];
      if (place.lead > 0 || !this.#hasStream(moment, place.host)) return [];
      return hosts
        .filter((host) => this.#fits(moment, instance, host))
        .map(({ name }) => this.#begun(moment, instance, number, name, 0));
    });
  }

  #begun(moment: Moment, instance: CampaignInstance, number: number, target: string, ahead: number): Moment {
    const place = moment.places[number];
    const recovery = this.#campaign.groups.find(({ id }) => id === instance.groupId)?.recoverySeconds ?? 0;
    const moving = ahead + instance.moveSeconds;
    const impacted = Math.max(place?.impacted ?? 0, moving + recovery);
    const next = { host: place?.host ?? '', target, moving, impacted, lead: place?.lead ?? 0 };
    return { ...moment, places: moment.places.with(number, next) };
  }

  #hasSlot({ places }: Moment, { groupId }: CampaignInstance, number: number): boolean {
    const { groups, instances } = this.#campaign;
    const others = places.filter(
      ({ impacted }, other) => other !== number && impacted > 0 && instances[other]?.groupId === groupId,
    );
    return others.length < (groups.find(({ id }) => id === groupId)?.slots ?? Infinity);
  }

  #hasStream({ places }: Moment, host: string): boolean {
    const { streams, instances } = this.#campaign;
    const busy = places.filter(
      ({ moving }, number) => moving > 0 && instances[number]?.action !== 'OWN_ACTION',
    );
    return (
      busy.length < streams.total && busy.filter((place) => place.host === host).length < streams.perHost
    );
  }

  #fits({ places, hosts }: Moment, instance: CampaignInstance, host: CampaignHost): boolean {
    const { instances, rules, hosts: all } = this.#campaign;
    const left = hosts[all.indexOf(host)] ?? done;
    const there = instances.filter(
      (_, number) => places[number]?.host === host.name || places[number]?.target === host.name,
    );
    // It is on its own host already.
    if (there.includes(instance) || (left >= 0 && left < notBegun)) return false;
    if (!host.takesInstances && host.progress !== 'in_maintenance') return false;
    const hasRoom = (['vcpus', 'memoryMb', 'diskGb'] as const).every(
      (kind) => there.reduce((sum, { size }) => sum + size[kind], instance.size[kind]) <= host.capacity[kind],
    );
    return (
      hasRoom &&
      rules.every(
        ({ id, kind, maxPerHost }) =>
          kind === 'together' ||
          !instance.ruleIds.includes(id) ||
          there.filter(({ ruleIds }) => ruleIds.includes(id)).length < maxPerHost,
      )
    );
  }
}

/** The moment when the next thing ends; undefined: nothing is under way. */
function passed({ time, hosts, places }: Moment, { instances }: Campaign): Moment | undefined {
  const spans = [...hosts, ...places.flatMap(({ moving, impacted, lead }) => [moving, impacted, lead])];
  const step = Math.min(...spans.filter((left) => left > 0));
  const isAtOnce = hosts.includes(0);
  if (step === Infinity && !isAtOnce) return undefined;
  const by = isAtOnce ? 0 : step;
  const less = (left: number) => Math.max(0, left - by);
  return {
    time: time + by,
    hosts: hosts.map((left) =>
      left === done || left === notBegun ? left : left - by <= 0 ? done : left - by,
    ),
    places: places.map((place, number): Place => {
      const hasLeft = place.moving > 0 && place.moving <= by;
      return {
        host: hasLeft ? place.target : place.host,
        target: hasLeft ? '' : place.target,
        moving: less(place.moving),
        impacted: less(place.impacted),
        // It leaves by itself: its lead time begins with its own notice.
        lead: instances[number]?.action === 'OWN_ACTION' ? place.lead : less(place.lead),
      };
    }),
  };
}
