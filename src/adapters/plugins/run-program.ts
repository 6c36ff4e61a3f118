import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable } from 'node:stream';
import { PluginFailed } from '../../engine/ports.ts';
import { OutputLines } from './output-lines.ts';
import { endGroup } from './process-group.ts';

export interface ProgramRun {
  /** Name and place, for messages. */
  readonly name: string;
  readonly where: string;
  readonly path: string;
  /** Its working directory. */
  readonly folder: string;
  /** What it finds on its standard input. */
  readonly input: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Gets what it writes on both outputs, in batches; the next batch waits for it. */
  readonly report: (lines: readonly string[]) => Promise<void>;
  readonly signal: AbortSignal;
}

/** How long outputs may stay open after its end: a child that it left behind may hold them for ever. */
const leftOpenMilliseconds = 1_000;
const lastLines = 10;
/** A timer cannot be set further ahead; it would go off at once. */
const longestTimerMilliseconds = 2_147_483_647;

/**
 * Runs a program to its end, in a process group of its own, and reports what it writes. One that takes too long, or
 * whose signal aborts, is ended with everything that it started.
 * @throws PluginFailed when it does not exit with 0 in its time; the signal's reason when it aborts
 */
export async function runProgram(run: ProgramRun): Promise<void> {
  const { name, where, signal, timeoutSeconds } = run;
  signal.throwIfAborted();
  const child = start(run);
  const ended = endOf(child);
  const group = child.pid;
  if (group === undefined) throw new PluginFailed(`the plug-in ${name} failed ${where}: ${await ended}`);
  // A program need not read what it gets.
  child.stdin.on('error', () => undefined);
  child.stdin.end(run.input);
  const lines = new OutputLines(run.report);
  const outputs = [child.stdout, child.stderr].map((output) => collect(output, lines));

  const settle = watch(group, run);
  const end = await ended;
  const broken = await settle();
  await closed(outputs);
  child.stdout.destroy();
  child.stderr.destroy();
  await lines.finish();
  if (broken === 'by signal') signal.throwIfAborted();
  const said = lines.newest(lastLines).join('\n') || 'it wrote nothing';
  if (broken === 'by limit') {
    throw new PluginFailed(`the plug-in ${name} did not end ${where} within ${timeoutSeconds} s: ${said}`);
  }
  if (end !== 'exit status 0') {
    throw new PluginFailed(`the plug-in ${name} failed ${where} (${end}): ${said}`);
  }
}

/**
 * Ends the group when its time is up or the signal aborts. What is returned is called once its first process has ended,
 * and tells whether the group was ended so; nothing of it is left then.
 */
function watch(group: number, { signal, timeoutSeconds }: ProgramRun) {
  const limit = AbortSignal.timeout(Math.min(timeoutSeconds * 1000, longestTimerMilliseconds));
  let ending: Promise<'by limit' | 'by signal'> | undefined;
  const onLimit = () => {
    ending ??= endGroup(group).then(() => 'by limit');
  };
  const onAbort = () => {
    ending ??= endGroup(group).then(() => 'by signal');
  };
  limit.addEventListener('abort', onLimit);
  signal.addEventListener('abort', onAbort);
  return () => {
    limit.removeEventListener('abort', onLimit);
    signal.removeEventListener('abort', onAbort);
    return ending;
  };
}

/** Some reasons why a program cannot be started are thrown, the others told by `endOf`. */
function start({ name, where, path, folder, environment }: ProgramRun): ChildProcessWithoutNullStreams {
  try {
    return spawn(path, [], {
      cwd: folder,
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
  } catch (error) {
    throw new PluginFailed(`the plug-in ${name} cannot be started ${where}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** How it ended, in words; also where it could not be started. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`it cannot be started: ${error.message}`));
    child.once('exit', (status, ended) => resolve(ended === null ? `exit status ${status}` : ended));
  });
}

function collect(output: Readable, lines: OutputLines): Promise<void> {
  const take = lines.source();
  output.setEncoding('utf8');
  output.on('data', (text: string) => take(text));
  return new Promise((resolve) => output.once('close', () => resolve()));
}

/** Returns when all outputs are closed, or were left open long enough. */
async function closed(outputs: readonly Promise<void>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, leftOpenMilliseconds)));
  await Promise.race([Promise.all(outputs), enough]);
  clearTimeout(timer);
}
