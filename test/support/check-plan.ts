/**
 * Checks a plan against its campaign, by nothing but what both say: no code of the planner is used. Returns what is wrong, for
 * people; an empty list is a plan that breaks nothing.
 */
import type { Campaign, CampaignHost, CampaignInstance } from '../../src/domain/planner/campaign.ts';
import type { Plan, PlannedMove } from '../../src/domain/planner/plan.ts';

/** An instance is on a host, or room is held for it there, from one moment to another. */
interface Stay {
  readonly instance: CampaignInstance;
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

export function checkPlan(campaign: Campaign, plan: Plan): readonly string[] {
  const hosts = new Map(campaign.hosts.map((host) => [host.name, host]));
  const instances = new Map(campaign.instances.map((instance) => [instance.id, instance]));
  const stays = staysOf(plan, instances);
  return [
    ...checkRoom(hosts, stays),
    ...checkRules(campaign, stays, plan, instances),
    ...checkBudgets(campaign, plan, instances),
    ...checkStreams(campaign, plan),
    ...checkMoves(campaign, plan, instances, hosts),
    ...checkMaintenance(campaign, plan, hosts, stays),
    ...checkSecondMoves(campaign, plan, hosts),
    ...checkVerdict(campaign, plan, hosts),
  ];
}

const admissionOf = (plan: Plan, host: string) => plan.hosts.find((planned) => planned.host === host);

function staysOf(plan: Plan, instances: ReadonlyMap<string, CampaignInstance>): Stay[] {
  const stays: Stay[] = [];
  for (const instance of instances.values()) {
    const moves = plan.moves.filter(({ instanceId }) => instanceId === instance.id);
    let host: string | undefined = instance.host;
    let from = -Infinity;
    const isUnderWay = instance.isMoving && instance.target !== undefined;
    if (isUnderWay) {
      stays.push({ instance, host, from, to: instance.moveSeconds });
      host = instance.target;
    }
    for (const move of moves) {
      if (host === undefined) break;
      stays.push({ instance, host, from, to: move.endsAt });
      host = move.to;
      from = heldFrom(plan, move);
    }
    if (host !== undefined) stays.push({ instance, host, from, to: Infinity });
  }
  return stays;
}

/** From when on its room is held where it goes: from the admission, or the end of the maintenance that it waits for. */
function heldFrom(plan: Plan, { from, to, startsAt }: PlannedMove): number {
  const admittedAt = Math.max(0, admissionOf(plan, from)?.admittedAt ?? startsAt);
  const target = to === undefined ? undefined : admissionOf(plan, to);
  const isMaintained =
    target !== undefined && target.maintenanceStartsAt <= admittedAt && target.endsAt > admittedAt;
  return isMaintained ? target.endsAt : admittedAt;
}

/** Whenever something comes to a host, all that is there or expected fits. */
function checkRoom(hosts: ReadonlyMap<string, CampaignHost>, stays: readonly Stay[]): string[] {
  const wrong: string[] = [];
  for (const [name, { capacity }] of hosts) {
    const here = stays.filter(({ host }) => host === name);
    for (const { from } of here.filter((stay) => Number.isFinite(stay.from))) {
      const there = here.filter((stay) => stay.from <= from && stay.to > from);
      for (const kind of ['vcpus', 'memoryMb', 'diskGb'] as const) {
        const used = there.reduce((sum, { instance }) => sum + instance.size[kind], 0);
        if (used > capacity[kind])
          wrong.push(`${name} holds ${used} of ${capacity[kind]} ${kind} at ${from}`);
      }
    }
  }
  return wrong;
}

function checkRules(
  campaign: Campaign,
  stays: readonly Stay[],
  plan: Plan,
  instances: ReadonlyMap<string, CampaignInstance>,
): string[] {
  const wrong: string[] = [];
  for (const rule of campaign.rules) {
    const members = stays.filter(({ instance }) => instance.ruleIds.includes(rule.id));
    if (rule.kind === 'together') {
      for (const { name: host } of campaign.hosts) {
        const moved = plan.moves.filter(
          ({ from, to, instanceId }) =>
            from === host &&
            to !== undefined &&
            instances.get(instanceId)?.ruleIds.includes(rule.id) === true,
        );
        const targets = new Set(moved.map(({ to }) => to));
        if (targets.size > 1) wrong.push(`${rule.name} is torn apart: ${[...targets].join(', ')}`);
      }
      continue;
    }
    for (const arrival of members.filter(({ from }) => Number.isFinite(from))) {
      const there = members.filter(
        ({ host, from, to }) => host === arrival.host && from <= arrival.from && to > arrival.from,
      );
      if (there.length > rule.maxPerHost)
        wrong.push(`${arrival.host} has ${there.length} members of ${rule.name} at ${arrival.from}`);
    }
  }
  return wrong;
}

function checkBudgets(
  campaign: Campaign,
  plan: Plan,
  instances: ReadonlyMap<string, CampaignInstance>,
): string[] {
  const wrong: string[] = [];
  for (const group of campaign.groups) {
    const members = [...instances.values()].filter(({ groupId }) => groupId === group.id);
    const impacts = new Map<string, Span[]>(
      members.map((member) => {
        const underWay = member.isMoving ? member.moveSeconds + group.recoverySeconds : 0;
        return [member.id, [{ from: -1, to: Math.max(underWay, member.impactedSeconds) }]];
      }),
    );
    const moves = plan.moves.filter(({ instanceId }) => impacts.has(instanceId));
    for (const move of moves) impacts.get(move.instanceId)?.push(impactOf(move));
    for (const move of moves) {
      const { from, to } = impactOf(move);
      if (to < move.endsAt + group.recoverySeconds) wrong.push(`${move.instanceId} has no time to recover`);
      const others = members.filter(
        ({ id }) =>
          id !== move.instanceId &&
          (impacts.get(id) ?? []).some((span) => span.from <= from && span.to > from),
      );
      if (others.length >= group.slots)
        wrong.push(
          `${move.instanceId} begins at ${from}: ${others.length} of ${group.name} are impacted already`,
        );
    }
  }
  return wrong;
}

const impactOf = ({ action, noticeAt, startsAt, recoveredAt }: PlannedMove): Span => ({
  from: action === 'OWN_ACTION' ? noticeAt : startsAt,
  to: recoveredAt,
});

function checkStreams(campaign: Campaign, plan: Plan): string[] {
  const wrong: string[] = [];
  const underWay = campaign.instances
    .filter(({ isMoving, action }) => isMoving && action !== 'OWN_ACTION')
    .map(({ host, moveSeconds }) => ({ host, from: 0, to: moveSeconds }));
  const moves = [
    ...underWay,
    ...plan.moves
      .filter(({ action }) => action !== 'OWN_ACTION')
      .map(({ from, startsAt, endsAt }) => ({ host: from, from: startsAt, to: endsAt })),
  ];
  for (const { host, from } of moves) {
    const now = moves.filter((move) => move.from <= from && move.to > from);
    if (now.length > campaign.streams.total) wrong.push(`${now.length} moves at once at ${from}`);
    const here = now.filter((move) => move.host === host);
    if (here.length > campaign.streams.perHost) wrong.push(`${here.length} moves from ${host} at ${from}`);
  }
  return wrong;
}

function checkMoves(
  campaign: Campaign,
  plan: Plan,
  instances: ReadonlyMap<string, CampaignInstance>,
  hosts: ReadonlyMap<string, CampaignHost>,
): string[] {
  const wrong: string[] = [];
  const at = new Map(campaign.instances.map(({ id, host, target }) => [id, target ?? host]));
  for (const [id, { host, target, isMoving }] of instances)
    if (!isMoving && target !== undefined) at.set(id, host);
  for (const move of plan.moves) {
    const instance = instances.get(move.instanceId);
    if (instance === undefined) {
      wrong.push(`${move.instanceId} does not exist`);
      continue;
    }
    const where = at.get(move.instanceId);
    if (where !== move.from)
      wrong.push(`${move.instanceId} moves from ${move.from}, but is on ${String(where)}`);
    at.set(move.instanceId, move.to ?? 'gone');
    if (move.noticeAt < 0 || move.startsAt < move.noticeAt + instance.leadSeconds)
      wrong.push(`${move.instanceId} begins at ${move.startsAt}, told at ${move.noticeAt}`);
    if (move.endsAt !== move.startsAt + instance.moveSeconds)
      wrong.push(`${move.instanceId} moves for too short`);
    const from = admissionOf(plan, move.from);
    if (from !== undefined && move.startsAt < from.admittedAt)
      wrong.push(`${move.instanceId} begins before ${move.from} is admitted`);
    if (move.action === 'OWN_ACTION') continue;
    if (move.to === undefined || move.to === move.from) {
      wrong.push(`${move.instanceId} has no target`);
      continue;
    }
    const target = hosts.get(move.to);
    if (target?.takesInstances !== true && target?.progress !== 'in_maintenance')
      wrong.push(`${move.instanceId} goes to ${move.to}, which takes none`);
    const admitted = admissionOf(plan, move.to);
    const begun = heldFrom(plan, move);
    const isInTheWay = admitted !== undefined && admitted.admittedAt < move.endsAt && admitted.endsAt > begun;
    if (isInTheWay || move.startsAt < begun)
      wrong.push(`${move.instanceId} goes to ${move.to} while that is worked on`);
  }
  return wrong;
}

function checkMaintenance(
  campaign: Campaign,
  plan: Plan,
  hosts: ReadonlyMap<string, CampaignHost>,
  stays: readonly Stay[],
): string[] {
  const wrong: string[] = [];
  for (const { host, admittedAt, maintenanceStartsAt, endsAt } of plan.hosts) {
    const seconds = hosts.get(host)?.maintenanceSeconds ?? NaN;
    if (endsAt - maintenanceStartsAt !== seconds) wrong.push(`${host} is maintained for too short`);
    if (admittedAt > maintenanceStartsAt) wrong.push(`${host} is maintained before it is admitted`);
    const there = stays.filter(
      (stay) => stay.host === host && stay.from < endsAt && stay.to > maintenanceStartsAt,
    );
    for (const { instance } of there) wrong.push(`${instance.id} is on ${host} during its maintenance`);
    const atOnce = plan.hosts.filter(
      (other) => other.admittedAt <= admittedAt && other.endsAt > admittedAt,
    ).length;
    if (atOnce > (campaign.parallelHosts ?? Infinity)) wrong.push(`${atOnce} hosts at once at ${admittedAt}`);
    if (endsAt > (campaign.windowSeconds ?? Infinity)) wrong.push(`${host} ends after the window`);
  }
  return wrong;
}

/** Only what empties the first hosts, or gets a campaign on that would stand still, goes where it cannot stay. */
function checkSecondMoves(
  campaign: Campaign,
  plan: Plan,
  hosts: ReadonlyMap<string, CampaignHost>,
): string[] {
  const wrong: string[] = [];
  const toDo = campaign.hosts.filter(({ progress }) => progress === 'waiting').length;
  for (const move of plan.moves) {
    const { instanceId, from, to } = move;
    if (to === undefined || hosts.get(to)?.progress !== 'waiting') continue;
    const admittedAt = admissionOf(plan, from)?.admittedAt ?? 0;
    const target = admissionOf(plan, to);
    if (target !== undefined && target.endsAt <= heldFrom(plan, move)) continue;
    const begun = plan.hosts.filter((host) => host.admittedAt < admittedAt);
    const underWay = begun.filter((host) => host.endsAt > admittedAt).length;
    const isEarly = toDo - begun.length > 2 * underWay;
    if (underWay > 0 && !isEarly)
      wrong.push(`${instanceId} goes to ${to} at ${admittedAt}, and must move again`);
  }
  return wrong;
}

function checkVerdict(campaign: Campaign, plan: Plan, hosts: ReadonlyMap<string, CampaignHost>): string[] {
  const wrong: string[] = [];
  const done = plan.hosts.map(({ host }) => host);
  if (new Set(done).size !== done.length) wrong.push('a host is maintained twice');
  for (const name of done) {
    const { progress } = hosts.get(name) ?? {};
    if (progress !== 'waiting' && progress !== 'draining' && progress !== 'in_maintenance')
      wrong.push(`${name} need not be maintained`);
  }
  const last = Math.max(0, ...plan.hosts.map(({ endsAt }) => endsAt));
  if (plan.makespanSeconds !== last)
    wrong.push(`the makespan is ${plan.makespanSeconds}, the last end ${last}`);
  const missing = campaign.hosts.filter(
    ({ name, progress }) =>
      (progress === 'waiting' || progress === 'draining' || progress === 'in_maintenance') &&
      !done.includes(name),
  );
  if ((plan.verdict === 'feasible') !== (missing.length === 0))
    wrong.push(`${plan.verdict}, but ${missing.length} hosts are not maintained`);
  if (plan.verdict === 'infeasible' && plan.problems.length === 0) wrong.push('infeasible for no reason');
  for (const { name } of missing)
    if (!plan.problems.some((problem) => problem.hosts.includes(name)))
      wrong.push(`nobody says why ${name} is left`);
  return wrong;
}
