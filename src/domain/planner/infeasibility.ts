/** Why a campaign cannot be done, for people: which host, which instance, which group, and what would help. */
import { bestRollout, isWaiting, lastEnd } from './best-rollout.ts';
import { indexCampaign } from './index-campaign.ts';
import type { PlanProblem, ScaleInNeed } from './plan.ts';
import type { Rollout } from './rollout.ts';
import { unplaced } from './scale-in-needs.ts';
import { tooLarge } from './stuck-hosts.ts';

/** None for a campaign that gets to its end. `rollout`: as far as it gets. */
export function problemsOf(rollout: Rollout, scaleIn: readonly ScaleInNeed[]): readonly PlanProblem[] {
  const { campaign } = rollout.index;
  const left = rollout.ground.standing.flatMap((_, host) => (isWaiting(rollout, host) ? [host] : []));
  const problems = left.flatMap((host) => blockedByItself(rollout, host));
  const explained = new Set(problems.flatMap(({ hosts }) => hosts));
  const others = left.filter((host) => !explained.has(campaign.hosts[host]?.name ?? ''));
  const window = others.length === 0 ? undefined : windowProblem(rollout, others);
  if (window !== undefined) return [...problems, window];
  return [...problems, ...others.flatMap((host) => withoutPlace(rollout, host, scaleIn))];
}

/** A host that nothing else has to do with: its own instances keep it from being emptied. */
function blockedByItself(rollout: Rollout, host: number): readonly PlanProblem[] {
  const { index, ground, timetable } = rollout;
  const { campaign } = index;
  const name = campaign.hosts[host]?.name ?? '';
  const isTooLarge = tooLarge(index);
  return (ground.carried[host] ?? []).flatMap((number): PlanProblem[] => {
    const instance = campaign.instances[number];
    if (instance === undefined) return [];
    const subject = { hosts: [name], instanceIds: [instance.id], groupIds: [] };
    if (isTooLarge(number, host)) {
      const { vcpus, memoryMb, diskGb } = instance.size;
      const message =
        `host ${name} cannot be emptied: instance ${instance.id} (${vcpus} vCPUs, ${memoryMb} MiB of memory, ` +
        `${diskGb} GiB of disk) is larger than every other host that takes instances; a host of that size, or its ` +
        `removal by project ${instance.projectId}, would make it feasible`;
      return [{ kind: 'instance_too_large', message, ...subject }];
    }
    if (timetable.canEverBegin(number)) return [];
    const group = campaign.groups.find(({ id }) => id === instance.groupId);
    const slots = group?.slots ?? 0;
    const broken = campaign.instances.filter(
      ({ groupId, impactedSeconds, id }) =>
        groupId === instance.groupId && impactedSeconds === Infinity && id !== instance.id,
    );
    const because =
      slots === 0
        ? `bears no impacted member at all`
        : `bears ${slots} impacted at once, and ${broken.map(({ id }) => id).join(', ')} ${broken.length === 1 ? 'is' : 'are'} broken`;
    const help =
      slots === 0
        ? 'a limit of at least 1 would make it feasible'
        : `to mend what is broken, or a limit of ${broken.length + 1}, would make it feasible`;
    const message =
      `host ${name} cannot be emptied: instance ${instance.id} of group ${group?.name ?? instance.groupId} ` +
      `(project ${instance.projectId}) may never be moved, as the group ${because}; ${help}`;
    return [{ kind: 'limit', message, ...subject, groupIds: [instance.groupId] }];
  });
}

/** Does it fail for want of time alone? */
function windowProblem({ index, hosts }: Rollout, left: readonly number[]): PlanProblem | undefined {
  const { windowSeconds, ...timeless } = index.campaign;
  if (windowSeconds === undefined) return undefined;
  const unlimited = bestRollout(indexCampaign(timeless));
  if (left.some((host) => isWaiting(unlimited, host))) return undefined;
  const names = left.map((host) => index.campaign.hosts[host]?.name ?? '');
  const message =
    `the window of ${windowSeconds} s is too short: ${hosts.length} hosts are done in it, and ${names.length} are not ` +
    `(${someOf(names)}); ${Math.ceil(lastEnd(unlimited))} s would make it feasible`;
  return { kind: 'window', message, hosts: names, instanceIds: [], groupIds: [] };
}

/** A host for whose instances there is no place, whatever is done first. */
function withoutPlace(
  { index, ground }: Rollout,
  host: number,
  scaleIn: readonly ScaleInNeed[],
): readonly PlanProblem[] {
  const { campaign, apart } = index;
  const name = campaign.hosts[host]?.name ?? '';
  const missing = unplaced(ground, host);
  const targets = [...ground.open.all(), ...ground.unfinished.all()].filter((other) => other !== host);
  // Where no rule is in the way either, others that leave the same host need the space that it finds.
  const apartOnly = missing.filter(
    (instance) =>
      (apart[instance] ?? []).length > 0 && targets.some((target) => ground.room.hasSpace(instance, target)),
  );
  const kind = missing.length > 0 && apartOnly.length === missing.length ? 'placement' : 'no_room';
  const instanceIds = missing.flatMap((number) => campaign.instances[number]?.id ?? []);
  const groupIds = [...new Set(missing.flatMap((number) => campaign.instances[number]?.groupId ?? []))];
  const rules = [...new Set(apartOnly.flatMap((number) => apart[number] ?? []))]
    .map((rule) => campaign.rules[rule])
    .flatMap((rule) => (rule === undefined ? [] : [`${rule.name} (at most ${rule.maxPerHost} per host)`]));
  const because =
    kind === 'placement'
      ? `${someOf(rules)} leaves no other host for ${someOf(instanceIds)}`
      : missing.length > 0
        ? `there is no room elsewhere for ${someOf(instanceIds)}`
        : 'there is no order in which its instances and those of the other hosts find room together';
  const message = `host ${name} cannot be emptied: ${because}; ${helpOf(scaleIn, kind === 'placement')}`;
  return [{ kind, message, hosts: [name], instanceIds, groupIds }];
}

function helpOf(scaleIn: readonly ScaleInNeed[], isPlacement: boolean): string {
  const less = scaleIn.map(
    ({ projectId, instances, helpfulInstanceIds }) =>
      `project ${projectId} removing ${instances} ${instances === 1 ? 'instance' : 'instances'} (such as ${helpfulInstanceIds[0] ?? 'any'})`,
  );
  const more = isPlacement ? 'one host more, or a wider rule' : 'one host more';
  return less.length === 0
    ? `${more}, would make it feasible`
    : `${less.join(' and ')}, or ${more}, would make it feasible`;
}

function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} others` : shown;
}
