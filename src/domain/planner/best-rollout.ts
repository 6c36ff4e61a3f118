/** The best of several ways to roll a campaign forward in time. */
import { admissionRound } from './admission-round.ts';
import { admitCarefully, nextOfHeldWay } from './careful-admission.ts';
import type { IndexedCampaign } from './index-campaign.ts';
import { usualWeights, type Weights } from './priority.ts';
import { reachOf } from './roll-forward.ts';
import { maintainEmpty } from './maintain-empty.ts';
import { Rollout } from './rollout.ts';
import { stuckHosts } from './stuck-hosts.ts';

/** Up to this number of hosts several ways to choose are tried, and the best plan is kept. */
const variedUpTo = 100;

/** Up to this number of hosts a plan that does not get to the end is made again with every admission checked. */
const checkedUpTo = 300;

const variants: readonly Weights[] = [
  usualWeights,
  { ...usualWeights, burden: 0 },
  { ...usualWeights, length: 1 },
  { ...usualWeights, fullness: 0 },
  { ...usualWeights, ahead: 1, patience: 0.3 },
  { ...usualWeights, patience: 0.4 },
];

/** Deterministic: the same campaign gives the same plan. */
export function bestRollout(index: IndexedCampaign): Rollout {
  const isVaried = index.campaign.hosts.length <= variedUpTo;
  let best: Rollout | undefined;
  for (const weights of isVaried ? variants : [usualWeights]) {
    const rollout = rollForward(index, weights, false);
    if (best === undefined || isBetter(rollout, best)) best = rollout;
  }
  if (best !== undefined && (left(best) === 0 || index.campaign.hosts.length > checkedUpTo)) return best;
  const careful = rollForward(index, usualWeights, true);
  return best === undefined || isBetter(careful, best) ? careful : best;
}

/** One way to do it. `isCareful`: no admission after which fewer hosts could be finished. */
export function rollForward(index: IndexedCampaign, weights: Weights, isCareful: boolean): Rollout {
  const rollout = new Rollout(index, { weights, onlyReady: false });
  const cannotLeave = stuckHosts(rollout);
  do {
    if (isCareful && nextOfHeldWay(rollout, cannotLeave) !== undefined) continue;
    maintainEmpty(rollout);
    if (isCareful) admitCarefully(rollout, cannotLeave, reachOf(rollout.ground, cannotLeave));
    else admissionRound(rollout, cannotLeave);
  } while (rollout.advance());
  return rollout;
}

/** How many hosts are not maintained in the end. */
export const left = (rollout: Rollout): number =>
  rollout.ground.standing.filter((_, host) => isWaiting(rollout, host)).length;

/** Is it not maintained in the end? */
export const isWaiting = ({ ground }: Rollout, host: number): boolean =>
  ground.standing[host] === 'waiting' ||
  (ground.standing[host] === 'busy' && (ground.carried[host]?.length ?? 0) > 0);

export const lastEnd = ({ hosts }: Rollout) =>
  hosts.reduce((last, { endsAt }) => (endsAt < Infinity ? Math.max(last, endsAt) : last), 0);

function isBetter(one: Rollout, other: Rollout): boolean {
  if (left(one) !== left(other)) return left(one) < left(other);
  if (lastEnd(one) !== lastEnd(other)) return lastEnd(one) < lastEnd(other);
  return moveCount(one) < moveCount(other);
}

const moveCount = ({ drains }: Rollout) => drains.reduce((sum, { drain }) => sum + drain.moves.length, 0);
