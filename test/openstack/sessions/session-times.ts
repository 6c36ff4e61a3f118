import type { LogLine } from './server-process.ts';

/** What a session's log tells of its times. */
export interface SessionTimes {
  /** From `maintenance_at` to the end of the session. */
  readonly wallSeconds: number;
  /** The longest wait from a reply that had to come to the next thing that was done. */
  readonly longestWaitSeconds: number;
}

/** Measured on the server's own log. The reply to MAINTENANCE is left out: after it the start is waited for. */
export function timesOf(log: readonly LogLine[], sessionId: string, maintenanceAt: number): SessionTimes {
  const lines = log.filter((line) => line.session_id === sessionId);
  const ended = lines.findLast(
    ({ msg, state }) => msg === 'state entered' && /DONE|FAILED/.test(state ?? ''),
  );
  const waits = lines.flatMap((line, index) => {
    const { event } = line;
    if (event?.type !== 'reply_received' || event.state === 'ACK_MAINTENANCE') return [];
    const next = lines.slice(index + 1).find(isAction);
    return next === undefined ? [] : [(next.time - line.time) / 1000];
  });
  return {
    wallSeconds: ((ended?.time ?? Number.NaN) - maintenanceAt) / 1000,
    longestWaitSeconds: Math.max(0, ...waits),
  };
}

/** A move counts from where Nova is asked for it: its baseline is journalled just before. */
function isAction({ msg, command, event }: LogLine): boolean {
  if (event?.type === 'move_baselined') return true;
  return (
    msg === 'command issued' &&
    command !== undefined &&
    !['notify_session', 'move_instance'].includes(command.kind)
  );
}
