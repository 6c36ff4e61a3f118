/**
 * The step of the workflow `vnf` that works on all hosts side by side: tells projects, admits hosts, moves instances,
 * maintains empty hosts and opens them, until nothing is left to do. What one host waits for delays no other.
 */
import { leavesByItself } from '../agreed-action.ts';
import { campaignOf } from '../campaign-of.ts';
import type { Command } from '../command.ts';
import { openSlots } from '../impact-budget.ts';
import { isTarget, movingInstances } from '../moving-instances.ts';
import { admitHosts, emptyHostsToBegin } from '../planner/admit-hosts.ts';
import { recordsByInstance } from '../session-index.ts';
import {
  computes,
  computesAt,
  computesToCome,
  hostCommandPending,
  hostInstances,
  isFinished,
  pendingCommands,
  staysClosed,
  visitCommands,
} from '../session-view.ts';
import type { Host, Session } from '../session.ts';
import { act, done, wait, type Decided, type Step, type World } from '../workflow.ts';
import { announcements, isAgreed } from './announce.ts';
import { drain, type HostProblem } from './drain.ts';
import { unlessFruitless } from './fruitless.ts';
import { beginMaintenance, closing, maintain, opening } from './hosts.ts';
import { answerProblems, goesOn, hostProblems } from './host-problems.ts';
import { mayFit, placesBy, secondsBeforeEnd, whatAdmissionDependsOn } from './places.ts';
import { abortDeadlines, abortsOfOverdue } from './live-migration.ts';
import { askForLook } from './look.ts';
import { confirmations, finishedNotices } from './move-endings.ts';

export const workOnHosts: Step = (session, world) => {
  const slots = openSlots(session, world.now);
  const maintained = maintainHosts(session, world);
  const draining = drain(session, world, slots);
  const problems = [...maintained.problems, ...draining.problems, ...hostProblems(session, world)];
  const answered = answerProblems(session, world, problems);
  if (answered !== undefined) return answered;
  const endings = [
    ...confirmations(session),
    ...finishedNotices(session),
    ...abortsOfOverdue(session, world),
    ...openings(session),
  ];
  // One that fails as a whole begins nothing more, nor does a host that is left aside; what is under way comes to its end.
  const begins = goesOn(session, problems);
  const ending = new Set(problems.map(({ host }) => host));
  const isToBegin = (command: Command) => !ending.has(hostOf(session, command) ?? '');
  const controllers = session.hosts.filter((host) => host.type !== 'compute' && !isFinished(host));
  const isComputesTurn = begins && controllers.length === 0;
  const begun = isComputesTurn ? hostsBegun(session, world, ending) : [];
  // Whom to tell depends on what was begun: that is decided with it in the session.
  const told =
    isComputesTurn && begun.length === 0
      ? announcements(session, world, slots)
      : { commands: [], wakeAt: [] };
  const decided: readonly Decided[] = [
    ...endings.map(asDecided),
    ...maintained.decided,
    ...(begins ? draining.commands.filter(isToBegin).map(asDecided) : []),
    ...(begins && !isComputesTurn ? nextController(controllers) : []),
    ...begun,
    ...told.commands.filter(isToBegin).map(asDecided),
    ...closings(session).map(asDecided),
  ];
  if (decided.length > 0) return act(...decided);
  if (draining.needsLook || needsLookToBegin(session)) {
    const look = askForLook(session, session.observedSequence);
    if (look.kind !== 'wait') return look;
  }
  const times = [
    ...abortDeadlines(session, world),
    ...maintained.wakeAt,
    ...draining.wakeAt,
    ...told.wakeAt,
  ].filter((time) => time > world.now);
  if (times.length > 0) return wait(Math.min(...times));
  return pendingCommands(session).length > 0 ? wait() : done;
};

/** The host whose instances a command is about. */
function hostOf({ instances }: Session, command: Command): string | undefined {
  if (command.kind === 'move_instance') return command.from;
  if (command.kind === 'watch_departure') return command.host;
  return command.kind === 'notify_project' ? instances.get(command.replyInstanceId ?? '')?.host : undefined;
}

const asDecided = (command: Command): Decided => ({ type: 'command', command });

interface Maintained {
  readonly decided: readonly Decided[];
  readonly wakeAt: readonly number[];
  readonly problems: readonly HostProblem[];
}

/** Goes on with every host in maintenance, and begins with those that are seen to be empty. */
function maintainHosts(session: Session, world: World): Maintained {
  const running = session.hosts.filter(({ progress }) => progress === 'in_maintenance');
  const results = running.map((host) => ({ host, result: maintain(session, host, world) }));
  const beginning = computesAt(session, 'draining').filter(
    (host) => host.skipRequested !== true && isSeenEmpty(session, host),
  );
  return {
    decided: [
      ...results.flatMap(({ result }) => (result.kind === 'act' ? result.decided : [])),
      ...beginning.flatMap(({ name }) => beginMaintenance(name)),
    ],
    wakeAt: results.flatMap(({ result }) => (result.kind === 'wait' ? (result.until ?? []) : [])),
    problems: results.flatMap(({ host, result }) =>
      result.kind === 'fail' ? [{ host: host.name, reason: result.reason }] : [],
    ),
  };
}

/** Nothing is on it or on its way from it, and a look since it was closed says so too. */
function isSeenEmpty(session: Session, host: Host): boolean {
  return isEmptied(session, host) && session.observedSequence > (host.touchedSequence ?? 0);
}

function isEmptied(session: Session, host: Host): boolean {
  return (
    hostInstances(session, host.name).length === 0 && isClosed(session, host) && !isBeingLeft(session, host)
  );
}

function isClosed(session: Session, { name, foundClosed, serviceId, closedByUs }: Host): boolean {
  if (foundClosed || serviceId === undefined) return true;
  return closedByUs && !hostCommandPending(session, 'close_host', name);
}

/** Until a cold migration is confirmed the host that it came from is not empty. */
function isBeingLeft(session: Session, { name }: Host): boolean {
  return [...movingInstances(session).keys()].some(
    (id) =>
      session.instances.get(id)?.gone !== true &&
      recordsByInstance(session.commands)
        .get(id)
        ?.some(({ command }) => command.kind === 'move_instance' && command.from === name),
  );
}

/** A host is empty as far as we know; only a look is missing. */
function needsLookToBegin(session: Session): boolean {
  return computesAt(session, 'draining').some(
    (host) => isEmptied(session, host) && !isSeenEmpty(session, host),
  );
}

/** Hosts that are worked on from now on: empty ones first, for what is done with them decides where instances can go. */
function hostsBegun(session: Session, world: World, ending: ReadonlySet<string>): readonly Decided[] {
  const ready = computesAt(session, 'waiting').filter(
    (host) => !ending.has(host.name) && !isTarget(session, host) && isAgreed(session, host, world),
  );
  const isAnyEmpty = ready.some(({ name }) => hostInstances(session, name).length === 0);
  const places = placesBy(session, world, secondsBeforeEnd(session, world));
  if (ready.length === 0 || (!isAnyEmpty && !ready.some((host) => mayFit(session, host, places)))) return [];
  return unlessFruitless(session, 'begin', whatAdmissionDependsOn(session, ready, places), () => {
    const isReady = new Set(ready);
    const campaign = campaignOf(session, world, (host) => isReady.has(host));
    const empty = emptyHostsToBegin(campaign).map((host) => ({ host, targets: {} }));
    const admitted = empty.length > 0 ? empty : admitHosts(campaign);
    return admitted.map(({ host, targets }) => ({ type: 'host_admitted' as const, host, targets }));
  });
}

/** Controllers, then other hosts, one at a time and before any compute (facts 3.3, step 4). */
function nextController(left: readonly Host[]): readonly Decided[] {
  if (left.some(({ progress }) => progress === 'in_maintenance')) return [];
  const next = left.find(({ type }) => type === 'controller') ?? left[0];
  if (next === undefined) return [];
  return next.skipRequested === true
    ? [{ type: 'host_skipped', host: next.name, reason: 'an admin had it left aside' }]
    : beginMaintenance(next.name);
}

/**
 * A host is closed when it is admitted, or as soon as an application may take an instance away from it by itself: what it puts
 * in its place is not to come back. Until then it is open for everybody.
 */
function closings(session: Session): readonly Command[] {
  return computesToCome(session)
    .filter((host) => host.open && !host.foundClosed && !host.closedByUs && isToBeClosed(session, host))
    .filter(({ name }) => !hostCommandPending(session, 'close_host', name))
    .flatMap((host) => closing(session, host));
}

function isToBeClosed(session: Session, { name, progress }: Host): boolean {
  if (progress !== 'waiting') return progress === 'draining';
  return hostInstances(session, name).some((instance) => leavesByItself(session, instance));
}

/** Whatever we closed and is not being worked on any more, or not yet, is opened. */
function openings(session: Session): readonly Command[] {
  return computes(session)
    .filter((host) => host.closedByUs && !staysClosed(host))
    .filter((host) => isFinished(host) || (host.progress === 'waiting' && !isToBeClosed(session, host)))
    .filter(
      ({ name }) =>
        !hostCommandPending(session, 'open_host', name) &&
        !hostCommandPending(session, 'close_host', name) &&
        !visitCommands(session, 'open_host').some(({ command, error }) => command.host === name && error),
    )
    .flatMap(opening);
}
