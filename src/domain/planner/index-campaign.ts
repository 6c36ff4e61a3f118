/** A campaign with numbers for names: what the planner looks up thousands of times stands in arrays. */
import type { Campaign } from './campaign.ts';

/** How many kinds of resources a size has: vCPUs, memory, disk. */
export const resourceKinds = 3;

export interface IndexedCampaign {
  readonly campaign: Campaign;
  readonly hostNumber: ReadonlyMap<string, number>;
  /** Per host three numbers each: what it can carry. */
  readonly capacity: Float64Array;
  /** Per instance three numbers each. */
  readonly size: Float64Array;
  /** Per instance: its size as a share of the largest capacity, by the scarcest resource; for sorting. */
  readonly weight: Float64Array;
  /** Per instance: where it is; -1 for a host that is not part of the campaign. */
  readonly at: Int32Array;
  /** Per instance: where it is going; -1 for none. */
  readonly target: Int32Array;
  /** Per instance: its group; -1 for one that has no budget. */
  readonly group: Int32Array;
  /** Per instance: the rules of kind `apart` that it is under. */
  readonly apart: readonly (readonly number[])[];
  /** Per instance: the rules of kind `together`. */
  readonly together: readonly (readonly number[])[];
  /** Per rule: its members, for those of kind `together`; empty for the others. */
  readonly togetherMembers: readonly (readonly number[])[];
  /** Per rule: how many members a host may carry. */
  readonly maxPerHost: readonly number[];
}

export function indexCampaign(campaign: Campaign): IndexedCampaign {
  const { hosts, instances, groups, rules } = campaign;
  const hostNumber = new Map(hosts.map(({ name }, number) => [name, number]));
  const groupNumber = new Map(groups.map(({ id }, number) => [id, number]));
  const ruleNumber = new Map(rules.map(({ id }, number) => [id, number]));
  const capacity = new Float64Array(hosts.length * resourceKinds);
  hosts.forEach((host, number) => {
    const { vcpus, memoryMb, diskGb } = host.capacity;
    capacity.set([vcpus, memoryMb, diskGb], number * resourceKinds);
  });
  const largest = [0, 0, 0];
  capacity.forEach((amount, place) => {
    const kind = place % resourceKinds;
    largest[kind] = Math.max(largest[kind] ?? 0, amount);
  });
  const size = new Float64Array(instances.length * resourceKinds);
  const weight = new Float64Array(instances.length);
  const at = new Int32Array(instances.length);
  const target = new Int32Array(instances.length);
  const group = new Int32Array(instances.length);
  const apart: number[][] = [];
  const together: number[][] = [];
  const togetherMembers: number[][] = rules.map(() => []);
  instances.forEach((instance, number) => {
    const sizes = [instance.size.vcpus, instance.size.memoryMb, instance.size.diskGb];
    size.set(sizes, number * resourceKinds);
    weight[number] = Math.max(...sizes.map((amount, kind) => amount / Math.max(1, largest[kind] ?? 1)));
    at[number] = hostNumber.get(instance.host) ?? -1;
    target[number] = instance.target === undefined ? -1 : (hostNumber.get(instance.target) ?? -1);
    group[number] = groupNumber.get(instance.groupId) ?? -1;
    const under = instance.ruleIds.flatMap((id) => ruleNumber.get(id) ?? []);
    apart.push(under.filter((rule) => rules[rule]?.kind === 'apart'));
    together.push(under.filter((rule) => rules[rule]?.kind === 'together'));
    for (const rule of together[number] ?? []) togetherMembers[rule]?.push(number);
  });
  return {
    campaign,
    hostNumber,
    capacity,
    size,
    weight,
    at,
    target,
    group,
    apart,
    together,
    togetherMembers,
    maxPerHost: rules.map(({ maxPerHost }) => maxPerHost),
  };
}
