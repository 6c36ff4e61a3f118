/** What it does to a session that a call is tried again. */
import type { Command } from './command.ts';
import type { SessionEvent } from './session-event.ts';
import type { Retry, Session } from './session.ts';

/** As many of the newest are kept in the session; the journal has them all. */
const keptRetries = 100;

export function addRetry(
  session: Session,
  { commandId, error, pauseMilliseconds }: Extract<SessionEvent, { type: 'command_retried' }>,
  at: number,
): Session {
  const command = session.commands.get(commandId)?.command;
  if (command === undefined) return session;
  const subject = subjectOf(command);
  const retry: Retry = {
    commandId,
    kind: command.kind,
    ...(subject !== undefined && { subject }),
    at,
    error,
    pauseMilliseconds,
  };
  return { ...session, retries: [...session.retries, retry].slice(-keptRetries) };
}

/** What a command is about, for people; undefined where it is about the whole cloud or the session. */
export function subjectOf(command: Command): string | undefined {
  switch (command.kind) {
    case 'notify_project':
      return command.projectId;
    case 'notify_host':
    case 'close_host':
    case 'open_host':
    case 'watch_departure':
      return command.host;
    case 'move_instance':
    case 'confirm_move':
    case 'abort_move':
      return command.instanceId;
    case 'run_plugin':
      return `${command.plugin} on ${command.host}`;
    case 'observe_cloud':
    case 'check_subscriptions':
    case 'notify_session':
    case 'read_constraints':
    case 'make_plan':
    case 'fetch_downloads':
    case 'remove_downloads':
      return undefined;
  }
}
