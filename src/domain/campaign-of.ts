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
import { rememberedWhile } from './remembered-for.ts';
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
    instances: campaignInstances(session, world, known),
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

function campaignInstances(session: Session, world: World, rules: KnownRules): readonly CampaignInstance[] {
  const targets = reservedTargets(session.hosts);
  const moving = movingInstances(session);
  const slots = openSlots(session, world.now);
  const places = new Set([...computes(session), ...session.otherHosts].map(({ name }) => name));
  const { moveSeconds } = world.durations;
  const found: CampaignInstance[] = [];
  for (const instance of session.instances.values()) {
    const { id, host, gone } = instance;
    if (gone || host === undefined || !places.has(host)) continue;
    const target = moving.get(id) ?? targets.get(id);
    const { standing, lead } = asItStands(session, instance, host, world);
    found.push(
      drawn(instance, {
        standing,
        target: target === host ? undefined : target,
        moveSeconds,
        isMoving: moving.has(id),
        leadSeconds: leadLeft(session, instance, lead, world),
        impactedSeconds: Math.max(0, (slots.impactedUntil(instance) - world.now) / 1000),
        ruleIds: rules.of.get(id) ?? noRules,
      }),
    );
  }
  return found;
}

type Standing = Pick<CampaignInstance, 'id' | 'projectId' | 'host' | 'size' | 'action' | 'groupId'>;

interface Stood {
  readonly project: Session['projects'][string] | undefined;
  readonly constraints: Session['constraints'];
  readonly standing: Standing;
  /** What its application registered as the time between notice and impact. Seconds. */
  readonly lead: number;
}

const stood = new WeakMap<Instance, Stood>();

/** What is so of an instance as long as it, its project and what was registered stay as they are. */
function asItStands(session: Session, instance: Instance, host: string, world: World): Stood {
  const { id, projectId, size } = instance;
  const { constraints } = session;
  const project = session.projects[projectId];
  const last = stood.get(instance);
  if (last !== undefined && last.project === project && last.constraints === constraints) return last;
  // Its replacement needs a place before it goes: one is reserved, as for one that we move.
  const action = needsRoomForItself(session, instance) ? 'MIGRATE' : actionFor(session, instance, world);
  const standing = { id, projectId, host, size, action, groupId: budgetKey(session, instance) };
  const now: Stood = { project, constraints, standing, lead: leadSeconds(session, instance) };
  stood.set(instance, now);
  return now;
}

/** What an instance of a campaign is made of. */
interface Parts extends Omit<CampaignInstance, keyof Standing | 'target'> {
  readonly standing: Standing;
  readonly target: string | undefined;
}

const lastDrawn = new WeakMap<Instance, { readonly parts: Parts; readonly drawn: CampaignInstance }>();

/** Most instances are the same in one campaign as in the last one: they are the same objects then. */
function drawn(instance: Instance, parts: Parts): CampaignInstance {
  const last = lastDrawn.get(instance);
  if (last !== undefined && areSameParts(last.parts, parts)) return last.drawn;
  const { standing, target, ...others } = parts;
  const made: CampaignInstance = { ...standing, ...others, ...(target !== undefined && { target }) };
  lastDrawn.set(instance, { parts, drawn: made });
  return made;
}

function areSameParts(some: Parts, others: Parts): boolean {
  return (
    some.standing === others.standing &&
    some.target === others.target &&
    some.moveSeconds === others.moveSeconds &&
    some.isMoving === others.isMoving &&
    some.leadSeconds === others.leadSeconds &&
    some.impactedSeconds === others.impactedSeconds &&
    some.ruleIds === others.ruleIds
  );
}

/** What is left of the time between notice and impact; an ACK has given it away. */
function leadLeft(session: Session, { projectId, question }: Instance, lead: number, { now }: World): number {
  if (session.projects[projectId]?.subscribed === false || question?.answer === 'ACK') return 0;
  return question?.askedAt === undefined ? lead : Math.max(0, lead - (now - question.askedAt) / 1000);
}
