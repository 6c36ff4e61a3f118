import { PluginFailed, type ActionPlugins, type PluginManifest, type PluginTask } from '../engine/ports.ts';

/** Action plug-ins in memory: every name exists; what each does is up to the test. */
export class FakePlugins implements ActionPlugins {
  readonly runs: PluginTask[] = [];
  /** What is known of plug-ins; the default fails after a crash. */
  readonly manifests = new Map<string, PluginManifest | undefined>();
  /** Called for every run; may report, wait or throw. */
  play: (
    task: PluginTask,
    report: (lines: readonly string[]) => Promise<void>,
    signal: AbortSignal,
  ) => Promise<void> = () => Promise.resolve();

  find(plugin: string): Promise<PluginManifest | undefined> {
    const manifest = this.manifests.has(plugin)
      ? this.manifests.get(plugin)
      : ({ afterCrash: 'fail', timeoutSeconds: 600 } as const);
    return Promise.resolve(manifest);
  }

  run(
    task: PluginTask,
    report: (lines: readonly string[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    this.runs.push(task);
    return this.play(task, report, signal);
  }

  /** The plug-in of this name fails with these lines. */
  fail(plugin: string, lines: string): void {
    this.play = (task) =>
      task.plugin === plugin ? Promise.reject(new PluginFailed(lines)) : Promise.resolve();
  }
}
