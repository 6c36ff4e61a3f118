import type { Command, CommandResult } from '../domain/command.ts';
import { PluginFailed } from './ports.ts';
import type { CommandDeps, CommandRun } from './run-command.ts';

/**
 * Runs an action plug-in. Its start is journalled first: one that was started before and has no outcome was broken off
 * by a crash, and only its own manifest says whether it may be started again.
 * @throws PluginFailed
 */
export async function runPlugin(
  { plugins }: CommandDeps,
  { sessionId, request, record, journal, signal }: CommandRun,
  { plugin, type, host, metadata }: Extract<Command, { kind: 'run_plugin' }>,
): Promise<CommandResult> {
  const manifest = await plugins.find(plugin, sessionId);
  if (manifest === undefined) throw new PluginFailed(`there is no action plug-in ${plugin}`);
  const repeated = record.started === true;
  if (repeated && manifest.afterCrash === 'fail') {
    throw new PluginFailed(
      `the plug-in ${plugin} was broken off on ${host} by a stop of the server, and its manifest does not say ` +
        '`after_crash: repeat`: look after the host, then continue the session',
    );
  }
  if (!repeated) await journal({ type: 'plugin_started', commandId: record.id });
  await plugins.run(
    {
      sessionId,
      plugin,
      type,
      host,
      metadata,
      sessionMetadata: request.metadata,
      workflow: request.workflow,
      runId: record.id,
      repeated,
    },
    (lines) => journal({ type: 'plugin_reported', commandId: record.id, lines }),
    signal,
  );
  return { kind: 'done' };
}

/**
 * Refuses a session whose plug-ins are not all there once its packages are, before anybody is told of it.
 * @throws PluginFailed
 */
export async function requirePlugins(
  { plugins }: CommandDeps,
  { sessionId, request }: CommandRun,
): Promise<void> {
  for (const { plugin } of request.actions ?? []) {
    if ((await plugins.find(plugin, sessionId)) !== undefined) continue;
    throw new PluginFailed(
      `there is no action plug-in ${plugin}: neither the folder of plug-ins nor the archives that were fetched with ` +
        '"actions" in their names have an executable file of that name at their top',
    );
  }
}
