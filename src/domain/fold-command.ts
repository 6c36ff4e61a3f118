/** What it does to a session that a command is issued, goes well, or fails. */
import {
  changed,
  updateCommand,
  updateHost,
  updateInstance,
  updateProject,
  withCommand,
} from './change-session.ts';
import { endPlugin, issuePlugin } from './fold-plugin.ts';
import type { Command, CommandError, CommandRecord, CommandResult } from './command.ts';
import { adoptPlan } from './fold-campaign.ts';
import { learnConstraints } from './fold-constraint.ts';
import { foldObservation, goneInstance } from './fold-observation.ts';
import { recordsByInstance } from './session-index.ts';
import type { RecordOf } from './session-view.ts';
import type { Instance, OpenQuestion, Project, Session } from './session.ts';

type MoveCommand = Extract<Command, { kind: 'move_instance' }>;

/** A command was decided on; from here on it counts as under way. */
export function issueCommand(
  session: Session,
  id: string,
  command: CommandRecord['command'],
  at: number,
): Session {
  const record: CommandRecord = {
    id,
    command,
    visit: session.visit.number,
    sequence: session.sequence,
    issuedAt: at,
  };
  const next = withCommand(session, record);
  switch (command.kind) {
    case 'notify_project':
      if (command.state === 'INSTANCE_ACTION_DONE')
        return (command.instanceIds ?? []).reduce<Session>(
          (folded, id) => updateInstance(folded, id, ({ untold: _untold, ...instance }) => instance),
          next,
        );
      return command.replyInstanceId === undefined
        ? updateProject(next, command.projectId, (project) => ask(project, command.state, id, at))
        : updateInstance(next, command.replyInstanceId, (instance) =>
            ask(instance, command.state, id, at, command),
          );
    case 'close_host':
      return updateHost(next, command.host, { closedByUs: true, touchedSequence: session.sequence });
    case 'move_instance':
      return reserve(
        updateInstance(next, command.instanceId, (instance) => ({
          ...instance,
          action: command.action,
          actionOutcome: 'running',
          attempts: instance.attempts + 1,
        })),
        command,
      );
    case 'run_plugin':
      return issuePlugin(next, id, command, at);
    case 'watch_departure':
      return command.instanceIds.reduce<Session>(
        (folded, instanceId) =>
          updateInstance(folded, instanceId, (instance) => ({
            ...instance,
            action: 'OWN_ACTION',
            actionOutcome: 'running',
            attempts: instance.attempts + 1,
          })),
        next,
      );
    default:
      return next;
  }
}

function ask<T extends Project | Instance>(
  asked: T,
  state: OpenQuestion['state'],
  commandId: string,
  at: number,
  about?: Extract<Command, { kind: 'notify_project' }>,
): T {
  const { question } = asked;
  const repeated = question?.state === state ? question : undefined;
  return {
    ...asked,
    question: {
      state,
      commandId,
      // An application that put its answer off is asked anew.
      sends: repeated?.deferredUntil === undefined ? (repeated?.sends ?? 0) + 1 : 1,
      askedAt: repeated?.askedAt ?? at,
      ...(about !== undefined && { offersOwnAction: about.allowedActions.includes('OWN_ACTION') }),
      ...(about?.replyAt != null && { replyWithin: about.replyAt - at }),
      actions: repeated?.actions ?? {},
      ...(repeated?.fallbacks !== undefined && { fallbacks: repeated.fallbacks }),
    },
  };
}

/** A command brought what it was to bring. */
export function succeedCommand(session: Session, id: string, result: CommandResult, at: number): Session {
  const record = session.commands.get(id);
  if (record === undefined) return session;
  const next = updateCommand(session, id, { endedAt: at, result });
  if (result.kind === 'observed') return foldObservation(next, result.observation, record);
  if (result.kind === 'constraints') return learnConstraints(next, result, record);
  if (result.kind === 'downloaded') return { ...next, downloaded: result.files };
  if (result.kind === 'planned') return adoptPlan(next, result, record);
  const { command } = record;
  switch (command.kind) {
    case 'check_subscriptions': {
      const subscribed = new Set(result.kind === 'subscribed' ? result.projectIds : []);
      return command.projectIds.reduce<Session>(
        (folded, projectId) =>
          updateProject(folded, projectId, (project) => ({
            ...project,
            subscribed: subscribed.has(projectId),
          })),
        next,
      );
    }
    case 'notify_project':
      return command.replyInstanceId === undefined
        ? updateProject(next, command.projectId, (project) => delivered(project, id, at))
        : updateInstance(next, command.replyInstanceId, (instance) => delivered(instance, id, at));
    case 'run_plugin':
      return changed(endPlugin(next, id, at));
    case 'close_host':
      return changed(updateHost(next, command.host, { open: false, touchedSequence: session.sequence }));
    case 'open_host':
      return changed(
        updateHost(next, command.host, { open: true, closedByUs: false, touchedSequence: session.sequence }),
      );
    case 'move_instance':
      return result.kind === 'moved'
        ? changed(
            updateInstance(touchHost(next, command.from), command.instanceId, (instance) => ({
              ...arrived(result.move.needsConfirmation ? instance : finished(instance, at, record)),
              host: result.move.host,
              touchedSequence: session.sequence,
              ...(command.action === 'LIVE_MIGRATE' && {
                leftLive: [...(instance.leftLive ?? []), command.from],
              }),
            })),
          )
        : next;
    case 'confirm_move':
      return changed(
        updateInstance(
          touchHost(next, lastMoveOf(next, command.instanceId)?.command.from),
          command.instanceId,
          (instance) => ({
            ...finished(instance, at, lastMoveOf(next, command.instanceId)),
            touchedSequence: session.sequence,
          }),
        ),
      );
    case 'watch_departure':
      return changed(
        command.instanceIds.reduce<Session>(
          (folded, instanceId) =>
            updateInstance(folded, instanceId, ({ host: _host, question: _question, ...instance }) => ({
              ...instance,
              // Where it is now all tries are left.
              attempts: 0,
              actionOutcome: 'done',
              operationEndedAt: at,
              touchedSequence: session.sequence,
            })),
          next,
        ),
      );
    default:
      return next;
  }
}

/** A command failed for good. */
export function failCommand(session: Session, id: string, error: CommandError, at: number): Session {
  const record = session.commands.get(id);
  if (record === undefined) return session;
  const next = updateCommand(session, id, { endedAt: at, error });
  const { command } = record;
  switch (command.kind) {
    case 'run_plugin':
      return changed(endPlugin(next, id, at, error));
    case 'move_instance':
    case 'confirm_move':
      return changed(
        updateInstance(next, command.instanceId, (instance) =>
          error.code === 'instance_gone'
            ? goneInstance(instance)
            : { ...failedInstance(instance, error, at), touchedSequence: session.sequence },
        ),
      );
    case 'watch_departure':
      return changed(
        command.instanceIds.reduce<Session>(
          (folded, instanceId) =>
            // Nobody waits any more for who did not act in time.
            updateInstance(folded, instanceId, ({ question: _question, ...instance }) =>
              failedInstance(instance, error, at),
            ),
          next,
        ),
      );
    default:
      return next;
  }
}

/** What it was asked was about the host that it has left: of another one it has to be asked anew. */
function arrived({ question: _question, deferredSince: _since, ...instance }: Instance): Instance {
  return instance;
}

/** A move has come to its end: its project is to be told. */
function finished(instance: Instance, at: number, move: CommandRecord | undefined): Instance {
  return {
    ...instance,
    actionOutcome: 'done',
    operationEndedAt: at,
    untold: true,
    ...(move !== undefined && { moveSeconds: Math.max(0, (at - move.issuedAt) / 1000) }),
  };
}

/** What was seen of the host before says nothing of what it carries now. */
function touchHost(session: Session, host: string | undefined): Session {
  return host === undefined ? session : updateHost(session, host, { touchedSequence: session.sequence });
}

/** The newest move of an instance that is remembered. */
function lastMoveOf(session: Session, instanceId: string): RecordOf<'move_instance'> | undefined {
  return recordsByInstance(session.commands)
    .get(instanceId)
    ?.findLast((record): record is RecordOf<'move_instance'> => record.command.kind === 'move_instance');
}

/** The room that a host's admission reserved goes along with a move that is sent elsewhere. */
function reserve(session: Session, { from, instanceId, target }: MoveCommand): Session {
  const host = session.hosts.find(({ name }) => name === from);
  if (host?.reservations === undefined || target === undefined) return session;
  if (host.reservations[instanceId] === target) return session;
  return updateHost(session, from, { reservations: { ...host.reservations, [instanceId]: target } });
}

function failedInstance(instance: Instance, error: CommandError, at: number): Instance {
  return { ...instance, actionOutcome: 'failed', actionError: error.message, operationEndedAt: at };
}

function delivered<T extends Project | Instance>(asked: T, commandId: string, at: number): T {
  return asked.question?.commandId === commandId
    ? { ...asked, question: { ...asked.question, deliveredAt: at } }
    : asked;
}
