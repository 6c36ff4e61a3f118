import { join } from 'node:path';
import {
  PluginFailed,
  type ActionPlugins,
  type PluginManifest,
  type PluginTask,
} from '../../engine/ports.ts';
import { findPlugin, isOurs, type FoundPlugin } from './find-plugin.ts';
import { readManifest } from './manifest.ts';
import { runProgram } from './run-program.ts';

export interface PluginFolderOptions {
  /** Where the operator's plug-ins are; none when absent. */
  readonly folder?: string;
  /** How long a plug-in may run whose manifest does not say. */
  readonly timeoutSeconds: number;
  /** Where sessions keep what they fetched: `<folder>/<session id>/actions` may have plug-ins, too. */
  readonly downloadsFolder: string;
}

/** What a plug-in gets of our own environment: nothing that is ours alone, so no passwords. */
const passedOn = /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|SSH_AUTH_SOCK)$/;

const longestVariable = 100_000;

/** Action plug-ins as executables in a folder (docs/action-plugins.md). */
export class PluginFolder implements ActionPlugins {
  readonly #options: PluginFolderOptions;
  readonly #running = new Set<Promise<void>>();

  constructor(options: PluginFolderOptions) {
    this.#options = options;
  }

  /** @throws PluginFailed when its manifest is wrong */
  async find(plugin: string, sessionId: string): Promise<PluginManifest | undefined> {
    const found = await this.#locate(plugin, sessionId);
    return found && readManifest(found, this.#options.timeoutSeconds);
  }

  async run(
    task: PluginTask,
    report: (lines: readonly string[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const found = await this.#locate(task.plugin, task.sessionId);
    if (found === undefined) throw new PluginFailed(`there is no action plug-in ${task.plugin}`);
    const { timeoutSeconds } = await readManifest(found, this.#options.timeoutSeconds);
    const run = runProgram({
      name: task.plugin,
      where: `on ${task.host}`,
      path: found.path,
      folder: found.folder,
      input: JSON.stringify(inputOf(task)),
      environment: environmentOf(task),
      timeoutSeconds,
      report,
      signal,
    });
    this.#running.add(run);
    await run.finally(() => this.#running.delete(run));
  }

  /** Waits until those are gone whose signal has aborted: when the server ends nobody would be left to kill them. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async #locate(plugin: string, sessionId: string): Promise<FoundPlugin | undefined> {
    const { folder, downloadsFolder } = this.#options;
    const own = folder === undefined ? undefined : await findPlugin(folder, plugin);
    if (own !== undefined || sessionId === '') return own;
    const brought = join(downloadsFolder, sessionId);
    return (await isOurs(brought)) ? findPlugin(join(brought, 'actions'), plugin) : undefined;
  }
}

/** What a plug-in reads on its standard input: one JSON document. */
function inputOf(task: PluginTask): Readonly<Record<string, unknown>> {
  return {
    session_id: task.sessionId,
    workflow: task.workflow,
    plugin: task.plugin,
    type: task.type,
    host: task.host,
    metadata: task.metadata,
    session_metadata: task.sessionMetadata,
    run_id: task.runId,
    repeated: task.repeated,
  };
}

function environmentOf(task: PluginTask): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) => passedOn.test(name)) as [string, string][];
  return {
    ...Object.fromEntries(own),
    FENIX_SESSION_ID: task.sessionId,
    FENIX_WORKFLOW: task.workflow,
    FENIX_PLUGIN: task.plugin,
    FENIX_TYPE: task.type,
    FENIX_HOST: task.host,
    FENIX_RUN_ID: task.runId,
    FENIX_REPEATED: String(task.repeated),
    ...variable('FENIX_METADATA', task.metadata),
    ...variable('FENIX_SESSION_METADATA', task.sessionMetadata),
  };
}

/** As JSON. Left out where it is too long: Linux starts no program with a variable of 128 KiB. */
function variable(name: string, value: unknown): Record<string, string> {
  const text = JSON.stringify(value);
  return Buffer.byteLength(text) > longestVariable ? {} : { [name]: text };
}
