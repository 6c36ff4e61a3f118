/** What it does to a session that an admin continues it, and that the clock is set. */
import { isOverdue } from './agreed-action.ts';
import { mapInstances, mapValues } from './change-session.ts';
import type { CommandKind, CommandRecord } from './command.ts';
import { goneCount, maintainedCount } from './session-view.ts';
import type { Host, Instance, OpenQuestion, Project, Session, SessionState } from './session.ts';
import { isOfUnfinishedMove } from './unfinished-moves.ts';

/**
 * The failed session at the state where it goes on (facts 8.3, question 10). Nothing that was seen before counts any
 * more: the cloud is looked at anew, the projects are asked anew, whoever listens is found out anew. What was done stays
 * done; a host whose maintenance was broken off is maintained again. A session that has not failed (any more) is left as
 * it is: of two admins who continue it, the first does.
 */
export function continueSession(session: Session, state: SessionState, at: number): Session {
  if (session.state !== 'MAINTENANCE_FAILED' || session.deletedAt !== undefined) return session;
  const {
    endedAt: _endedAt,
    failure: _failure,
    pausedAt: _pausedAt,
    abortedAt: _abortedAt,
    ...rest
  } = session;
  return {
    ...rest,
    state,
    previousState: session.state,
    continuedAt: at,
    // Whoever continues it wants it to go on: an abort or a pause before does not count any more.
    paused: false,
    changedSequence: session.sequence,
    visit: {
      number: session.visit.number + 1,
      enteredAt: at,
      changedBefore: session.sequence,
      goneBefore: goneCount(session),
      maintainedBefore: maintainedCount(session),
    },
    hosts: session.hosts.map(beginAgain),
    projects: mapValues(session.projects, (project) => forgetAnswer(project, state)),
    instances: mapInstances(session.instances, beginAnew),
    commands: new Map([...session.commands].filter(([, record]) => goesOn(session, record))),
  };
}

/** What is under way in the cloud or on a host comes to its end; questions and looks are begun anew. */
const comesToItsEnd: ReadonlySet<CommandKind> = new Set<CommandKind>([
  'move_instance',
  'abort_move',
  'confirm_move',
  'close_host',
  'open_host',
  'run_plugin',
  'remove_downloads',
]);

function goesOn(session: Session, record: CommandRecord): boolean {
  if (record.endedAt !== undefined) return isOfUnfinishedMove(session, record);
  return comesToItsEnd.has(record.command.kind);
}

/**
 * A project that answered MAINTENANCE_COMPLETE is not asked that once more: it has scaled out, and would do so again
 * (facts 3.8).
 */
function forgetAnswer({ id, question, lastReply }: Project, state: SessionState): Project {
  const stands =
    state === 'MAINTENANCE_COMPLETE' && question?.state === state && question.answer === 'ACK'
      ? question
      : undefined;
  return {
    id,
    ...(stands !== undefined && { question: stands }),
    ...(lastReply !== undefined && { lastReply }),
  };
}

/** What was being done with it is begun anew. A host that was left aside stays so. */
function beginAgain({ reservations: _reservations, ...host }: Host): Host {
  const isBegun = host.progress === 'in_maintenance' || host.progress === 'draining';
  return isBegun ? { ...host, progress: 'waiting' } : host;
}

function beginAnew({ question: _question, ...instance }: Instance): Instance {
  if (!isOverdue(instance)) return { ...instance, attempts: 0 };
  // Whoever continues the session has seen to it.
  const { actionOutcome: _outcome, actionError: _error, ...rest } = instance;
  return { ...rest, attempts: 0 };
}

/**
 * The windows that run are as long as they were: nobody loses time to reply because the clock was set. `at` is the time
 * by the clock as it was. What people were told stays as it is: `maintenance_at` is a moment of the clock as it is now.
 */
export function jumpClock(session: Session, milliseconds: number, at: number): Session {
  const shifted = (time: number) => time + milliseconds;
  const { observedAt } = session;
  return {
    ...session,
    clockSetAt: shifted(at),
    ...(session.pausedAt !== undefined && { pausedAt: shifted(session.pausedAt) }),
    ...(session.resumedAt !== undefined && { resumedAt: shifted(session.resumedAt) }),
    // Never younger than it was by either clock: a look that is too old is done again.
    ...(observedAt !== undefined && { observedAt: Math.min(observedAt, shifted(observedAt)) }),
    visit: { ...session.visit, enteredAt: shifted(session.visit.enteredAt) },
    ...(session.continuedAt !== undefined && { continuedAt: shifted(session.continuedAt) }),
    projects: mapValues(session.projects, (project) => shiftQuestion(project, shifted)),
    instances: mapInstances(session.instances, (instance) => ({
      ...shiftQuestion(instance, shifted),
      ...(instance.operationEndedAt !== undefined && {
        operationEndedAt: shifted(instance.operationEndedAt),
      }),
    })),
    hosts: session.hosts.map((host) =>
      host.progress === 'in_maintenance' && host.maintenanceStartedAt !== undefined
        ? { ...host, maintenanceStartedAt: shifted(host.maintenanceStartedAt) }
        : host,
    ),
    commands: new Map(
      [...session.commands].map(([id, record]) => [
        id,
        {
          ...record,
          issuedAt: shifted(record.issuedAt),
          ...(record.endedAt !== undefined && { endedAt: shifted(record.endedAt) }),
        },
      ]),
    ),
  };
}

function shiftQuestion<T extends { readonly question?: OpenQuestion }>(
  holder: T,
  shifted: (time: number) => number,
): T {
  const { question } = holder;
  return question?.deliveredAt === undefined
    ? holder
    : { ...holder, question: { ...question, deliveredAt: shifted(question.deliveredAt) } };
}
