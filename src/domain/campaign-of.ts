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
import { computes, staysClosed } from './session-view.ts';
import type { Host, Instance, Session } from './session.ts';
import { actionFor } from './steps/move-choice.ts';
import { leadSeconds } from './steps/consent.ts';
import { movingInstances, reservedTargets } from './moving-instances.ts';
import { areSame, rememberedWhile, theSession } from './remembered-for.ts';
import type { World } from './workflow.ts';

/** Which of the waiting hosts may be admitted now. */
export type IsReady = (host: Host) => boolean;

export function campaignOf(session: Session, world: World, isReady: IsReady): Campaign {
  const { settings } = world;
  const known = campaignRules(session);
  return {
    hosts: [
      ...computes(session).map((host) => campaignHost(host, progressOf(host), world, isReady)),
      ...session.otherHosts.map((host) => campaignHost(host, 'outside', world, isReady)),
    ],
    instances: campaignInstances(session, world),
    groups: [...budgetsOf(session).values()].map(
      ({ key, name, slots, recoveryMilliseconds, members }): CampaignGroup => ({
        id: key,
        name,
        projectId: members[0]?.projectId ?? '',
        slots,
        recoverySeconds: recoveryMilliseconds / 1000,
      }),
    ),
    rules: known.rules,
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
  // One whose maintenance was broken off is not opened again.
  const isClosed = foundClosed || (!open && !closedByUs) || (progress === 'skipped' && staysClosed(host));
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

interface KnownRules {
  readonly rules: readonly CampaignRule[];
  /** The ids of the rules that an instance is under, by its own id. */
  readonly of: ReadonlyMap<string, readonly string[]>;
}

const campaignRules: (session: Session) => KnownRules = rememberedWhile(
  theSession,
  ({ serverGroups, constraints }) => [serverGroups, constraints],
  (session) => {
    const of = new Map<string, string[]>();
    const rules: CampaignRule[] = [];
    const add = (rule: CampaignRule, members: readonly string[]) => {
      rules.push(rule);
      for (const id of members) {
        const ids = of.get(id);
        if (ids === undefined) of.set(id, [rule.id]);
        else ids.push(rule.id);
      }
    };
    for (const { id, name, maxPerHost, members } of apartRules(session))
      add({ id: `apart ${id}`, name, kind: 'apart', maxPerHost }, members);
    for (const { id, name, policy, members } of session.serverGroups) {
      if (policy !== 'affinity') continue;
      add({ id: `together ${id}`, name, kind: 'together', maxPerHost: Infinity }, members);
    }
    return { rules, of };
  },
);

const noRules: readonly string[] = [];

/** More than one campaign may be drawn up at one moment: with the same instances. */
const campaignInstances: (session: Session, world: World) => readonly CampaignInstance[] = rememberedWhile(
  (_session, world) => world,
  (session) => [session],
  drawInstances,
);

function drawInstances(session: Session, world: World): readonly CampaignInstance[] {
  const { of } = campaignRules(session);
  const targets = reservedTargets(session.hosts);
  const moving = movingInstances(session);
  const slots = openSlots(session, world.now);
  const hosts = [...computes(session), ...session.otherHosts];
  const places = new Set(hosts.map(({ name }) => name));
  // What was to go to a host that went down since needs another place; in maintenance a host may be down.
  const lost = new Set(
    hosts.filter(({ up, progress }) => !up && progress !== 'in_maintenance').map(({ name }) => name),
  );
  const found: CampaignInstance[] = [];
  for (const instance of session.instances.values()) {
    const { id, host, gone } = instance;
    if (gone || host === undefined || !places.has(host)) continue;
    const still = atRest(session, instance, world, of.get(id) ?? noRules);
    const isMoving = moving.has(id);
    const reserved = targets.get(id);
    const target = moving.get(id) ?? (reserved !== undefined && lost.has(reserved) ? undefined : reserved);
    const isLeaving = target !== undefined && target !== host;
    const leadSeconds = leadLeft(session, instance, still.leadSeconds, world);
    const impactedSeconds = Math.max(0, (slots.impactedUntil(instance) - world.now) / 1000);
    const isAtRest = !isMoving && !isLeaving && impactedSeconds === 0 && leadSeconds === still.leadSeconds;
    found.push(
      isAtRest ? still : { ...still, isMoving, leadSeconds, impactedSeconds, ...(isLeaving && { target }) },
    );
  }
  return found;
}

interface Resting {
  readonly dependsOn: readonly unknown[];
  readonly known: CampaignInstance;
}

const resting = new WeakMap<Instance, Resting>();

/** An instance to which nothing is being done, as most are: from one campaign to the next it stays the same object. */
function atRest(
  session: Session,
  instance: Instance,
  world: World,
  ruleIds: readonly string[],
): CampaignInstance {
  const { id, projectId, host = '', size } = instance;
  const { moveSeconds } = world.durations;
  const dependsOn = [session.projects[projectId], session.constraints, ruleIds, moveSeconds, world.settings];
  const last = resting.get(instance);
  if (last !== undefined && areSame(last.dependsOn, dependsOn)) return last.known;
  const known: CampaignInstance = {
    id,
    projectId,
    host,
    size,
    // Its replacement needs a place before it goes: one is reserved, as for one that we move.
    action: needsRoomForItself(session, instance) ? 'MIGRATE' : actionFor(session, instance, world),
    moveSeconds,
    isMoving: false,
    leadSeconds: leadSeconds(session, instance),
    groupId: budgetKey(session, instance),
    impactedSeconds: 0,
    ruleIds,
  };
  resting.set(instance, { dependsOn, known });
  return known;
}

/** What is left of the time between notice and impact; an ACK has given it away. */
function leadLeft(session: Session, { projectId, question }: Instance, lead: number, { now }: World): number {
  if (session.projects[projectId]?.subscribed === false || question?.answer === 'ACK') return 0;
  return question?.askedAt === undefined ? lead : Math.max(0, lead - (now - question.askedAt) / 1000);
}
