/** The server as an operator runs it: a process of its own, told everything by its environment. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

/** One line of the server's log. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly msg: string;
  readonly session_id?: string;
  readonly state?: string;
  readonly command?: { readonly kind: string; readonly state?: string } & Readonly<Record<string, unknown>>;
  readonly command_id?: string;
  readonly event?: { readonly type: string; readonly state?: string } & Readonly<Record<string, unknown>>;
}

export interface ServerProcess {
  readonly log: readonly LogLine[];
  stop(): Promise<void>;
}

const repository = join(import.meta.dirname, '../../..');

/** Starts `src/main.ts` and waits until it is ready. @throws Error with its output when it ends before that */
export async function startServerProcess(
  variables: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: repository,
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const log: LogLine[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const parsed = JSON.parse(line) as Omit<LogLine, 'time'> & { time: string };
      const entry: LogLine = { ...parsed, time: Date.parse(parsed.time) };
      log.push(entry);
      if (entry.msg === 'the server is ready') resolve();
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${JSON.stringify(log)}`)));
  });
  return { log, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
