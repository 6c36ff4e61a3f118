/** Steps that run action plug-ins and fetch what a session brings along (facts 1.4, 3.3). */
import { localhost, type ActionPluginRequest, type ActionType, type PluginRun } from '../action-plugin.ts';
import type { Host, Session } from '../session.ts';
import { commands, done, fail, wait, type Step, type StepResult } from '../workflow.ts';

/** Fetches the packages of the session, before anybody is told of it. */
export const fetchDownloads: Step = (session) => {
  const { downloads = [] } = session.request;
  if (downloads.length === 0 || session.downloaded !== undefined) return done;
  const fetches = [...session.commands.values()].filter(({ command }) => command.kind === 'fetch_downloads');
  if (fetches.some(({ endedAt }) => endedAt === undefined)) return wait();
  const failed = fetches.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) return fail(`its downloads cannot be used: ${failed.error.message}`);
  return commands([{ kind: 'fetch_downloads', downloads }]);
};

/** Runs the plug-ins of a type that belong to no host. */
export function runPlugins(type: Extract<ActionType, 'pre' | 'post'>): Step {
  return (session) => runAll(session, localhost, ofType(session, type));
}

/** Runs the plug-ins of a host: those of type `host`, then those of its own type, each sorted by name. */
export function runHostPlugins(session: Session, { name, type }: Host): StepResult {
  const own = type === 'other' ? [] : ofType(session, type);
  return runAll(session, name, [...ofType(session, 'host'), ...own]);
}

function ofType(session: Session, type: ActionType): readonly ActionPluginRequest[] {
  return (session.request.actions ?? [])
    .filter((action) => action.type === type)
    .toSorted((a, b) => (a.plugin < b.plugin ? -1 : a.plugin > b.plugin ? 1 : 0));
}

/** One after the other; one that failed fails the session. */
function runAll(session: Session, host: string, actions: readonly ActionPluginRequest[]): StepResult {
  for (const { plugin, type, metadata } of actions) {
    const run = lastRun(session, plugin, host);
    if (run?.state === 'DONE') continue;
    if (run?.state === 'RUNNING') return wait();
    if (run !== undefined) return fail(run.error?.message ?? `the plug-in ${plugin} failed on ${host}`);
    return commands([{ kind: 'run_plugin', plugin, type, host, metadata }]);
  }
  return done;
}

/** What became of a plug-in on a host. A failure counts for the visit alone: a session that is continued tries again. */
function lastRun({ pluginRuns, visit }: Session, plugin: string, host: string): PluginRun | undefined {
  return pluginRuns.findLast(
    (run) =>
      run.plugin === plugin && run.host === host && (run.state !== 'FAILED' || run.visit === visit.number),
  );
}
