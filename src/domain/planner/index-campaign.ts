/** A campaign with numbers for names: what the planner looks up thousands of times stands in arrays. */
import type { Resources } from '../cloud.ts';
import { rememberedFor } from '../remembered-for.ts';
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
  const numbered = rulesByNumber(rules);
  const capacity = new Float64Array(hosts.length * resourceKinds);
  hosts.forEach((host, number) => {
    const { vcpus, memoryMb, diskGb } = host.capacity;
    capacity.set([vcpus, memoryMb, diskGb], number * resourceKinds);
  });
  const ofAll = largestOf(hosts);
  const size = new Float64Array(instances.length * resourceKinds);
  const weight = new Float64Array(instances.length);
  const at = new Int32Array(instances.length);
  const target = new Int32Array(instances.length);
  const group = new Int32Array(instances.length);
  const apart: (readonly number[])[] = [];
  const together: (readonly number[])[] = [];
  const togetherMembers: number[][] = rules.map(() => []);
  instances.forEach((instance, number) => {
    const { vcpus, memoryMb, diskGb } = instance.size;
    const first = number * resourceKinds;
    size[first] = vcpus;
    size[first + 1] = memoryMb;
    size[first + 2] = diskGb;
    weight[number] = Math.max(vcpus / ofAll.vcpus, memoryMb / ofAll.memoryMb, diskGb / ofAll.diskGb);
    at[number] = hostNumber.get(instance.host) ?? -1;
    target[number] = instance.target === undefined ? -1 : (hostNumber.get(instance.target) ?? -1);
    group[number] = groupNumber.get(instance.groupId) ?? -1;
    const under = numbered(instance.ruleIds);
    apart.push(under.apart);
    together.push(under.together);
    for (const rule of under.together) togetherMembers[rule]?.push(number);
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

/** The most that any host can carry of each kind; at least 1. */
function largestOf(hosts: Campaign['hosts']): Resources {
  let [vcpus, memoryMb, diskGb] = [1, 1, 1];
  for (const { capacity } of hosts) {
    vcpus = Math.max(vcpus, capacity.vcpus);
    memoryMb = Math.max(memoryMb, capacity.memoryMb);
    diskGb = Math.max(diskGb, capacity.diskGb);
  }
  return { vcpus, memoryMb, diskGb };
}

interface NumberedRules {
  readonly apart: readonly number[];
  readonly together: readonly number[];
}

/** Rules stay the same from one campaign to the next, and so do the lists of those that an instance is under. */
const rulesByNumber: (rules: Campaign['rules']) => (ids: readonly string[]) => NumberedRules = rememberedFor(
  (rules) => {
    const numberOf = new Map(rules.map(({ id }, number) => [id, number]));
    return rememberedFor((ids) => {
      const numbers = ids.flatMap((id) => numberOf.get(id) ?? []);
      const ofKind = (kind: string) => numbers.filter((rule) => rules[rule]?.kind === kind);
      return { apart: ofKind('apart'), together: ofKind('together') };
    });
  },
);
