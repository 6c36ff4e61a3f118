/** A running session as the planner sees it: what is left to be done, from now on. */
import { needsRoomForItself } from './agreed-action.ts';
import { budgetKey, budgetsOf } from './group-limits.ts';
import { openSlots } from './impact-budget.ts';
import { apartRules } from './placement-rules.ts';
import type {
  Campaign,
  CampaignGroup,
  CampaignHost,
  CampaignInstance,
  CampaignProgress,
  CampaignRule,
} from './planner/campaign.ts';
import { computes } from './session-view.ts';
import type { Host, Instance, Session } from './session.ts';
import { actionFor } from './steps/move-choice.ts';
import { leadSeconds } from './steps/consent.ts';
import { movingInstances } from './moving-instances.ts';
import type { World } from './workflow.ts';

/** Which of the waiting hosts may be admitted now. */
export type IsReady = (host: Host) => boolean;

export function campaignOf(session: Session, world: World, isReady: IsReady): Campaign {
  const { settings } = world;
  const rules = campaignRules(session);
  return {
    hosts: [
      ...computes(session).map((host) => campaignHost(host, progressOf(host), world, isReady)),
      ...session.otherHosts.map((host) => campaignHost(host, 'outside', world, isReady)),
    ],
    instances: campaignInstances(session, world, rules),
    groups: [...budgetsOf(session).values()].map(
      ({ key, name, slots, recoveryMilliseconds, members }): CampaignGroup => ({
        id: key,
        name,
        projectId: members[0]?.projectId ?? '',
        slots,
        recoverySeconds: recoveryMilliseconds / 1000,
      }),
    ),
    rules: rules.map(({ rule }) => rule),
    streams: { perHost: settings.parallelMoves, total: settings.totalMoves },
    ...(session.request.parallelHosts !== undefined && { parallelHosts: session.request.parallelHosts }),
    ...windowOf(session, world),
  };
}

/** What is left of the window; all of it before the maintenance begins. */
function windowOf({ request }: Session, { now }: World): Pick<Campaign, 'windowSeconds'> {
  const { windowEndsAt, maintenanceAt } = request;
  if (windowEndsAt === undefined) return {};
  return { windowSeconds: Math.max(0, (windowEndsAt - Math.max(now, maintenanceAt)) / 1000) };
}

/** A waiting host that an admin wants left aside is as good as that. */
function progressOf({ progress, skipRequested }: Host): CampaignProgress {
  return progress === 'waiting' && skipRequested === true ? 'skipped' : progress;
}

function campaignHost(
  host: Host,
  progress: CampaignProgress,
  { now, durations }: World,
  isReady: IsReady,
): CampaignHost {
  const { name, capacity, up, open, foundClosed, closedByUs, maintenanceStartedAt = now } = host;
  const whole = durations.hosts[name] ?? durations.hostSeconds;
  const isClosed = foundClosed || (!open && !closedByUs);
  return {
    name,
    capacity,
    progress,
    // What we closed we open again.
    takesInstances: up && !isClosed,
    maintenanceSeconds:
      progress === 'in_maintenance' ? Math.max(0, whole - (now - maintenanceStartedAt) / 1000) : whole,
    isReady: progress === 'waiting' && up && isReady(host),
  };
}

interface MemberRule {
  readonly rule: CampaignRule;
  readonly members: readonly string[];
}

function campaignRules(session: Session): readonly MemberRule[] {
  const apart = apartRules(session).map(({ id, name, maxPerHost, members }): MemberRule => ({
    rule: { id: `apart ${id}`, name, kind: 'apart', maxPerHost },
    members,
  }));
  const together = session.serverGroups
    .filter(({ policy }) => policy === 'affinity')
    .map(({ id, name, members }): MemberRule => ({
      rule: { id: `together ${id}`, name, kind: 'together', maxPerHost: Infinity },
      members,
    }));
  return [...apart, ...together];
}

function campaignInstances(
  session: Session,
  world: World,
  rules: readonly MemberRule[],
): readonly CampaignInstance[] {
  const ruleIds = new Map<string, string[]>();
  for (const { rule, members } of rules)
    for (const id of members) ruleIds.set(id, [...(ruleIds.get(id) ?? []), rule.id]);
  const targets = new Map(session.hosts.flatMap(({ reservations }) => Object.entries(reservations ?? {})));
  const moving = movingInstances(session);
  const slots = openSlots(session, world.now);
  const places = new Set([...computes(session), ...session.otherHosts].map(({ name }) => name));
  return Object.values(session.instances).flatMap((instance): CampaignInstance[] => {
    const { id, projectId, host, gone } = instance;
    if (gone || host === undefined || !places.has(host)) return [];
    const target = moving.get(id) ?? targets.get(id);
    const until = slots.impactedUntil(instance);
    return [
      {
        id,
        projectId,
        host,
        ...(target !== undefined && target !== host && { target }),
        size: instance.size,
        // Its replacement needs a place before it goes: one is reserved, as for one that we move.
        action: needsRoomForItself(session, instance) ? 'MIGRATE' : actionFor(session, instance, world),
        moveSeconds: world.durations.moveSeconds,
        isMoving: moving.has(id),
        leadSeconds: leadLeft(session, instance, world),
        groupId: budgetKey(session, instance),
        impactedSeconds: Math.max(0, (until - world.now) / 1000),
        ruleIds: ruleIds.get(id) ?? [],
      },
    ];
  });
}

/** What is left of the time between notice and impact; an ACK has given it away. */
function leadLeft(session: Session, instance: Instance, { now }: World): number {
  const { question } = instance;
  if (session.projects[instance.projectId]?.subscribed === false || question?.answer === 'ACK') return 0;
  const lead = leadSeconds(session, instance);
  return question?.askedAt === undefined ? lead : Math.max(0, lead - (now - question.askedAt) / 1000);
}
