/** Programs as processes of their own, and a stage whose server can be stopped, killed and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { credentialsOf, serverVariables, type Stage } from '../../src/demo/stage.ts';
import { startInspector } from '../../src/inspector/inspector.ts';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import type { LabConfigInput } from '../../src/lab/lab-config.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { createKeystoneTokens, createMaintenanceClient } from '../../src/sdk/index.ts';
import { startVnfm } from '../../src/vnfm/vnfm.ts';
import type { VnfmOptions } from '../../src/vnfm/vnfm-options.ts';
import { freePort, quickServer, quickVnfm, type AtEnd } from './stage.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Program {
  readonly child: ChildProcess;
  /** The lines of its standard output so far. */
  readonly lines: readonly string[];
  /** What it wrote to its standard error. */
  readonly stderr: () => string;
  /** Resolves with the first line that is meant; rejects when the program ends without one. */
  readonly line: (isMeant: (line: string) => boolean) => Promise<string>;
  /** Resolves with exit status and signal, once all of its output was read. */
  readonly ended: Promise<readonly [status: number | null, signal: NodeJS.Signals | null]>;
  /** Ends it, if it still runs, and waits for that. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** Starts one of our programs, told everything by its environment. */
export function startProgram(
  file: string,
  args: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
  onLine: (line: string) => void = () => undefined,
): Program {
  const own = Object.entries(process.env).filter(([name]) => !/^(FENIX|OS)_/.test(name));
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: root,
    env: { ...Object.fromEntries(own), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines: string[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    onLine(line);
  });
  return {
    child,
    lines,
    stderr: () => stderr,
    ended,
    line: (isMeant) =>
      new Promise((resolve, reject) => {
        const already = lines.find(isMeant);
        if (already !== undefined) resolve(already);
        reader.on('line', (line) => {
          if (isMeant(line)) resolve(line);
        });
        void ended.then(() => reject(new Error(`${file} ended; it said:\n${lines.join('\n')}\n${stderr}`)));
      }),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await ended;
    },
  };
}

/** Runs one of our programs; it is killed at the end of the test. */
export function runProgram(atEnd: AtEnd, ...program: Parameters<typeof startProgram>): Program {
  const started = startProgram(...program);
  atEnd(() => started.stop('SIGKILL'));
  return started;
}

/** Is this the line of the log that says so? */
export const saysReady = (line: string): boolean => line.includes('the server is ready');

export interface ServerlessOptions {
  readonly lab?: LabConfigInput;
  readonly server?: Readonly<Record<string, string>>;
}

/** A lab, and the variables of a server at a fixed port that is to work on it. */
export interface Serverless {
  readonly lab: Lab;
  readonly url: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The port is fixed beforehand: the `reply_url` of a question must stay good over a restart. */
export async function prepareServer(atEnd: AtEnd, options: ServerlessOptions = {}): Promise<Serverless> {
  const folder = await mkdtemp(join(tmpdir(), 'fenix-server-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const lab = await startLab({ config: options.lab ?? doctorScenario() });
  atEnd(() => lab.stop());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  lab.setEndpoint('maintenance', `${url}/v1`);
  lab.setEndpoint('alarming', url);
  const variables = {
    ...serverVariables(lab, folder),
    ...quickServer,
    FENIX_SERVER_PORT: String(port),
    ...options.server,
  };
  return { lab, url, variables };
}

/** Starts the server as a process. `onLine` gets its log as it is written. */
export function runServer(atEnd: AtEnd, { variables }: Serverless, onLine?: (line: string) => void): Program {
  return runProgram(atEnd, 'src/main.ts', [], variables, onLine);
}

/** Starts the server as a process and waits until it is ready. */
export async function startServerProcess(atEnd: AtEnd, serverless: Serverless): Promise<Program> {
  const program = runServer(atEnd, serverless);
  await program.line(saysReady);
  return program;
}

export type Clients = Pick<Stage, 'lab' | 'vnfm' | 'inspector' | 'admin'>;

/** Starts VNFM and inspector, which need a running server. */
export async function startClients(
  atEnd: AtEnd,
  { lab, url }: Serverless,
  vnfmOptions: Omit<VnfmOptions, 'credentials'> = {},
): Promise<Clients> {
  const inspector = await startInspector({ credentials: credentialsOf(lab, 'admin') });
  atEnd(() => inspector.stop());
  const vnfm = await startVnfm({ credentials: credentialsOf(lab, 'doctor'), ...quickVnfm, ...vnfmOptions });
  atEnd(() => vnfm.stop());
  const { token } = createKeystoneTokens(credentialsOf(lab, 'admin'));
  return { lab, inspector, vnfm, admin: createMaintenanceClient({ endpoint: url, token, attempts: 20 }) };
}
