/** Programs of Debian's Python and what they print, with nothing of this machine's settings. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { CloudAccount } from './clouds.ts';

/** Debian's own programs, also where others come first in PATH; no proxy between this machine and itself. */
const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', HOME: '/nonexistent', no_proxy: '*' };

interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function runPython(file: string, input: string): Promise<Finished> {
  const child = spawn('/usr/bin/python3', ['-B', file], { env: environment });
  child.stdin.end(input);
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, stdout, stderr };
}

/** What a driver tells of one thing that it did: what the client gave back, or what it raised. */
export interface Step {
  readonly step: string;
  readonly value?: unknown;
  /** The name of the exception's class. */
  readonly raised?: string;
  /** The HTTP status that it carries. */
  readonly status?: number | null;
  readonly message?: string;
}

/**
 * Runs test/openstack/clients/`driver`.py with `input` as JSON on its standard input.
 * @returns what it printed: as a rule, the steps that it recorded
 * @throws Error with its output when it ends with another status than 0
 */
async function runDriver(driver: string, input: unknown): Promise<unknown> {
  const file = join(import.meta.dirname, `${driver}.py`);
  const { status, stdout, stderr } = await runPython(file, JSON.stringify(input));
  if (status !== 0) throw new Error(`${driver}.py ended with ${status}:\n${stdout}\n${stderr}`);
  return JSON.parse(stdout) as unknown;
}

/** Runs a driver that records steps. */
export async function recordSteps(driver: string, input: unknown): Promise<readonly Step[]> {
  return (await runDriver(driver, input)) as Step[];
}

/** What a command of openstackclient came to. */
export interface CommandResult {
  readonly status: number | null;
  /** What it printed, parsed when it is JSON. */
  readonly output: unknown;
  readonly stderr: string;
}

/**
 * Runs commands of openstackclient as an account, one after the other, each with a login of its own.
 * @param commands by a name each, without `openstack`; the words are parted by spaces
 * @returns what each came to
 */
export async function openstack<Name extends string>(
  account: CloudAccount,
  commands: Readonly<Record<Name, string>>,
): Promise<Readonly<Record<Name, CommandResult>>> {
  const lines = Object.values<string>(commands).map((line) => line.split(' '));
  const results = (await runDriver('openstackclient_driver', {
    environment: openrc(account),
    commands: lines,
  })) as Finished[];
  const shown = results.map(({ status, stdout, stderr }) => ({
    status,
    output: parsed(stdout),
    stderr: stderr.trim(),
  }));
  const named = Object.keys(commands).map((name, n) => [name, shown[n]]);
  return Object.fromEntries(named) as Record<Name, CommandResult>;
}

function openrc(account: CloudAccount): Record<string, string> {
  return {
    OS_AUTH_URL: account.auth_url,
    OS_USERNAME: account.username,
    OS_PASSWORD: account.password,
    OS_PROJECT_NAME: account.project_name,
    OS_USER_DOMAIN_ID: 'default',
    OS_PROJECT_DOMAIN_ID: 'default',
    OS_REGION_NAME: account.region_name,
    OS_IDENTITY_API_VERSION: '3',
  };
}

function parsed(output: string): unknown {
  const shown = output.trim();
  return /^[[{]/.test(shown) ? (JSON.parse(shown) as unknown) : shown;
}
