/** Which hosts are admitted at one moment: one after the other the best that fits, until none does. */
import { packHost, unpack, type Packing, type PackingEffort } from './packing.ts';
import { standingCost } from './priority.ts';
import type { Rollout } from './rollout.ts';

export interface Admitted {
  readonly host: number;
  readonly packing: Packing;
}

/** In campaigns of more hosts than that, less is tried. */
const large = 400;

/** In campaigns of up to so many hosts, and where nothing is under way, a choice of target is taken back so often. */
const patient = { hosts: 50, retries: 16 };

/** Hosts that are compared at once, and hosts for which room is looked for, in large campaigns. */
const compared = 24;
const attempted = 48;

/** Hosts that did not fit at this moment: as more are admitted, less room is left. */
type Misfits = Readonly<Record<PackingEffort['unfinished'], Set<number>>>;

/** May this host be admitted, with these targets, as far as others go? Room is reserved when it is asked. */
export type Safeguard = (host: number, packing: Packing) => boolean;

/** Admits hosts now. They are on their way afterwards. */
export function admissionRound(
  rollout: Rollout,
  cannotLeave: ReadonlySet<number>,
  isSafe?: Safeguard,
  onAdmission?: () => void,
): Admitted[] {
  const admitted: Admitted[] = [];
  const misfits: Misfits = { never: new Set(), first: new Set(), last: new Set() };
  while (rollout.openPlaces > 0) {
    const next = bestOf(rollout, cannotLeave, misfits, isSafe);
    if (next === undefined) break;
    rollout.admit(next.host, next.packing);
    admitted.push(next);
    onAdmission?.();
  }
  return admitted;
}

/**
 * The best host to admit now; its room is reserved. The first hosts may be emptied to hosts that are still to be maintained:
 * what is free on those is of use for nothing else, and with it more hosts can be empty at once, to the end.
 */
function bestOf(
  rollout: Rollout,
  cannotLeave: ReadonlySet<number>,
  misfits: Misfits,
  isSafe?: Safeguard,
): Admitted | undefined {
  const { opening, hurry } = rollout.options.weights;
  const rounds = rollout.waiting / Math.max(1, rollout.working);
  const toStay = () => search(rollout, cannotLeave, 'never', misfits, isSafe);
  const toMoveAgain = () =>
    rollout.mayMoveAgain && rounds > opening
      ? search(rollout, cannotLeave, 'first', misfits, isSafe)
      : undefined;
  const found = rounds > hurry ? (toMoveAgain() ?? toStay()) : (toStay() ?? toMoveAgain());
  if (found !== undefined || rollout.working > 0) return found;
  // Nothing is under way and nothing fits where it would stay: a second move is better than none.
  return search(rollout, cannotLeave, 'last', misfits, isSafe);
}

function search(
  rollout: Rollout,
  cannotLeave: ReadonlySet<number>,
  unfinished: PackingEffort['unfinished'],
  misfits: Misfits,
  isSafe: Safeguard | undefined,
): Admitted | undefined {
  const { ground, options, index, now, meanSeconds } = rollout;
  const isLarge = index.campaign.hosts.length > large;
  const mustFind = rollout.working === 0;
  const isPatient = !isLarge && (mustFind || index.campaign.hosts.length <= patient.hosts);
  const effort: PackingEffort = {
    unfinished,
    together: index.campaign.streams.perHost,
    ...(unfinished === 'first' && { mayMoveAgain: (instance) => isAtLeisure(rollout, instance) }),
    retries: isPatient ? patient.retries : 0,
    looks: isLarge ? 256 : Infinity,
  };
  // If it would have to wait for longer than that, something better may come.
  const patience =
    mustFind || unfinished !== 'never' ? Infinity : options.weights.patience * rollout.drainSeconds;
  let best: Admitted | undefined;
  let leastCost = Infinity;
  let tries = 0;
  let found = 0;
  for (const host of rollout.order) {
    const instances = ground.carried[host] ?? [];
    if (ground.standing[host] !== 'waiting' || instances.length === 0 || cannotLeave.has(host)) continue;
    const { isReady, progress } = index.campaign.hosts[host] ?? {};
    if (!rollout.hasArrived(host) || (options.onlyReady && !(isReady === true && progress === 'waiting')))
      continue;
    if (isLarge && (found >= compared || (tries >= attempted && !mustFind))) break;
    tries++;
    if (misfits[unfinished].has(host)) continue;
    const packing = packHost(ground, host, effort);
    if (packing === undefined) {
      misfits[unfinished].add(host);
      continue;
    }
    found++;
    const { emptyAt } = rollout.forecast(host, packing, !isLarge);
    const delay = emptyAt - now - rollout.moveSeconds(instances);
    if (delay > patience && packing.targets.some((target) => ground.standing[target] === 'ending')) {
      unpack(ground, packing);
      misfits[unfinished].add(host);
      continue;
    }
    const cost =
      options.weights.drain * delay -
      options.weights.burden * burdenOf(rollout, instances) +
      standingCost(ground, host, options.weights, meanSeconds);
    const isBetter = cost < leastCost && rollout.endsInWindow(host, emptyAt);
    if (isBetter && (isSafe === undefined || isSafe(host, packing))) {
      best = { host, packing };
      leastCost = cost;
    }
    unpack(ground, packing);
  }
  if (best === undefined) return undefined;
  best.packing.instances.forEach((instance, place) => {
    const target = best.packing.targets[place] ?? -1;
    if (target >= 0) ground.reserve(instance, target);
  });
  return best;
}

/** A second move must not make the campaign wait for the group. */
function isAtLeisure(rollout: Rollout, instance: number): boolean {
  return rollout.groups.secondsLeft(instance) < rollout.options.weights.leisure * rollout.secondsLeft;
}

function burdenOf(rollout: Rollout, instances: readonly number[]): number {
  let most = 0;
  for (const instance of instances) most = Math.max(most, rollout.groups.secondsLeft(instance));
  return most;
}
