/** How a cloud differs from the one that a plan was made for: whether the plan still tells what will happen. */
import type {
  Campaign,
  CampaignGroup,
  CampaignHost,
  CampaignInstance,
  CampaignRule,
} from './planner/campaign.ts';

/** A sentence for each difference that matters to a plan, for people; empty where the plan holds. */
export function driftOf(planned: Campaign, now: Campaign): readonly string[] {
  return [
    ...compared(planned.hosts, now.hosts, ({ name }) => name, 'host', hostChanges),
    ...compared(planned.instances, now.instances, ({ id }) => id, 'instance', instanceChanges),
    ...compared(usedGroups(planned), usedGroups(now), ({ id }) => id, 'limit', groupChanges),
    ...compared(usedRules(planned), usedRules(now), ({ id }) => id, 'placement rule', ruleChanges),
    ...parallelHostsChange(planned, now),
  ];
}

/** Those that an instance is under. */
function usedGroups({ groups, instances }: Campaign): readonly CampaignGroup[] {
  const used = new Set(instances.map(({ groupId }) => groupId));
  return groups.filter(({ id }) => used.has(id));
}

function usedRules({ rules, instances }: Campaign): readonly CampaignRule[] {
  const used = new Set(instances.flatMap(({ ruleIds }) => ruleIds));
  return rules.filter(({ id }) => used.has(id));
}

/** What came, went, and changed, in this order. */
function compared<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (one: T) => string,
  kind: string,
  changes: (before: T, after: T) => readonly string[],
): readonly string[] {
  const known = new Map(before.map((one) => [keyOf(one), one]));
  const present = new Set(after.map(keyOf));
  const came = after.map(keyOf).filter((key) => !known.has(key));
  const went = [...known.keys()].filter((key) => !present.has(key));
  return [
    ...came.map((key) => `${kind} ${key} is new`),
    ...went.map((key) => `${kind} ${key} is gone`),
    ...after.flatMap((one) => {
      const earlier = known.get(keyOf(one));
      return earlier === undefined
        ? []
        : changes(earlier, one).map((change) => `${kind} ${keyOf(one)} ${change}`);
    }),
  ];
}

function hostChanges(before: CampaignHost, after: CampaignHost): readonly string[] {
  return [
    ...(isEqual(before.capacity, after.capacity) ? [] : ['has another capacity']),
    ...(before.takesInstances === after.takesInstances
      ? []
      : [after.takesInstances ? 'takes instances again' : 'takes no instances any more']),
    ...((before.progress === 'outside') === (after.progress === 'outside')
      ? []
      : [after.progress === 'outside' ? 'is not to be maintained any more' : 'is to be maintained now']),
  ];
}

function instanceChanges(before: CampaignInstance, after: CampaignInstance): readonly string[] {
  return [
    ...(before.host === after.host ? [] : [`is on ${after.host}, no longer on ${before.host}`]),
    ...(isEqual(before.size, after.size) ? [] : ['has another size']),
    ...(before.action === after.action ? [] : [`leaves by ${after.action}, no longer by ${before.action}`]),
    ...(before.groupId === after.groupId ? [] : ['is under another limit']),
    ...(before.ruleIds.join() === after.ruleIds.join() ? [] : ['is under other placement rules']),
  ];
}

function groupChanges(before: CampaignGroup, after: CampaignGroup): readonly string[] {
  return [
    ...(before.slots === after.slots ? [] : [`allows ${after.slots} at once, no longer ${before.slots}`]),
    ...(before.recoverySeconds === after.recoverySeconds
      ? []
      : [`has a recovery time of ${after.recoverySeconds} s, no longer ${before.recoverySeconds} s`]),
  ];
}

function ruleChanges(before: CampaignRule, after: CampaignRule): readonly string[] {
  return before.maxPerHost === after.maxPerHost
    ? []
    : [`allows ${after.maxPerHost} on a host, no longer ${before.maxPerHost}`];
}

function parallelHostsChange(before: Campaign, after: Campaign): readonly string[] {
  const words = ({ parallelHosts }: Campaign) => `${parallelHosts ?? 'no number of'} hosts`;
  return before.parallelHosts === after.parallelHosts
    ? []
    : [`${words(after)} are asked for at once, no longer ${words(before)}`];
}

const isEqual = (a: object, b: object) => JSON.stringify(a) === JSON.stringify(b);
