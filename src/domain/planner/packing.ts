/**
 * Where the instances of one host go, all together or not at all: the largest first, each to the fullest host that still
 * has room for it, so that large gaps stay for large instances. Instances that must be together go as one.
 */
import type { Ground } from './ground.ts';
import { resourceKinds } from './index-campaign.ts';

export interface PackingEffort {
  /** May hosts that are still to be maintained take instances as well: rather than others, or only what has no place there? */
  readonly unfinished: 'never' | 'first' | 'last';
  /** Which of the instances may go to one that is still to be maintained, and be moved again; absent: all. */
  readonly mayMoveAgain?: (instance: number) => boolean;
  /** How many instances at most go to one host whose maintenance ends soon; absent: any number. */
  readonly together?: number;
  /** How often a choice may be taken back. */
  readonly retries: number;
  /** How many hosts are looked at for one instance. */
  readonly looks: number;
}

/** Instances, and for each its target by number; -1 for one that leaves by its own action. */
export interface Packing {
  readonly instances: readonly number[];
  readonly targets: readonly number[];
}

/** Reserves room for all instances of a host, or for none; undefined where they do not fit. */
export function packHost(ground: Ground, host: number, effort: PackingEffort): Packing | undefined {
  return packInstances(ground, host, ground.carried[host] ?? [], effort);
}

/** The same for some of them. */
export function packInstances(
  ground: Ground,
  host: number,
  instances: readonly number[],
  effort: PackingEffort,
): Packing | undefined {
  const leaving = movable(ground, instances);
  if (!mayFit(ground, leaving, effort)) return undefined;
  const parcels = parcelsOf(ground, leaving);
  const straight = packStraight(ground, host, parcels, effort);
  if (straight !== undefined) return asPacking(instances, straight);
  if (effort.retries === 0) return undefined;
  const search: Search = { ground, host, parcels, effort, chosen: new Map(), left: effort.retries };
  return placements(search, 0).next().done === true ? undefined : asPacking(instances, search.chosen);
}

/**
 * Every way to place the instances of a host, best first; ways that differ by nothing that matters are left out. While one
 * is being looked at its room is reserved.
 */
export function* allPackings(ground: Ground, host: number, effort: PackingEffort): Generator<Packing, void> {
  const instances = ground.carried[host] ?? [];
  const leaving = movable(ground, instances);
  if (!mayFit(ground, leaving, effort)) return;
  const parcels = parcelsOf(ground, leaving);
  const search: Search = { ground, host, parcels, effort, chosen: new Map(), left: effort.retries };
  for (const _ of placements(search, 0)) yield asPacking(instances, search.chosen);
}

/** Takes back what a packing reserved. */
export function unpack(ground: Ground, { instances, targets }: Packing): void {
  instances.forEach((instance, place) => ground.release(instance, targets[place] ?? -1));
}

interface Search {
  readonly ground: Ground;
  readonly host: number;
  readonly parcels: readonly (readonly number[])[];
  readonly effort: PackingEffort;
  readonly chosen: Map<number, number>;
  left: number;
}

/** Each time the best target, and no choice taken back. */
function packStraight(
  ground: Ground,
  host: number,
  parcels: readonly (readonly number[])[],
  effort: PackingEffort,
): ReadonlyMap<number, number> | undefined {
  const chosen = new Map<number, number>();
  for (const parcel of parcels) {
    const target = targetsFor(ground, host, parcel, effort, 1, chosen)[0];
    if (target === undefined) {
      for (const [instance, taken] of chosen) ground.release(instance, taken);
      return undefined;
    }
    for (const instance of parcel) {
      ground.reserve(instance, target);
      chosen.set(instance, target);
    }
  }
  return chosen;
}

/** Yields with all parcels placed; takes a choice back when it is asked for the next. */
function* placements(search: Search, from: number): Generator<undefined, void> {
  const { ground, host, parcels, effort, chosen } = search;
  const parcel = parcels[from];
  if (parcel === undefined) {
    yield undefined;
    return;
  }
  const tried = new Set<string>();
  for (const target of targetsFor(ground, host, parcel, effort, 1 + search.left, chosen)) {
    const like = likeness(ground, target, parcels, from);
    if (tried.has(like)) continue;
    tried.add(like);
    for (const instance of parcel) {
      ground.reserve(instance, target);
      chosen.set(instance, target);
    }
    yield* placements(search, from + 1);
    for (const instance of parcel) ground.release(instance, target);
    if (--search.left < 0) return;
  }
}

const movable = ({ index }: Ground, instances: readonly number[]) =>
  instances.filter((instance) => index.campaign.instances[instance]?.action !== 'OWN_ACTION');

const asPacking = (instances: readonly number[], chosen: ReadonlyMap<number, number>): Packing => ({
  instances,
  targets: instances.map((instance) => chosen.get(instance) ?? -1),
});

/** The hosts that a parcel may go to, best first. */
function targetsFor(
  ground: Ground,
  host: number,
  parcel: readonly number[],
  { unfinished, mayMoveAgain, looks, together = Infinity }: PackingEffort,
  most: number,
  chosen: ReadonlyMap<number, number>,
): readonly number[] {
  const { open, ending, unfinished: unfinishedHosts } = ground;
  const first = parcel[0] ?? 0;
  // A parcel of several must be looked at as a whole: the list knows single instances.
  const wanted = parcel.length > 1 ? Infinity : most;
  const isOnce = unfinished === 'never' || (mayMoveAgain !== undefined && !parcel.every(mayMoveAgain));
  const both = unfinished === 'first' ? [unfinishedHosts, open, ending] : [open, ending, unfinishedHosts];
  const lists = isOnce ? [open, ending] : both;
  const found: number[] = [];
  for (const list of lists) {
    if (found.length >= wanted) break;
    // The host itself may be among them.
    const full = list === ending && together < Infinity ? fullOf(chosen, together) : undefined;
    const more = wanted - found.length + 1 + (full?.size ?? 0);
    for (const target of list.fitting(first, more, looks))
      if (target !== host && full?.has(target) !== true) found.push(target);
  }
  const meeting = meetingPlaces(ground, host, parcel);
  const allowed = meeting === undefined ? found : found.filter((target) => meeting.has(target));
  if (parcel.length === 1) return allowed.slice(0, most);
  return allowed.filter((target) => fitsWhole(ground, parcel, target)).slice(0, most);
}

/** The hosts that so many instances are sent to already. */
function fullOf(chosen: ReadonlyMap<number, number>, most: number): ReadonlySet<number> {
  const counts = new Map<number, number>();
  for (const target of chosen.values()) counts.set(target, (counts.get(target) ?? 0) + 1);
  return new Set([...counts.keys()].filter((target) => (counts.get(target) ?? 0) >= most));
}

/**
 * Where members of its `together` rules are that stay behind on other hosts: it has to go there. Undefined: there are none,
 * or they are spread already, so that the rule cannot be kept anyway.
 */
function meetingPlaces(
  ground: Ground,
  host: number,
  parcel: readonly number[],
): ReadonlySet<number> | undefined {
  const { together, togetherMembers, at, target } = ground.index;
  if (parcel.every((instance) => (together[instance] ?? []).length === 0)) return undefined;
  const places = new Set<number>();
  for (const instance of parcel) {
    for (const rule of together[instance] ?? []) {
      for (const member of togetherMembers[rule] ?? []) {
        if (parcel.includes(member)) continue;
        const to = target[member] ?? -1;
        const where = to >= 0 ? to : (at[member] ?? -1);
        // Those that have moved since are not looked up: members of a rule that is kept always leave as one parcel.
        if (where >= 0 && where !== host && ground.carried[where]?.includes(member) === true)
          places.add(where);
      }
    }
  }
  const usable = [...places].filter((place) => ground.open.has(place) || ground.ending.has(place));
  return places.size === 1 && usable.length === 1 ? places : undefined;
}

function fitsWhole(ground: Ground, parcel: readonly number[], target: number): boolean {
  let fits = true;
  let taken = 0;
  for (const instance of parcel) {
    if (!ground.room.fits(instance, target)) {
      fits = false;
      break;
    }
    ground.room.take(instance, target);
    taken++;
  }
  for (const instance of parcel.slice(0, taken)) ground.room.giveBack(instance, target);
  return fits;
}

/** Whether two targets are as good as one another for what is still to be placed. */
function likeness(
  { room, index, standing }: Ground,
  target: number,
  parcels: readonly (readonly number[])[],
  from: number,
): string {
  const parts: number[] = [['open', 'ending'].indexOf(standing[target] ?? '')];
  for (let kind = 0; kind < resourceKinds; kind++) parts.push(room.free(target, kind));
  for (const instance of parcels.slice(from).flat()) {
    for (const rule of index.apart[instance] ?? []) parts.push(rule, room.members(rule, target));
  }
  return parts.join(' ');
}

/** Quickly: is there enough free in all? */
function mayFit(
  { index, open, ending, unfinished }: Ground,
  instances: readonly number[],
  effort: PackingEffort,
): boolean {
  for (let kind = 0; kind < resourceKinds; kind++) {
    let needed = 0;
    for (const instance of instances) needed += index.size[instance * resourceKinds + kind] ?? 0;
    const lasting = open.totalFree(kind) + ending.totalFree(kind);
    const free = lasting + (effort.unfinished === 'never' ? 0 : unfinished.totalFree(kind));
    if (needed > free) return false;
  }
  return true;
}

/** Instances that go as one, heaviest parcel first; among equals those under most rules. */
function parcelsOf({ index }: Ground, instances: readonly number[]): readonly (readonly number[])[] {
  const { together, apart, weight } = index;
  const parcelOf = new Map<number, number[]>();
  const byRule = new Map<number, number[]>();
  const parcels = new Set<number[]>();
  for (const instance of instances) {
    let own = [instance];
    for (const rule of together[instance] ?? []) {
      const other = byRule.get(rule);
      if (other !== undefined && other !== own) {
        parcels.delete(own);
        other.push(...own);
        for (const moved of own) parcelOf.set(moved, other);
        for (const [key, parcel] of byRule) if (parcel === own) byRule.set(key, other);
        own = other;
      }
      byRule.set(rule, own);
    }
    parcelOf.set(instance, own);
    parcels.add(own);
  }
  const heaviness = (parcel: readonly number[]) => parcel.reduce((sum, one) => sum + (weight[one] ?? 0), 0);
  const ruled = (parcel: readonly number[]) =>
    parcel.reduce((sum, one) => sum + (apart[one]?.length ?? 0), 0);
  return [...parcels].sort((a, b) => heaviness(b) - heaviness(a) || ruled(b) - ruled(a));
}
