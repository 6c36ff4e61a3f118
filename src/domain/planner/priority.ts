/** Which of the hosts that could be admitted now is the best: the least cost, in seconds. */
import type { Ground } from './ground.ts';
import { resourceKinds } from './index-campaign.ts';

/**
 * How the choice weighs what speaks for and against a host. Found by trying on the shapes of the facts and on drawn
 * topologies; the planner tries a few more of them on each campaign that is not too large.
 */
export interface Weights {
  /** Each second that emptying it takes longer than its moves by themselves: so long its room is held twice, and does nothing. */
  readonly drain: number;
  /** Each second of its maintenance counts so much in its favour: the longest are done first, so that none is left at the end. */
  readonly length: number;
  /** How full it is, as a share of its capacity, times the mean maintenance: an emptier one frees more than it takes. */
  readonly fullness: number;
  /** How long the most burdened of its groups is still busy counts so much in its favour: what takes longest begins early. */
  readonly burden: number;
  /**
   * While so many times as many hosts wait as are worked on, instances may go to hosts that are still to be maintained. Those
   * moves are second moves later.
   */
  readonly opening: number;
  /**
   * And only until this share of the hosts is maintained, and while much of what is free is scattered over hosts that are still to be
   * maintained: nothing else makes use of it there.
   */
  readonly firstShare: number;
  /** While so many times as many wait, they go there rather than to finished hosts, whose larger gaps are kept for what needs them. */
  readonly hurry: number;
  /** Second moves are not asked of a group that is busy yet for longer than this share of the time that is left. */
  readonly leisure: number;
  /**
   * Places on a host in maintenance are given away from so long before its end on, as a multiple of the time that emptying a host
   * takes on average: what goes there moves last.
   */
  readonly ahead: number;
  /** The same before the first host is finished: until then there is no other room anyway. */
  readonly aheadAtFirst: number;
  /**
   * A host is not admitted yet if what it waits for would make emptying it longer than its moves by so many times that time: there may
   * soon be a better one.
   */
  readonly patience: number;
}

export const usualWeights: Weights = {
  drain: 1,
  length: 0.3,
  fullness: 0.5,
  burden: 0.15,
  opening: 2,
  firstShare: 0.5,
  hurry: 4,
  leisure: 1,
  ahead: 1.5,
  aheadAtFirst: 3,
  patience: 0.6,
};

/** The part of the cost that does not depend on the moment. */
export function standingCost(ground: Ground, host: number, weights: Weights, meanSeconds: number): number {
  const seconds = ground.index.campaign.hosts[host]?.maintenanceSeconds ?? 0;
  return weights.fullness * fullness(ground, host) * meanSeconds - weights.length * seconds;
}

/** What its instances take of it, by the scarcest resource. */
export function fullness({ index, carried }: Ground, host: number): number {
  let most = 0;
  for (let kind = 0; kind < resourceKinds; kind++) {
    let used = 0;
    for (const instance of carried[host] ?? []) used += index.size[instance * resourceKinds + kind] ?? 0;
    const capacity = index.capacity[host * resourceKinds + kind] ?? 0;
    if (capacity > 0) most = Math.max(most, used / capacity);
  }
  return most;
}
