/** What it does to a session that a command is issued, goes well, or fails. */
import { changed, updateCommand, updateHost, updateInstance, updateProject } from './change-session.ts';
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
      return command.state === 'INSTANCE_ACTION_DONE'
        ? next
        : updateProject(next, command.projectId, (project) => ask(project, command.state, id));
    case 'close_host':
      return updateHost(next, command.host, { closedByUs: true });
    case 'move_instance':
      return updateInstance(next, command.instanceId, (instance) => ({
        ...instance,
        action: command.action,
        actionOutcome: 'running',
        attempts: instance.attempts + 1,
      }));
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

function ask(project: Project, state: OpenQuestion['state'], commandId: string): Project {
  const { question } = project;
  const repeated = question?.state === state ? question : undefined;
  return {
    ...project,
    question: { state, commandId, sends: (repeated?.sends ?? 0) + 1, actions: repeated?.actions ?? {} },
  };
}

/** A command brought what it was to bring. */
export function succeedCommand(session: Session, id: string, result: CommandResult, at: number): Session {
  const record = session.commands.get(id);
  if (record === undefined) return session;
  const next = updateCommand(session, id, { endedAt: at, result });
  if (result.kind === 'observed') return foldObservation(next, result.observation, record);
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
      return delivered(next, command.projectId, id, at);
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
              ...(!result.move.needsConfirmation && { actionOutcome: 'done' }),
              ...(command.action === 'LIVE_MIGRATE' && {
                leftLive: [...(instance.leftLive ?? []), command.from],
              }),
            })),
          )
        : next;
    case 'confirm_move':
      return changed(
        updateInstance(next, command.instanceId, (instance) => ({ ...instance, actionOutcome: 'done' })),
      );
    case 'watch_departure':
      return changed(
        command.instanceIds.reduce<Session>(
          (folded, instanceId) =>
            updateInstance(folded, instanceId, ({ host: _host, ...instance }) => ({
              ...instance,
              actionOutcome: 'done',
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
    case 'move_instance':
    case 'confirm_move':
      return changed(
        updateInstance(next, command.instanceId, (instance) =>
          error.code === 'instance_gone' ? goneInstance(instance) : failedInstance(instance, error),
        ),
      );
    case 'watch_departure':
      return changed(
        command.instanceIds.reduce<Session>(
          (folded, instanceId) =>
            updateInstance(folded, instanceId, (instance) => failedInstance(instance, error)),
          next,
        ),
      );
    default:
      return next;
  }
}

function failedInstance(instance: Instance, error: CommandError): Instance {
  return { ...instance, actionOutcome: 'failed', actionError: error.message };
}

function delivered(session: Session, projectId: string, commandId: string, at: number): Session {
  return updateProject(session, projectId, (project) =>
    project.question?.commandId === commandId
      ? { ...project, question: { ...project.question, deliveredAt: at } }
      : project,
  );
}
