/** A campaign with numbers for names: what the planner looks up thousands of times stands in arrays. */
import type { Resources } from '../cloud.ts';
import { rememberedFor, rememberedWhile } from '../remembered-for.ts';
import type { Campaign, CampaignInstance } from './campaign.ts';

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

/**
 * A running session asks again and again, and most instances are the same objects in the same places each time: what was found
 * of them the last time still holds.
 */
export function indexCampaign(campaign: Campaign): IndexedCampaign {
  const { instances, rules } = campaign;
  const frame = frameOf(campaign);
  const last = newest.get(frame);
  const known = last?.campaign.instances.length === instances.length ? last : undefined;
  const found = known === undefined ? blank(instances.length) : copyOf(known);
  for (const [number, instance] of instances.entries())
    if (known?.campaign.instances[number] !== instance) enter(found, frame, number, instance);
  const togetherMembers: number[][] = rules.map(() => []);
  for (const [number, own] of found.together.entries())
    for (const rule of own) togetherMembers[rule]?.push(number);
  const { hostNumber, capacity } = frame;
  const maxPerHost = rules.map((rule) => rule.maxPerHost);
  const index = { campaign, hostNumber, capacity, ...found, togetherMembers, maxPerHost };
  newest.set(frame, index);
  return index;
}

/** What is told of instances. */
interface Numbers extends Pick<IndexedCampaign, 'size' | 'weight' | 'at' | 'target' | 'group'> {
  readonly apart: (readonly number[])[];
  readonly together: (readonly number[])[];
}

const blank = (count: number): Numbers => ({
  size: new Float64Array(count * resourceKinds),
  weight: new Float64Array(count),
  at: new Int32Array(count),
  target: new Int32Array(count),
  group: new Int32Array(count),
  apart: [],
  together: [],
});

const copyOf = ({ size, weight, at, target, group, apart, together }: IndexedCampaign): Numbers => ({
  size: size.slice(),
  weight: weight.slice(),
  at: at.slice(),
  target: target.slice(),
  group: group.slice(),
  apart: [...apart],
  together: [...together],
});

function enter(numbers: Numbers, frame: Frame, number: number, instance: CampaignInstance): void {
  const { vcpus, memoryMb, diskGb } = instance.size;
  const { hostNumber, groupNumber, largest, numbered } = frame;
  const { apart, together } = numbered(instance.ruleIds);
  numbers.size.set([vcpus, memoryMb, diskGb], number * resourceKinds);
  numbers.weight[number] = Math.max(
    vcpus / largest.vcpus,
    memoryMb / largest.memoryMb,
    diskGb / largest.diskGb,
  );
  numbers.at[number] = hostNumber.get(instance.host) ?? -1;
  numbers.target[number] = instance.target === undefined ? -1 : (hostNumber.get(instance.target) ?? -1);
  numbers.group[number] = groupNumber.get(instance.groupId) ?? -1;
  numbers.apart[number] = apart;
  numbers.together[number] = together;
}

/** What the numbers of instances are worked out from, besides themselves. */
interface Frame {
  readonly hostNumber: ReadonlyMap<string, number>;
  readonly groupNumber: ReadonlyMap<string, number>;
  readonly capacity: Float64Array;
  /** The most that any host can carry of each kind; at least 1. */
  readonly largest: Resources;
  readonly numbered: (ruleIds: readonly string[]) => NumberedRules;
}

const frameOf: (campaign: Campaign) => Frame = rememberedWhile(
  ({ rules }) => rules,
  ({ hosts, groups }) => [
    hosts.length,
    ...hosts.map(({ name }) => name),
    ...hosts.map(({ capacity }) => capacity),
    ...groups.map(({ id }) => id),
  ],
  ({ hosts, groups, rules }) => ({
    hostNumber: new Map(hosts.map(({ name }, number) => [name, number])),
    groupNumber: new Map(groups.map(({ id }, number) => [id, number])),
    capacity: Float64Array.from(
      hosts.flatMap(({ capacity: { vcpus, memoryMb, diskGb } }) => [vcpus, memoryMb, diskGb]),
    ),
    largest: largestOf(hosts),
    numbered: rulesByNumber(rules),
  }),
);

/** By what they were worked out from: the numbers that were asked for last. */
const newest = new WeakMap<Frame, IndexedCampaign>();

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
