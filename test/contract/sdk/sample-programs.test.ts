import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { startLab, type Lab } from '../../../src/lab/lab.ts';
import { StubMaintenanceServer } from './stub-maintenance-server.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('the programs', () => {
  let lab: Lab;
  let stub: StubMaintenanceServer;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    lab = await startLab({ config: doctorScenario() });
    stub = await StubMaintenanceServer.start();
    lab.setEndpoint('maintenance', `${stub.url}/v1`);
    lab.setEndpoint('alarming', stub.url);
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await stub.stop();
    await lab.stop();
  });

  function run(program: string, args: readonly string[], user?: string) {
    const { OS_AUTH_URL: _, ...environment } = process.env;
    const openrc = user === undefined ? {} : credentials(user);
    const child = spawn(process.execPath, ['--import', 'tsx', `src/${program}/main.ts`, ...args], {
      cwd: root,
      env: { ...environment, ...openrc },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    const output = { stderr: '', exited: once(child, 'exit') };
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const line = async () => (await lines.next()).value as string | undefined;
    return { child, output, line };
  }
  const credentials = (user: string) => ({
    OS_AUTH_URL: lab.authUrl,
    OS_USERNAME: user,
    OS_PASSWORD: 'lab-secret',
    OS_PROJECT_NAME: user,
  });

  it.each([
    ['vnfm', 'doctor', ['registered', 'started', 'stopped']],
    ['inspector', 'admin', ['started', 'stopped']],
  ])('%s starts, logs in JSON lines, and takes everything back at SIGTERM', async (program, user, kinds) => {
    const { child, output, line } = run(program, ['--port', '0'], user);
    const seen: string[] = [];
    for (;;) {
      const text = await line();
      if (text === undefined) break;
      const { kind } = JSON.parse(text) as { kind: string };
      seen.push(kind);
      if (kind === 'started') {
        expect(stub.alarms.size).toBe(1);
        child.kill('SIGTERM');
      }
    }
    expect(await output.exited).toEqual([0, null]);
    expect(output.stderr).toBe('');
    expect(seen).toEqual(kinds);
    expect(stub.alarms.size + stub.constraints.size).toBe(0);
  });

  it.each(['vnfm', 'inspector'])('%s tells its options, and what is missing', async (program) => {
    const help = run(program, ['--help']);
    expect(await help.line()).toMatch(/^(Manages|Keeps)/);
    expect(await help.output.exited).toEqual([0, null]);
    const lost = run(program, []);
    expect(await lost.output.exited).toEqual([1, null]);
    expect(lost.output.stderr).toMatch(new RegExp(`^${program}: OS_AUTH_URL.* not set`));
  });

  it('vnfm names a wrong option', async () => {
    const { output } = run('vnfm', ['--action', 'TELEPORT'], 'doctor');
    expect(await output.exited).toEqual([1, null]);
    expect(output.stderr).toBe('vnfm: --action TELEPORT: known are MIGRATE, LIVE_MIGRATE, OWN_ACTION\n');
  });
});
