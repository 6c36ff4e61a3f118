import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startInspector, type Inspector } from '../../../src/inspector/inspector.ts';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { startLab, type Lab } from '../../../src/lab/lab.ts';
import { StubMaintenanceServer } from './stub-maintenance-server.ts';

describe('the sample inspector', () => {
  let lab: Lab;
  let stub: StubMaintenanceServer;
  let inspector: Inspector;

  const credentials = () => ({
    authUrl: lab.authUrl,
    username: 'admin',
    password: 'lab-secret',
    projectName: 'admin',
  });
  const tell = (state: string, host: string, messageId?: string) =>
    stub.notify(
      {
        eventType: 'maintenance.host',
        state,
        traits: { host },
        ...(messageId !== undefined && { messageId }),
      },
      lab.projects['admin']!.id,
    );
  const get = async (path: string) => {
    const response = await fetch(`${inspector.url}${path}`);
    return { status: response.status, body: await response.json() };
  };

  beforeEach(async () => {
    lab = await startLab({ config: doctorScenario() });
    stub = await StubMaintenanceServer.start();
    lab.setEndpoint('alarming', stub.url);
    inspector = await startInspector({ credentials: credentials() });
  });
  afterEach(async () => {
    await inspector.stop();
    await stub.stop();
    await lab.stop();
  });

  it('ignores the faults of hosts that are being maintained', async () => {
    expect(await tell('IN_MAINTENANCE', 'compute-2')).toEqual([200]);
    await tell('IN_MAINTENANCE', 'compute-1');
    await vi.waitFor(() => expect(inspector.ignoredHosts).toEqual(['compute-1', 'compute-2']));
    expect(await get('/hosts')).toEqual({ status: 200, body: { hosts: ['compute-1', 'compute-2'] } });
    await tell('MAINTENANCE_COMPLETE', 'compute-1');
    await vi.waitFor(() => expect(inspector.ignoredHosts).toEqual(['compute-2']));
  });

  it('notes a repeat and does not act on it', async () => {
    await tell('IN_MAINTENANCE', 'compute-1', 'begins');
    await tell('MAINTENANCE_COMPLETE', 'compute-1', 'ends');
    await tell('IN_MAINTENANCE', 'compute-1', 'begins');
    await vi.waitFor(() => expect(inspector.log.filter(({ kind }) => kind === 'received')).toHaveLength(3));
    expect(inspector.log.at(-1)).toMatchObject({ messageId: 'begins', repeated: true });
    expect(inspector.ignoredHosts).toEqual([]);
  });

  it('knows no other paths', async () => {
    expect((await get('/other')).status).toBe(404);
  });

  it('takes its alarm back', async () => {
    expect([...stub.alarms.values()]).toMatchObject([
      { name: 'inspector-maintenance', repeat_actions: true },
    ]);
    await inspector.stop();
    expect(stub.alarms.size).toBe(0);
    expect(inspector.log.map(({ kind }) => kind)).toEqual(['started', 'stopped']);
  });

  it('stops listening when it cannot set its alarm', async () => {
    lab.setEndpoint('alarming', null);
    await expect(startInspector({ credentials: credentials() })).rejects.toThrow('type alarming');
  });
});
