/** The steps that take the instances off the host that is being emptied, and bring every move to its end. */
import type { InstanceAction, MoveAction } from '../cloud.ts';
import type { Command } from '../command.ts';
import { currentLayout } from '../placement.ts';
import { hostInstances, pendingCommands, visitCommands } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';
import { unconfirmedMoves } from '../unfinished-moves.ts';
import type { Admission } from '../impact-budget.ts';
import { commands, done, fail, wait, type Step, type World } from '../workflow.ts';
import { actionDoneNotice } from './ask.ts';
import { abortDeadlines, abortsOfOverdue } from './live-migration.ts';
import { askForLook, look } from './look.ts';
import { failureOf, failuresOf } from './move-failures.ts';
import { turns } from './move-choice.ts';
import { nextAction } from './move-obstacles.ts';
import { mayMove, mayTryAgain, retryAt, wasSeenSince } from './move-retry.ts';
import { homeless, needsOurTarget, targetsOf } from './move-targets.ts';

/** An instance to which something could be done, and what. */
type Candidate = Instance & { readonly next: InstanceAction };
type Turn = Admission<Candidate>;

/**
 * Moves every instance of the chosen host as its project answered, side by side, and waits until all are where they go;
 * those that came meanwhile too. Once one cannot leave, no other move is begun, and the failure names instance, host and
 * reason. While the first host is prepared, an instance that finds no room is left where it is: the session then asks
 * for more room (facts 3.3, step 3).
 */
export const moveInstances: Step = (session, world) => {
  const { host } = session.visit;
  if (host === undefined) return done;
  const startable = mayStart(session, host, world);
  const nowhere = homeless(session, host, startable.filter(leavesByUs));
  const candidates = startable.filter(({ id }) => !nowhere.some((one) => one.id === id));
  const turn = turns(session, candidates, world);
  const failures = failuresNow(session, host, nowhere, turn, world);
  const next = [
    ...confirmations(session),
    ...finishedNotices(session),
    ...abortsOfOverdue(session, world),
    ...(failures.length === 0
      ? [...departures(host, turn), ...moves(session, host, turn, candidates, world)]
      : []),
  ];
  if (next.length > 0) return commands(next);
  const retries =
    failures.length === 0
      ? hostInstances(session, host).filter((instance) => mayTryAgain(session, instance, world))
      : [];
  const due = retries.filter((instance) => retryAt(session, instance) <= world.now);
  if (due.some((instance) => !wasSeenSince(session, instance))) {
    return askForLook(session, session.observedSequence);
  }
  const times = [
    ...abortDeadlines(session, world),
    ...turn.freeAt,
    ...retries.filter((instance) => !due.includes(instance)).map((instance) => retryAt(session, instance)),
  ];
  if (times.length > 0) return wait(Math.min(...times));
  if (underWay(session).size > 0) return wait();
  // Not all have agreed: their replies wake the session.
  if (failures.length === 0 && candidates.length > 0) return wait();
  // What was seen before may have changed: instances came, went, were mended, or moved after all.
  const seen = look(session, world);
  if (seen.kind === 'fail') return fail([...failures, seen.reason].join('; '));
  if (seen.kind !== 'done') return seen;
  return failures.length === 0 ? done : fail(failures.join('; '));
};

/** What cannot be done, in words; an instance that finds no room for the first host is no failure yet. */
function failuresNow(
  session: Session,
  host: string,
  nowhere: readonly Instance[],
  { blocked }: Turn,
  world: World,
): readonly string[] {
  const failed = failuresOf(session, host, world);
  if (failed.length > 0) return failed;
  if (nowhere.length === 0 || session.state === 'PREPARE_MAINTENANCE') return blocked;
  return nowhere.map(
    ({ id, name }) =>
      `instance ${name} (${id}) cannot leave host ${host}: no open host has room for it that keeps to what its group registered`,
  );
}

/** Confirms what earlier visits left unconfirmed: until then the host that it came from is not empty. */
export const settleMoves: Step = (session) => {
  const next = confirmations(session);
  if (next.length > 0) return commands(next);
  if (pendingCommands(session).some(({ command }) => command.kind === 'confirm_move')) return wait();
  const left = unconfirmedMoves(session).flatMap(({ instanceId }) => session.instances[instanceId] ?? []);
  return left.length === 0 ? done : fail(left.map((instance) => failureOf(session, instance)).join('; '));
};

/** Instances that are being moved, confirmed, or taken away by their owner just now. */
function underWay(session: Session): ReadonlySet<string> {
  const moving = pendingCommands(session).flatMap(({ command }) =>
    command.kind === 'move_instance' || command.kind === 'confirm_move' ? [command.instanceId] : [],
  );
  const departing = visitCommands(session, 'watch_departure')
    .filter(({ endedAt }) => endedAt === undefined)
    .flatMap(({ command }) => command.instanceIds);
  return new Set([...moving, ...departing]);
}

/** What is to be confirmed. A confirmation that failed is not tried again in the same visit. */
function confirmations(session: Session): readonly Command[] {
  return unconfirmedMoves(session)
    .filter(({ failed }) => failed?.visit !== session.visit.number)
    .map(({ instanceId, host }) => ({ kind: 'confirm_move', instanceId, host }));
}

function finishedNotices(session: Session): readonly Command[] {
  const told = new Set(
    visitCommands(session, 'notify_project').flatMap(({ command }) =>
      command.state === 'INSTANCE_ACTION_DONE' ? (command.instanceIds ?? []) : [],
    ),
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

/** The instances on the host to which something could be done now, whosever turn it is. */
function mayStart(session: Session, host: string, world: World): readonly Candidate[] {
  const busy = underWay(session);
  const watched = new Set(
    visitCommands(session, 'watch_departure').flatMap(({ command }) => command.instanceIds),
  );
  return hostInstances(session, host).flatMap((instance) => {
    const next = nextAction(session, instance, world);
    const may =
      next === 'OWN_ACTION'
        ? !watched.has(instance.id)
        : !busy.has(instance.id) && mayMove(session, instance, world);
    return may ? [{ ...instance, next }] : [];
  });
}

function departures(host: string, { admitted }: Turn): readonly Command[] {
  const instanceIds = admitted.filter(({ next }) => next === 'OWN_ACTION').map(({ id }) => id);
  return instanceIds.length === 0 ? [] : [{ kind: 'watch_departure', host, instanceIds }];
}

function moves(
  session: Session,
  host: string,
  { admitted }: Turn,
  candidates: readonly Candidate[],
  { settings }: World,
): readonly Command[] {
  const running = visitCommands(session, 'move_instance').filter(({ command }) =>
    underWay(session).has(command.instanceId),
  );
  const free = settings.parallelMoves - new Set(running.map(({ command }) => command.instanceId)).size;
  const ready = admitted.filter(leavesByUs).slice(0, Math.max(0, free));
  if (ready.length === 0) return [];
  const later = candidates.filter((one) => leavesByUs(one) && !ready.some(({ id }) => id === one.id));
  const targets = targetsOf(session, host, ready, later);
  const layout = currentLayout(session);
  return ready
    .filter((instance) => targets.has(instance.id) || !needsOurTarget(layout, instance))
    .map(({ id, next }) => {
      const target = targets.get(id);
      return {
        kind: 'move_instance',
        instanceId: id,
        action: next,
        from: host,
        ...(target !== undefined && { target }),
      };
    });
}

type Leaving = Instance & { readonly next: MoveAction };
const leavesByUs = (candidate: Candidate): candidate is Leaving => candidate.next !== 'OWN_ACTION';
