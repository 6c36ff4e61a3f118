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

/** Hosts that are compared at once, and hosts for which room is looked for, in large campaigns. */
const compared = 24;
const attempted = 96;

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
  while (rollout.openPlaces > 0) {
    const next = bestOf(rollout, cannotLeave, isSafe);
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
  isSafe?: Safeguard,
): Admitted | undefined {
  const { opening, hurry, firstShare } = rollout.options.weights;
  const isEarly = rollout.finished <= firstShare * rollout.index.campaign.hosts.length;
  const rounds = rollout.waiting / Math.max(1, rollout.working);
  const toStay = () => search(rollout, cannotLeave, 'never', isSafe);
  const toMoveAgain = () =>
    isEarly && rounds > opening ? search(rollout, cannotLeave, 'first', isSafe) : undefined;
  const found = rounds > hurry ? (toMoveAgain() ?? toStay()) : (toStay() ?? toMoveAgain());
  if (found !== undefined || rollout.working > 0) return found;
  // Nothing is under way and nothing fits where it would stay: a second move is better than none.
  return search(rollout, cannotLeave, 'last', isSafe);
}

function search(
  rollout: Rollout,
  cannotLeave: ReadonlySet<number>,
  unfinished: PackingEffort['unfinished'],
  isSafe: Safeguard | undefined,
): Admitted | undefined {
  const { ground, options, index, now, meanSeconds, timetable } = rollout;
  const isLarge = index.campaign.hosts.length > large;
  const mustFind = rollout.working === 0;
  const effort: PackingEffort = {
    unfinished,
    ...(unfinished === 'first' && { mayMoveAgain: (instance) => isAtLeisure(rollout, instance) }),
    retries: isLarge ? 0 : 16,
    looks: isLarge ? 256 : Infinity,
  };
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
    const packing = packHost(ground, host, effort);
    if (packing === undefined) continue;
    found++;
    const { emptyAt } = timetable.forecast(instances, now, host, !isLarge);
    const cost =
      options.weights.drain * (emptyAt - now) -
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
  return rollout.groupSeconds(instance) < rollout.options.weights.leisure * rollout.secondsLeft;
}

function burdenOf(rollout: Rollout, instances: readonly number[]): number {
  let most = 0;
  for (const instance of instances) most = Math.max(most, rollout.groupSeconds(instance));
  return most;
}
