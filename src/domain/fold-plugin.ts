/** What it does to a session that an action plug-in is run. */
import type { PluginRun } from './action-plugin.ts';
import { updateCommand } from './change-session.ts';
import type { Command, CommandError } from './command.ts';
import type { Session } from './session.ts';

/** As many of its newest lines are kept in the session; the journal has them all. */
const keptLines = 200;

/** A run was decided on. */
export function issuePlugin(
  session: Session,
  commandId: string,
  { plugin, type, host }: Extract<Command, { kind: 'run_plugin' }>,
  at: number,
): Session {
  const run: PluginRun = {
    commandId,
    plugin,
    type,
    host,
    state: 'RUNNING',
    visit: session.visit.number,
    startedAt: at,
    output: [],
  };
  return { ...session, pluginRuns: [...session.pluginRuns, run] };
}

/** Its program is about to be started. */
export function startPlugin(session: Session, commandId: string): Session {
  return updateCommand(session, commandId, { started: true });
}

/** It wrote something. */
export function reportLines(session: Session, commandId: string, lines: readonly string[]): Session {
  return updateRun(session, commandId, (run) => ({
    ...run,
    output: [...run.output, ...lines].slice(-keptLines),
  }));
}

/** It came to its end: well, or with an error. */
export function endPlugin(session: Session, commandId: string, at: number, error?: CommandError): Session {
  return updateRun(session, commandId, (run) => ({
    ...run,
    state: error === undefined ? 'DONE' : 'FAILED',
    endedAt: at,
    ...(error !== undefined && { error }),
  }));
}

function updateRun(session: Session, commandId: string, change: (run: PluginRun) => PluginRun): Session {
  return {
    ...session,
    pluginRuns: session.pluginRuns.map((run) => (run.commandId === commandId ? change(run) : run)),
  };
}
