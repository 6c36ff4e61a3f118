/** What it does to a session that a command is issued, goes well, or fails. */
import { changed, updateCommand, updateHost, updateInstance, updateProject } from './change-session.ts';
import { endPlugin, issuePlugin } from './fold-plugin.ts';
import type { CommandError, CommandRecord, CommandResult } from './command.ts';
import { foldObservation, goneInstance } from './fold-observation.ts';
import type { Instance, OpenQuestion, Project, Session } from './session.ts';

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
  const next = { ...session, commands: new Map(session.commands).set(id, record) };
  switch (command.kind) {
    case 'notify_project':
      if (command.state === 'INSTANCE_ACTION_DONE') return next;
      return command.replyInstanceId === undefined
        ? updateProject(next, command.projectId, (project) => ask(project, command.state, id))
        : updateInstance(next, command.replyInstanceId, (instance) => ask(instance, command.state, id));
    case 'close_host':
      return updateHost(next, command.host, { closedByUs: true });
    case 'move_instance':
      return updateInstance(next, command.instanceId, (instance) => ({
        ...instance,
        action: command.action,
        actionOutcome: 'running',
        attempts: instance.attempts + 1,
      }));
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

function ask<T extends Project | Instance>(asked: T, state: OpenQuestion['state'], commandId: string): T {
  const { question } = asked;
  const repeated = question?.state === state ? question : undefined;
  return {
    ...asked,
    question: {
      state,
      commandId,
      sends: (repeated?.sends ?? 0) + 1,
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
      return changed(updateHost(next, command.host, { open: false }));
    case 'open_host':
      return changed(updateHost(next, command.host, { open: true, closedByUs: false }));
    case 'move_instance':
      return result.kind === 'moved'
        ? changed(
            updateInstance(next, command.instanceId, (instance) => ({
              ...instance,
              host: result.move.host,
              ...(!result.move.needsConfirmation && { actionOutcome: 'done', operationEndedAt: at }),
              ...(command.action === 'LIVE_MIGRATE' && {
                leftLive: [...(instance.leftLive ?? []), command.from],
              }),
            })),
          )
        : next;
    case 'confirm_move':
      return changed(
        updateInstance(next, command.instanceId, (instance) => ({
          ...instance,
          actionOutcome: 'done',
          operationEndedAt: at,
        })),
      );
    case 'watch_departure':
      return changed(
        command.instanceIds.reduce<Session>(
          (folded, instanceId) =>
            updateInstance(folded, instanceId, ({ host: _host, ...instance }) => ({
              ...instance,
              actionOutcome: 'done',
              operationEndedAt: at,
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
          error.code === 'instance_gone' ? goneInstance(instance) : failedInstance(instance, error, at),
        ),
      );
    case 'watch_departure':
      return changed(
        command.instanceIds.reduce<Session>(
          (folded, instanceId) =>
            updateInstance(folded, instanceId, (instance) => failedInstance(instance, error, at)),
          next,
        ),
      );
    default:
      return next;
  }
}

/** A row of a project that does not have the instance counts for nothing: nobody can squat on an id (issue 3, part 1). */
function learnConstraints(
  session: Session,
  { instances, groups }: Extract<CommandResult, { kind: 'constraints' }>,
  { sequence }: CommandRecord,
): Session {
  const rightful = instances.filter((row) => session.instances[row.id]?.projectId === row.projectId);
  const used = new Map(rightful.map(({ groupId, projectId }) => [groupId, projectId]));
  const rightfulGroups = groups.filter(({ id, projectId }) => used.get(id) === projectId);
  return {
    ...session,
    constraintsSequence: sequence,
    constraints: {
      instances: Object.fromEntries(rightful.map((row) => [row.id, row])),
      groups: Object.fromEntries(rightfulGroups.map((row) => [row.id, row])),
    },
  };
}

function failedInstance(instance: Instance, error: CommandError, at: number): Instance {
  return { ...instance, actionOutcome: 'failed', actionError: error.message, operationEndedAt: at };
}

function delivered<T extends Project | Instance>(asked: T, commandId: string, at: number): T {
  return asked.question?.commandId === commandId
    ? { ...asked, question: { ...asked.question, deliveredAt: at } }
    : asked;
}
