/**
 * Turns a session's journal into the session, one event at a time. Replay takes the same way: nothing is decided here,
 * so a newer program replays an older journal.
 */
import type { CommandError, CommandRecord, CommandResult } from './command.ts';
import type { SessionEvent } from './session-event.ts';
import type { Host, Instance, OpenQuestion, Project, Session, SessionState } from './session.ts';
import { foldObservation, goneInstance } from './fold-observation.ts';
import { answerQuestion, replyCounts } from './reply.ts';
import { goneCount } from './session-view.ts';

/** An event with its place in the journal. */
export interface SequencedEvent {
  readonly sequence: number;
  readonly at: number;
  readonly event: SessionEvent;
}

const endStates: ReadonlySet<SessionState> = new Set(['MAINTENANCE_DONE', 'MAINTENANCE_FAILED']);

/**
 * The session after one more event.
 * @throws Error when the first event is not `session_created`, or the sequence has a gap: the journal is damaged.
 */
export function foldSession(session: Session | undefined, entry: SequencedEvent): Session {
  const { event, at, sequence } = entry;
  if (session === undefined) {
    if (event.type !== 'session_created' || sequence !== 1) {
      throw new Error(
        `the journal does not begin with session_created but with ${event.type} at ${sequence}`,
      );
    }
    return newSession(event.sessionId, event.request, at);
  }
  if (sequence !== session.sequence + 1) {
    throw new Error(`session ${session.id}: the journal goes from ${session.sequence} to ${sequence}`);
  }
  return apply({ ...session, sequence, updatedAt: at }, event, at);
}

function newSession(id: string, request: Session['request'], at: number): Session {
  return {
    id,
    sequence: 1,
    request,
    state: 'MAINTENANCE',
    createdAt: at,
    updatedAt: at,
    closed: false,
    hosts: [],
    otherHosts: [],
    instances: {},
    serverGroups: [],
    projects: {},
    visit: { number: 1, enteredAt: at, changedBefore: 1, goneBefore: 0 },
    observedSequence: 0,
    changedSequence: 1,
    commands: new Map(),
  };
}

function apply(session: Session, event: SessionEvent, at: number): Session {
  switch (event.type) {
    case 'session_created':
      throw new Error(`session ${session.id}: session_created stands in the middle of the journal`);
    case 'state_entered':
      return enterState(session, event.state, at, event.reason);
    case 'host_chosen':
      return { ...session, visit: { ...session.visit, host: event.host } };
    case 'command_issued':
      return issue(session, event.commandId, event.command, at);
    case 'move_baselined':
      return updateCommand(session, event.commandId, { baseline: event.baseline });
    case 'command_succeeded':
      return succeed(session, event.commandId, event.result, at);
    case 'command_failed':
      return fail(session, event.commandId, event.error, at);
    case 'reply_received':
      return takeReply(session, event, at);
    case 'host_maintenance_started':
      return updateHost(session, event.host, { progress: 'in_maintenance', maintenanceStartedAt: at });
    case 'host_maintenance_finished':
      return changed(updateHost(session, event.host, { progress: 'maintained', maintenanceEndedAt: at }));
    case 'deletion_requested':
      return { ...session, deletedAt: session.deletedAt ?? at };
    case 'session_closed':
      return { ...session, closed: true };
  }
}

function enterState(session: Session, state: SessionState, at: number, reason: string | undefined): Session {
  return {
    ...session,
    state,
    previousState: session.state,
    ...(endStates.has(state) && { endedAt: at }),
    ...(reason !== undefined && { failure: reason }),
    visit: {
      number: session.visit.number + 1,
      enteredAt: at,
      changedBefore: session.changedSequence,
      goneBefore: goneCount(session),
    },
    projects: mapValues(session.projects, ({ question: _question, ...project }) => project),
    instances: mapValues(session.instances, (instance) => ({ ...instance, attempts: 0 })),
    commands: new Map([...session.commands].filter(([, record]) => stillMatters(session, record))),
  };
}

/** Unfinished commands, and those of moves that are not confirmed yet, outlive the visit that issued them. */
function stillMatters(session: Session, { command, endedAt }: CommandRecord): boolean {
  if (endedAt === undefined) return true;
  return (
    (command.kind === 'move_instance' || command.kind === 'confirm_move') &&
    session.instances[command.instanceId]?.actionOutcome === 'running'
  );
}

function issue(session: Session, id: string, command: CommandRecord['command'], at: number): Session {
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

function succeed(session: Session, id: string, result: CommandResult, at: number): Session {
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

function fail(session: Session, id: string, error: CommandError, at: number): Session {
  const record = session.commands.get(id);
  if (record === undefined) return session;
  const next = updateCommand(session, id, { endedAt: at, error });
  const { command } = record;
  switch (command.kind) {
    case 'notify_project':
      // It will not arrive any more; the project counts as silent when its time is over.
      return delivered(next, command.projectId, id, at);
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

function takeReply(
  session: Session,
  event: Extract<SessionEvent, { type: 'reply_received' }>,
  at: number,
): Session {
  const counted = replyCounts(session, event);
  const next = updateProject(session, event.projectId, (project) => ({
    ...project,
    lastReply: { state: event.state, at, counted },
  }));
  return counted ? changed(answerQuestion(next, event)) : next;
}

function changed(session: Session): Session {
  return { ...session, changedSequence: session.sequence };
}

function updateCommand(session: Session, id: string, change: Partial<CommandRecord>): Session {
  const record = session.commands.get(id);
  if (record === undefined) return session;
  return { ...session, commands: new Map(session.commands).set(id, { ...record, ...change }) };
}

function updateHost(session: Session, name: string, change: Partial<Host>): Session {
  return {
    ...session,
    hosts: session.hosts.map((host) => (host.name === name ? { ...host, ...change } : host)),
  };
}

function updateInstance(session: Session, id: string, change: (instance: Instance) => Instance): Session {
  const instance = session.instances[id];
  if (instance === undefined) return session;
  return { ...session, instances: { ...session.instances, [id]: change(instance) } };
}

function updateProject(session: Session, id: string, change: (project: Project) => Project): Session {
  const project = session.projects[id];
  if (project === undefined) return session;
  return { ...session, projects: { ...session.projects, [id]: change(project) } };
}

function mapValues<V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
