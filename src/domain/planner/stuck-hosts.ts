/** Hosts that can never be emptied, whatever is done first: they are not admitted, and delay none of the others. */
import { resourceKinds, type IndexedCampaign } from './index-campaign.ts';
import type { Rollout } from './rollout.ts';

/** Those that carry an instance whose group never has a slot, or that is too large for every other host. */
export function stuckHosts(rollout: Rollout): ReadonlySet<number> {
  const { ground, index } = rollout;
  const isTooLarge = tooLarge(index);
  const stuck = new Set<number>();
  ground.standing.forEach((standing, host) => {
    if (standing !== 'waiting') return;
    const carried = ground.carried[host] ?? [];
    if (carried.some((instance) => !rollout.timetable.canEverBegin(instance) || isTooLarge(instance, host)))
      stuck.add(host);
  });
  return stuck;
}

/** Would an instance fit on no host but its own, even if all were empty? */
export function tooLarge(index: IndexedCampaign): (instance: number, host: number) => boolean {
  const { campaign, capacity, size } = index;
  /** By size: hosts that are large enough; two are enough to know. */
  const roomy = new Map<string, readonly number[]>();
  const hostsFor = (instance: number): readonly number[] => {
    const needed = size.subarray(instance * resourceKinds, (instance + 1) * resourceKinds);
    const key = needed.join();
    const known = roomy.get(key);
    if (known !== undefined) return known;
    const found: number[] = [];
    for (let host = 0; host < campaign.hosts.length && found.length < 2; host++) {
      const { takesInstances, progress } = campaign.hosts[host] ?? {};
      const takes = takesInstances === true || progress === 'in_maintenance';
      if (takes && needed.every((amount, kind) => amount <= (capacity[host * resourceKinds + kind] ?? 0)))
        found.push(host);
    }
    roomy.set(key, found);
    return found;
  };
  return (instance, host) => {
    if (campaign.instances[instance]?.action === 'OWN_ACTION') return false;
    return !hostsFor(instance).some((other) => other !== host);
  };
}
