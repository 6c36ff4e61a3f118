import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { startLab } from '../../../src/lab/lab.ts';
import { startSmallVnfm } from '../../../src/sdk/examples/small-vnfm.ts';
import { StubMaintenanceServer } from './stub-maintenance-server.ts';

it('the VNFM of the README answers everything', async () => {
  const lab = await startLab({ config: doctorScenario() });
  const stub = await StubMaintenanceServer.start();
  lab.setEndpoint('maintenance', `${stub.url}/v1`);
  lab.setEndpoint('alarming', stub.url);
  const { id: projectId } = lab.projects['doctor']!;
  const credentials = {
    authUrl: lab.authUrl,
    username: 'doctor',
    password: 'lab-secret',
    projectName: 'doctor',
  };
  const stop = await startSmallVnfm(credentials, 0);
  try {
    const states = ['MAINTENANCE', 'SCALE_IN', 'PREPARE_MAINTENANCE', 'MAINTENANCE_COMPLETE'];
    for (const [index, state] of states.entries()) {
      await stub.ask(state, projectId, ['an-instance']);
      await vi.waitFor(() => expect(stub.replies).toHaveLength(index + 1));
    }
    expect(stub.replies).toEqual([
      { state: 'ACK_MAINTENANCE' },
      { state: 'ACK_SCALE_IN' },
      { state: 'ACK_PREPARE_MAINTENANCE', instance_actions: { 'an-instance': 'MIGRATE' } },
      { state: 'ACK_MAINTENANCE_COMPLETE' },
    ]);
  } finally {
    await stop();
    await stub.stop();
    await lab.stop();
  }
  expect(stub.alarms.size).toBe(0);
});

it('the VNFM of the README has 30 lines of code', async () => {
  const source = await readFile(new URL('../../../src/sdk/examples/small-vnfm.ts', import.meta.url), 'utf8');
  const code = source.split('\n').filter((line) => line.trim() !== '' && !/^\s*\/[/*]/.test(line));
  expect(code.length).toBeLessThanOrEqual(30);
});

it('the README of the SDK quotes it as it is', async () => {
  const read = (path: string) => readFile(new URL(`../../../src/sdk/${path}`, import.meta.url), 'utf8');
  const quote = (await read('examples/small-vnfm.ts'))
    .replace("'../index.ts'", "'fenix-server/sdk'")
    .replace(" Outside: from 'fenix-server/sdk'.", '');
  expect(await read('README.md')).toContain(quote);
});
