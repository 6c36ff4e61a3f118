/** How much work the groups have left, so that those with most of it go first. */
import type { Ground } from './ground.ts';
import type { IndexedCampaign } from './index-campaign.ts';

export class GroupLoad {
  readonly #index: IndexedCampaign;
  /** Per group how many of its members are on hosts that are still to be begun with. */
  readonly #membersLeft: Int32Array;
  /** Per group how long one of its slots is taken by one move, on average. */
  readonly #slotSeconds: Float64Array;

  constructor(index: IndexedCampaign, { standing, carried }: Ground) {
    const { groups } = index.campaign;
    this.#index = index;
    this.#membersLeft = new Int32Array(groups.length);
    this.#slotSeconds = meanSlotSeconds(index);
    standing.forEach((one, host) => {
      if (one === 'waiting') for (const instance of carried[host] ?? []) this.count(instance, 1);
    });
  }

  /** An instance has left the hosts that are to be begun with, or come to one of them again. */
  count(instance: number, by: 1 | -1): void {
    const group = this.#index.group[instance] ?? -1;
    if (group >= 0) this.#membersLeft[group] = (this.#membersLeft[group] ?? 0) + by;
  }

  /**
   * For how long the group of this instance is busy yet, if each of its slots is always taken, until all its members have left
   * the hosts that are waiting. Seconds.
   */
  secondsLeft(instance: number): number {
    const group = this.#index.group[instance] ?? -1;
    const slots = this.#index.campaign.groups[group]?.slots ?? Infinity;
    return Math.ceil((this.#membersLeft[group] ?? 0) / slots) * (this.#slotSeconds[group] ?? 0);
  }
}

function meanSlotSeconds({ group, campaign }: IndexedCampaign): Float64Array {
  const mean = new Float64Array(campaign.groups.length);
  const moves = new Int32Array(campaign.groups.length);
  campaign.instances.forEach(({ moveSeconds }, instance) => {
    const own = group[instance] ?? -1;
    if (own < 0) return;
    const count = (moves[own] ?? 0) + 1;
    moves[own] = count;
    const known = mean[own] ?? 0;
    const seconds = moveSeconds + (campaign.groups[own]?.recoverySeconds ?? 0);
    mean[own] = known + (seconds - known) / count;
  });
  return mean;
}
