/**
 * How many hosts can still be finished from here on, one after the other, without regard to time: so that no admission
 * leads where the rest cannot be done. A host that is busy is taken to end. One host at a time is enough: what several
 * hosts can do side by side they can do one after the other in the same room.
 */
import type { Ground } from './ground.ts';
import { allPackings, packHost, type Packing, type PackingEffort } from './packing.ts';

export interface Reach {
  /** How many hosts that are waiting now can be finished. */
  readonly finished: number;
  readonly isComplete: boolean;
  /** How things stand then. */
  readonly end: Ground;
  /** What is done first, where something has to be emptied. */
  readonly first?: { readonly host: number; readonly packing: Packing };
}

/**
 * Campaigns of up to so many hosts and instances are searched through, all orders and all targets, for so many steps. Up to
 * `thoroughHosts` a choice of target may be taken back `retries` times.
 */
const searched = { hosts: 8, instances: 16, nodes: 20_000, thoroughHosts: 300, retries: 64 };

/** `cannotLeave`: hosts that can never be emptied. They are not waited for. */
export function reachOf(ground: Ground, cannotLeave: ReadonlySet<number>): Reach {
  const start = settled(ground);
  const waiting = waitingHosts(start, cannotLeave);
  const total = waiting.length;
  let best: Reach = { finished: 0, isComplete: total === 0, end: start };
  if (best.isComplete) return best;
  for (const order of orders) {
    const reach = straight(start.clone(), cannotLeave, order, total);
    if (reach.isComplete) return reach;
    if (reach.finished > best.finished) best = reach;
  }
  if (!isSmall(start)) return best;
  const search: Search = {
    cannotLeave,
    total,
    holdsEmpty: false,
    seen: new Set(),
    left: searched.nodes,
    best,
  };
  explore(search, start, undefined);
  return search.best;
}

/**
 * The same, when hosts without instances need not be maintained before all else: in rare cases they must take instances
 * first, and be emptied again. Only for small campaigns; undefined where it is of no use.
 */
export function reachHoldingEmpty(ground: Ground, cannotLeave: ReadonlySet<number>): Reach | undefined {
  const start = settled(ground);
  const waiting = waitingHosts(start, cannotLeave);
  if (!isSmall(start) || waiting.every((host) => (start.carried[host]?.length ?? 0) > 0)) return undefined;
  const usual = reachOf(ground, cannotLeave);
  if (usual.isComplete) return undefined;
  start.offerEmpty();
  const best = { finished: usual.finished, isComplete: false, end: start };
  const total = waiting.length;
  const search: Search = {
    cannotLeave,
    total,
    holdsEmpty: true,
    seen: new Set(),
    left: searched.nodes,
    best,
  };
  explore(search, start, undefined);
  return search.best === best ? undefined : search.best;
}

const isSmall = ({ index: { campaign } }: Ground) =>
  campaign.hosts.length <= searched.hosts && campaign.instances.length <= searched.instances;

/** As it will be when all that is under way has ended. */
function settled(ground: Ground): Ground {
  const copy = ground.clone();
  copy.standing.forEach((standing, host) => {
    const isEmpty = standing === 'busy' && (copy.carried[host]?.length ?? 0) === 0;
    if (isEmpty || standing === 'ending') copy.finish(host);
    else if (standing !== 'busy')
      for (const instance of copy.leaving[host] ?? []) copy.depart(instance, host);
  });
  return copy;
}

type Order = (ground: Ground, host: number) => number;

const load: Order = ({ index, carried }, host) =>
  (carried[host] ?? []).reduce((sum, instance) => sum + (index.weight[instance] ?? 0), 0);

const heaviest: Order = ({ index, carried }, host) =>
  (carried[host] ?? []).reduce((most, instance) => Math.max(most, index.weight[instance] ?? 0), 0);

const gain: Order = (ground, host) => load(ground, host) - freeShare(ground, host);

/** Least first. */
const orders: readonly Order[] = [load, (ground, host) => -heaviest(ground, host), gain];

const freeShare: Order = ({ room }, host) => Math.min(room.free(host, 0), room.free(host, 1));

/** Also those that are being emptied, and for whose last instances there is no room yet. */
export const waitingHosts = ({ standing, carried }: Ground, cannotLeave: ReadonlySet<number>): number[] =>
  [...standing.keys()].filter((host) => {
    const isLeft = standing[host] === 'busy' && (carried[host]?.length ?? 0) > 0;
    return (standing[host] === 'waiting' || isLeft) && !cannotLeave.has(host);
  });

/** Always the first host that fits; to unfinished hosts only where nothing else is left. */
function straight(ground: Ground, cannotLeave: ReadonlySet<number>, order: Order, total: number): Reach {
  const all = waitingHosts(ground, cannotLeave);
  for (const host of all) if (ground.carried[host]?.length === 0) ground.finish(host);
  const key = new Map(waitingHosts(ground, cannotLeave).map((host) => [host, order(ground, host)]));
  const waiting = [...key.keys()].sort((a, b) => (key.get(a) ?? 0) - (key.get(b) ?? 0));
  let finished = total - waiting.length;
  let first: Reach['first'];
  for (;;) {
    const next = nextOf(ground, waiting);
    if (next === undefined) break;
    waiting.splice(waiting.indexOf(next.host), 1);
    first ??= next;
    ground.assign(next.host, next.packing);
    ground.finish(next.host);
    finished++;
  }
  return { finished, isComplete: finished === total, end: ground, ...(first !== undefined && { first }) };
}

function nextOf(ground: Ground, waiting: readonly number[]): { host: number; packing: Packing } | undefined {
  const isLarge = ground.standing.length > searched.thoroughHosts;
  for (const unfinished of ['never', 'last'] as const) {
    const effort: PackingEffort = {
      unfinished,
      retries: isLarge ? 0 : searched.retries,
      looks: isLarge ? 256 : Infinity,
    };
    for (const host of waiting) {
      const packing = packHost(ground, host, effort);
      if (packing !== undefined) return { host, packing };
    }
  }
  return undefined;
}

interface Search {
  readonly cannotLeave: ReadonlySet<number>;
  readonly total: number;
  readonly holdsEmpty: boolean;
  readonly seen: Set<string>;
  left: number;
  best: Reach;
}

/** Depth first over every order and every placement. */
function explore(search: Search, ground: Ground, first: Reach['first']): void {
  if (!search.holdsEmpty) {
    for (const host of waitingHosts(ground, search.cannotLeave))
      if (ground.carried[host]?.length === 0) ground.finish(host);
  }
  const waiting = waitingHosts(ground, search.cannotLeave);
  const finished = search.total - waiting.length;
  if (finished > search.best.finished) {
    const isComplete = waiting.length === 0;
    search.best = { finished, isComplete, end: ground.clone(), ...(first !== undefined && { first }) };
  }
  const key = stateOf(ground);
  if (search.seen.has(key)) return;
  search.seen.add(key);
  const effort: PackingEffort = { unfinished: 'last', retries: Infinity, looks: Infinity };
  for (const host of waiting) {
    for (const packing of allPackings(ground, host, effort)) {
      if (search.best.isComplete || --search.left < 0) return;
      const after = ground.clone();
      after.assign(host, packing);
      after.finish(host);
      explore(search, after, first ?? { host, packing });
    }
  }
}

function stateOf({ standing, carried }: Ground): string {
  return carried.map((instances, host) => `${standing[host]?.[0]}${[...instances].sort().join()}`).join(';');
}
