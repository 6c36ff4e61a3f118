/** The step that takes the instances off the host that is being emptied. */
import type { InstanceAction, MoveAction } from '../cloud.ts';
import type { Command } from '../command.ts';
import { currentLayout, moved, openTargets, place, type Placement } from '../placement.ts';
import { hostInstances, visitCommands, type RecordOf } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';
import { commands, done, fail, wait, type Step, type World } from '../workflow.ts';
import { actionDoneNotice } from './ask.ts';

const firstRetryMilliseconds = 1_000;

/**
 * How often a live migration of a member of an anti-affinity group is tried that finds no valid host: pauses of 1, 2, 4
 * ... 64 s outlast what the scheduler remembers wrongly (`Layout.remembered`).
 */
const attemptsOutlastingScheduler = 8;

/**
 * Moves every instance of the chosen host as its project answered, side by side, and waits until all are where they go.
 * A failure names instance, host and reason. While the first host is prepared, an instance that finds no room is left
 * where it is: the session then asks for more room (facts 3.3, step 3).
 */
export const moveInstances: Step = (session, world) => {
  const { host } = session.visit;
  if (host === undefined) return done;
  const next = [
    ...confirmations(session),
    ...finishedNotices(session),
    ...departures(session, host, world),
    ...moves(session, host, world),
  ];
  if (next.length > 0) return commands(next);
  const retries = hostInstances(session, host).filter((instance) => mayTryAgain(session, instance, world));
  if (retries.length > 0) return wait(Math.min(...retries.map((instance) => retryAt(session, instance))));
  if (underWay(session).size > 0) return wait();
  const failed = Object.values(session.instances).filter(
    ({ actionOutcome, attempts, gone }) => actionOutcome === 'failed' && attempts > 0 && !gone,
  );
  const hopeless =
    session.state === 'PREPARE_MAINTENANCE'
      ? failed.filter(({ id }) => lastMove(session, id)?.error?.code !== 'no_valid_host')
      : failed;
  return hopeless.length === 0 ? done : fail(hopeless.map((instance) => describe(instance, host)).join('; '));
};

function describe({ id, name, action, actionError }: Instance, host: string): string {
  return `instance ${name} (${id}) could not leave host ${host} by ${action ?? 'MIGRATE'}: ${actionError ?? 'no reason given'}`;
}

/** What is to be done with an instance: its project's word, or the option for projects that cannot be asked. */
function actionFor(session: Session, instance: Instance, { settings }: World): InstanceAction {
  const project = session.projects[instance.projectId];
  if (project?.subscribed === false && settings.unsubscribedProjects !== 'fail')
    return settings.unsubscribedProjects;
  // An instance that came after the reply is treated as the gentlest default that every instance bears.
  return project?.question?.actions[instance.id] ?? 'MIGRATE';
}

function lastMove(session: Session, instanceId: string): RecordOf<'move_instance'> | undefined {
  return visitCommands(session, 'move_instance').findLast(({ command }) => command.instanceId === instanceId);
}

/** Instances whose move, confirmation or departure in this visit has not come to its end. */
function underWay(session: Session): ReadonlySet<string> {
  const ids = Object.values(session.instances)
    .filter(({ actionOutcome, attempts }) => actionOutcome === 'running' && attempts > 0)
    .map(({ id }) => id);
  return new Set(ids);
}

function confirmations(session: Session): readonly Command[] {
  const confirmed = new Set(visitCommands(session, 'confirm_move').map(({ command }) => command.instanceId));
  return unconfirmedMoves(session)
    .filter(({ instanceId }) => !confirmed.has(instanceId))
    .map(({ instanceId, host }) => ({ kind: 'confirm_move', instanceId, host }));
}

/** Cold migrations of any visit that are done but for their confirmation. */
export function unconfirmedMoves(
  session: Session,
): readonly { readonly instanceId: string; readonly host: string }[] {
  return [...session.commands.values()].flatMap(({ command, result }) =>
    command.kind === 'move_instance' && result?.kind === 'moved' && result.move.needsConfirmation
      ? [{ instanceId: command.instanceId, host: result.move.host }]
      : [],
  );
}

function finishedNotices(session: Session): readonly Command[] {
  const told = new Set(
    visitCommands(session, 'notify_project').flatMap(({ command }) => command.instanceIds ?? []),
  );
  const movedIds = new Set(visitCommands(session, 'move_instance').map(({ command }) => command.instanceId));
  return [...movedIds].flatMap((id) => {
    const instance = session.instances[id];
    return instance?.actionOutcome === 'done' &&
      !told.has(id) &&
      session.projects[instance.projectId]?.subscribed !== false
      ? [actionDoneNotice(instance.projectId, id)]
      : [];
  });
}

function departures(session: Session, host: string, world: World): readonly Command[] {
  const watched = new Set(
    visitCommands(session, 'watch_departure').flatMap(({ command }) => command.instanceIds),
  );
  const instanceIds = hostInstances(session, host)
    .filter((instance) => actionFor(session, instance, world) === 'OWN_ACTION' && !watched.has(instance.id))
    .map(({ id }) => id);
  return instanceIds.length === 0 ? [] : [{ kind: 'watch_departure', host, instanceIds }];
}

function moves(session: Session, host: string, world: World): readonly Command[] {
  const { parallelMoves } = world.settings;
  const running = visitCommands(session, 'move_instance').filter(({ command }) =>
    underWay(session).has(command.instanceId),
  );
  const ready = hostInstances(session, host).filter(
    (instance) => actionFor(session, instance, world) !== 'OWN_ACTION' && mayMove(session, instance, world),
  );
  const chosen = ready.slice(
    0,
    Math.max(0, parallelMoves - new Set(running.map(({ command }) => command.instanceId)).size),
  );
  if (chosen.length === 0) return [];
  const targets = chooseTargets(session, host, ready, running);
  return chosen.map((instance) => {
    // From the second time on the cloud chooses: our own reckoning was wrong.
    const target = instance.attempts === 0 ? targets?.get(instance.id) : undefined;
    return {
      kind: 'move_instance',
      instanceId: instance.id,
      action: actionFor(session, instance, world) as MoveAction,
      from: host,
      ...(target !== undefined && { target }),
    };
  });
}

/** Never tried in this visit; or worth another try, after a pause that doubles. */
function mayMove(session: Session, instance: Instance, world: World): boolean {
  if (instance.attempts === 0) return true;
  return mayTryAgain(session, instance, world) && retryAt(session, instance) <= world.now;
}

/** The pause gives the cloud time: it counts room that was just given back only a moment later. */
function retryAt(session: Session, { id, attempts }: Instance): number {
  return (lastMove(session, id)?.endedAt ?? 0) + firstRetryMilliseconds * 2 ** (attempts - 1);
}

/** Turned back in a way that left it as it was, with a try left. */
function mayTryAgain(
  session: Session,
  { id, attempts, actionOutcome }: Instance,
  { settings }: World,
): boolean {
  if (actionOutcome !== 'failed') return false;
  const last = lastMove(session, id);
  const mayBeRemembered =
    last?.command.action === 'LIVE_MIGRATE' &&
    last.error?.code === 'no_valid_host' &&
    session.serverGroups.some(({ policy, members }) => policy === 'anti-affinity' && members.includes(id));
  const most = mayBeRemembered
    ? Math.max(settings.moveAttempts, attemptsOutlastingScheduler)
    : settings.moveAttempts;
  if (attempts >= most) return false;
  // A cold migration that failed on the host leaves the instance in ERROR: moving it again is for people to decide.
  return (
    last?.error?.code === 'no_valid_host' ||
    (last?.error?.code === 'failed' && last.command.action === 'LIVE_MIGRATE')
  );
}

function chooseTargets(
  session: Session,
  host: string,
  leaving: readonly Instance[],
  running: readonly RecordOf<'move_instance'>[],
): Placement | undefined {
  const onTheirWay = running.flatMap(({ command: { instanceId, target }, endedAt }) =>
    target !== undefined && endedAt === undefined ? [[instanceId, target] as const] : [],
  );
  return place(moved(currentLayout(session), new Map(onTheirWay)), leaving, openTargets(session, host));
}
