/** What is so of a campaign as a whole. */
import type { Campaign } from './campaign.ts';
import { resourceKinds, type IndexedCampaign } from './index-campaign.ts';

/** Per resource what all hosts have beyond what the instances take. */
export function freeRoom({ capacity, size }: IndexedCampaign): readonly number[] {
  const free = [0, 0, 0];
  capacity.forEach(
    (amount, place) => (free[place % resourceKinds] = (free[place % resourceKinds] ?? 0) + amount),
  );
  size.forEach(
    (amount, place) => (free[place % resourceKinds] = (free[place % resourceKinds] ?? 0) - amount),
  );
  return free;
}

/** How long it takes to empty a host, on average, if nothing but its streams is in the way. Seconds. */
export function drainSeconds({ hosts, instances, streams }: Campaign): number {
  const seconds = instances.reduce((sum, { moveSeconds }) => sum + moveSeconds, 0);
  return seconds / Math.max(1, streams.perHost) / Math.max(1, hosts.length);
}
