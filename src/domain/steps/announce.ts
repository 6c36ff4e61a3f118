/**
 * Telling the projects, instance by instance, that a host is going to be emptied (workflow `vnf`; facts 3.5): early enough
 * for its turn, and no earlier.
 */
import { needsRoomForItself, registeredAction } from '../agreed-action.ts';
import { campaignOf } from '../campaign-of.ts';
import type { InstanceAction } from '../cloud.ts';
import { instanceActions } from '../cloud.ts';
import type { Command, NotifyProject } from '../command.ts';
import type { OpenSlots } from '../impact-budget.ts';
import { groupedBy } from '../kept-index.ts';
import { isTarget } from '../moving-instances.ts';
import { admitHosts } from '../planner/admit-hosts.ts';
import type { Campaign, CampaignHost, CampaignInstance } from '../planner/campaign.ts';
import { rememberedFor } from '../remembered-for.ts';
import { computesAt, computesToCome, hostInstances } from '../session-view.ts';
import type { Host, Instance, KnownConstraints, Session } from '../session.ts';
import type { World } from '../workflow.ts';
import { consentOf, isAnyUnwilling, replyWindow } from './consent.ts';
import { unlessFruitless } from './fruitless.ts';
import { mayFit, placesBy, secondsBeforeEnd, whatAdmissionDependsOn } from './places.ts';

/** For how long an answer is taken to be about to come; then other hosts are told of in its stead. */
const patienceMilliseconds = 10_000;
/** The least time ahead of its turn at which a host is told of. Seconds. */
const leastAheadSeconds = 10;

export interface Announcements {
  readonly commands: readonly Command[];
  /** When to look again, milliseconds since 1970. */
  readonly wakeAt: readonly number[];
}

/** The notices that are due: first ones, reminders, and those to applications that had put their answer off. */
export function announcements(session: Session, world: World, slots: OpenSlots): Announcements {
  const soon = new Set(hostsToTellOf(session, world));
  const commands: Command[] = [];
  const wakeAt: number[] = [...nextArrivals(session, world)];
  for (const host of computesToCome(session)) {
    if (host.progress === 'waiting' && !soon.has(host.name) && !isAnnounced(session, host)) continue;
    for (const instance of hostInstances(session, host.name)) {
      const consent = consentOf(session, instance, world);
      if (consent.kind === 'asked') wakeAt.push(consent.until, consent.since + patienceMilliseconds);
      if (consent.kind === 'later') wakeAt.push(consent.at);
      if (consent.kind !== 'to_ask' || !isTimeToAsk(session, host, instance)) continue;
      const allowed = allowedActions(session, instance, slots);
      if (allowed.length === 0) {
        wakeAt.push(...slots.takenUntil(instance));
        continue;
      }
      if (allowed.includes('OWN_ACTION')) slots.take(instance);
      commands.push(notice(session, instance, allowed, world));
    }
  }
  return { commands, wakeAt: wakeAt.filter((time) => time > world.now && Number.isFinite(time)) };
}

/** Was anybody told of this host? */
export function isAnnounced(session: Session, { name }: Host): boolean {
  return isAnyTold(hostInstances(session, name));
}

const isAnyTold: (instances: readonly Instance[]) => boolean = rememberedFor((instances) =>
  instances.some(({ question }) => question !== undefined),
);

/** May the host be emptied as far as its projects are concerned? Those that are asked only once it is being emptied agree later. */
export function isAgreed(session: Session, host: Host, world: World): boolean {
  return hostInstances(session, host.name).every(
    (instance) =>
      consentOf(session, instance, world).kind === 'given' || !isTimeToAsk(session, host, instance),
  );
}

/**
 * An application that puts a replacement in place by itself and wants room for it (`resource_mitigation`) is asked once that
 * room is reserved: it begins as soon as it is told.
 */
function isTimeToAsk(session: Session, { progress }: Host, instance: Instance): boolean {
  return progress === 'draining' || !needsRoomForItself(session, instance);
}

/**
 * The hosts whose turn is near: those that would be admitted if everybody had agreed, and if the hosts that are ready within
 * the time that applications need were ready now. Whoever has not answered for a while keeps nobody waiting.
 */
function hostsToTellOf(session: Session, world: World): readonly string[] {
  const waiting = computesAt(session, 'waiting');
  if (waiting.length === 0) return [];
  const ahead = secondsAhead(session);
  const places = placesBy(session, world, ahead + secondsBeforeEnd(session, world));
  const untold = waiting.filter((host) => !isAnnounced(session, host) && mayFit(session, host, places));
  if (untold.length === 0) return [];
  const able = waiting.filter((host) => !mustWait(session, host, world));
  const told = able.filter((host) => isAnnounced(session, host)).map(({ name }) => name);
  const dependsOn = [...whatAdmissionDependsOn(session, able, places), told.join()];
  return unlessFruitless(session, 'tell', dependsOn, () => {
    const isAble = new Set(able);
    const campaign = campaignOf(session, world, (host) => isAble.has(host));
    const next = admitHosts(inTime(campaign, ahead)).map(({ host }) => host);
    // Those that are told of already are in good hands.
    return able
      .filter((host) => next.includes(host.name) && !isAnnounced(session, host))
      .map(({ name }) => name);
  });
}

/** It is about to take instances, or an answer about it was no, or is missing for longer than one waits before turning to others. */
function mustWait(session: Session, host: Host, world: World): boolean {
  if (host.skipRequested === true || isTarget(session, host)) return true;
  if (!isAnnounced(session, host) && !isAnyUnwilling(session.projects)) return false;
  return hostInstances(session, host.name).some((instance) => {
    const consent = consentOf(session, instance, world);
    if (consent.kind === 'refused' || consent.kind === 'later') return true;
    return consent.kind === 'asked' && world.now >= consent.since + patienceMilliseconds;
  });
}

/** How long ahead of its turn a host is told of: as long as any application needs. Seconds. */
function secondsAhead({ constraints }: Session): number {
  return Math.max(leastAheadSeconds, constraints === undefined ? 0 : longestLead(constraints));
}

const longestLead: (constraints: KnownConstraints) => number = rememberedFor(({ instances, groups }) =>
  [...Object.values(instances), ...Object.values(groups)].reduce(
    (longest, { leadSeconds = 0 }) => Math.max(longest, leadSeconds),
    0,
  ),
);

/** The campaign as it will be so many seconds from now: hosts that are finished by then are. */
function inTime(campaign: Campaign, seconds: number): Campaign {
  const moves = groupedBy(campaign.instances, ({ host }) => host);
  const finished = new Set(
    campaign.hosts
      .filter((host) => secondsLeft(campaign, host, moves.get(host.name) ?? []) <= seconds)
      .map(({ name }) => name),
  );
  return {
    ...campaign,
    hosts: campaign.hosts.map((host) =>
      finished.has(host.name) ? { ...host, progress: 'maintained' as const } : later(host, seconds),
    ),
    instances: campaign.instances.map((instance) =>
      instance.target !== undefined && finished.has(instance.host)
        ? arrived(instance, instance.target)
        : instance,
    ),
  };
}

function arrived({ target: _, ...instance }: CampaignInstance, host: string): CampaignInstance {
  return { ...instance, host, isMoving: false };
}

const later = (host: CampaignHost, seconds: number): CampaignHost =>
  host.progress === 'in_maintenance'
    ? { ...host, maintenanceSeconds: host.maintenanceSeconds - seconds }
    : host;

/** How long the host is still worked on: what is to be moved, and its maintenance. Seconds. */
function secondsLeft(
  { streams }: Campaign,
  host: CampaignHost,
  carried: readonly CampaignInstance[],
): number {
  if (host.progress === 'in_maintenance') return host.maintenanceSeconds;
  if (host.progress !== 'draining') return Infinity;
  const seconds = carried.reduce((sum, { moveSeconds }) => sum + moveSeconds, 0);
  return seconds / streams.perHost + host.maintenanceSeconds;
}

/** When a host in maintenance comes so near to its end that its successor is told of, and when that may be admitted. */
function nextArrivals(session: Session, world: World): readonly number[] {
  const { now, durations } = world;
  const before = secondsBeforeEnd(session, world);
  const ahead = secondsAhead(session) + before;
  return computesAt(session, 'in_maintenance').flatMap(({ name, maintenanceStartedAt = now }) => {
    const seconds = durations.hosts[name] ?? durations.hostSeconds;
    return [ahead, before].map((earlier) => maintenanceStartedAt + (seconds - earlier) * 1000);
  });
}

/**
 * How the application may answer. Its own action begins where we cannot see it: it may be chosen only where a slot of the
 * group is held for it from the notice on. None: it bears its own action alone, and no slot is free.
 */
function allowedActions(session: Session, instance: Instance, slots: OpenSlots): readonly InstanceAction[] {
  const bearable = session.constraints?.instances[instance.id]?.migrationPreference ?? instanceActions;
  if (slots.isFree(instance)) return bearable;
  return registeredAction(session, instance) === 'OWN_ACTION'
    ? []
    : bearable.filter((action) => action !== 'OWN_ACTION');
}

function notice(
  session: Session,
  instance: Instance,
  allowed: readonly InstanceAction[],
  world: World,
): NotifyProject {
  const anyMaintained = computesAt(session, 'maintained').length > 0;
  const state = instance.question?.state ?? (anyMaintained ? 'PLANNED_MAINTENANCE' : 'PREPARE_MAINTENANCE');
  const replyAt = world.now + replyWindow(session, instance, state, world);
  return {
    kind: 'notify_project',
    projectId: instance.projectId,
    state,
    instanceIds: [instance.id],
    replyInstanceId: instance.id,
    allowedActions: allowed,
    actionsAt: replyAt,
    replyAt,
    metadata: session.request.metadata,
  };
}
