import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { startLab, type Lab } from '../../../src/lab/lab.ts';
import type { Server } from '../../../src/lab/model/types.ts';
import { call } from './recorded-facts.ts';

let lab: Lab;
let server: Server;

beforeEach(async () => {
  const flavors = [...(doctorScenario().flavors ?? []), { name: 'other', vcpus: 1, ram_mb: 512, disk_gb: 1 }];
  lab = await startLab({ config: { ...doctorScenario({ empty: 2 }), flavors } });
  server = lab.cloud.server('doctor_nonha_app_0')!;
});
afterEach(() => lab.stop());

const nova = (method: string, path: string, body?: unknown, user = 'admin') =>
  call({
    method,
    path: lab.computeUrl + path,
    token: lab.token(user),
    version: 'compute 2.87',
    ...(body === undefined ? {} : { body }),
  });
const act = (body: unknown, user?: string) => nova('POST', `/servers/${server.id}/action`, body, user);
const reached = (state: Partial<Server>) =>
  vi.waitFor(() => expect(server).toMatchObject({ taskState: null, ...state }), {
    interval: 5,
    timeout: 5000,
  });
const slots = (host: string) => lab.cloud.allocations.used(host).vcpus;

describe('what owners do with their servers', () => {
  it.each([
    ['pause', 'paused', 'PAUSED', 'unpause'],
    ['suspend', 'suspended', 'SUSPENDED', 'resume'],
    ['os-stop', 'stopped', 'SHUTOFF', 'os-start'],
  ] as const)('%s, and back', async (action, vmState, status, back) => {
    expect((await act({ [action]: null }, 'doctor')).status).toBe(202);
    await reached({ vmState });
    expect(lab.servers().find(({ id }) => id === server.id)?.status).toBe(status);
    expect((await act({ [action]: null }, 'doctor')).status).toBe(409);
    expect((await act({ [back]: null }, 'doctor')).status).toBe(202);
    await reached({ vmState: 'active' });
  });

  it('a shelved server stays on its host until it is offloaded', async () => {
    const host = server.host!;
    expect((await act({ shelve: null }, 'doctor')).status).toBe(202);
    await reached({ vmState: 'shelved', host });
    for (const body of [{ migrate: null }, { 'os-migrateLive': { host: null, block_migration: 'auto' } }])
      expect((await act(body)).status).toBe(409);
    const before = slots(host);
    expect((await act({ shelveOffload: null }, 'doctor')).status).toBe(202);
    await reached({ vmState: 'shelved_offloaded', host: null });
    expect(slots(host)).toBe(before - 1);
  });

  it('a rebuild keeps id and host, and refuses moves meanwhile', async () => {
    const { host } = server;
    expect((await act({ rebuild: { imageRef: lab.imageId } }, 'doctor')).status).toBe(202);
    expect(lab.servers().find(({ id }) => id === server.id)?.status).toBe('REBUILD');
    expect(await act({ migrate: null })).toMatchObject({
      status: 409,
      body: { conflictingRequest: { message: expect.stringContaining('task_state rebuilding') as string } },
    });
    await reached({ vmState: 'active', host });
  });

  it.each(['confirmResize', 'revertResize'] as const)(
    'a resize waits for its owner: %s',
    async (decision) => {
      const { host: source, flavor: old } = server;
      const flavorRef = lab.flavors['other']!;
      expect((await act({ resize: { flavorRef: old.id } }, 'doctor')).status).toBe(400);
      expect((await act({ resize: { flavorRef } }, 'doctor')).status).toBe(202);
      await reached({ vmState: 'resized' });
      expect(server.host).not.toBe(source);
      const { body } = await nova('GET', `/os-migrations?instance_uuid=${server.id}`);
      expect(body).toMatchObject({ migrations: [{ migration_type: 'resize', status: 'finished' }] });
      await act({ [decision]: null }, 'doctor');
      await reached({ vmState: 'active' });
      expect(server.flavor.id).toBe(decision === 'confirmResize' ? flavorRef : old.id);
      expect(server.host === source).toBe(decision === 'revertResize');
    },
  );
});

describe('breaking a live migration off', () => {
  const path = () => `/servers/${server.id}/migrations`;
  const live = { 'os-migrateLive': { host: null, block_migration: 'auto' } };

  it('leaves the server where it was, with its slot there alone', async () => {
    lab.setFault({ kind: 'slow', operation: 'live_migrate', seconds: 3600 });
    const source = server.host!;
    await act(live);
    await vi.waitFor(() => expect(lab.cloud.migrations.at(-1)?.status).toBe('running'), { interval: 5 });
    const { number, target } = lab.cloud.migrations.at(-1)!;
    const before = slots(target!);
    expect((await nova('DELETE', `${path()}/${number}`, undefined, 'doctor')).status).toBe(403);
    expect((await nova('DELETE', `${path()}/${number + 1}`)).status).toBe(404);
    expect((await nova('DELETE', `${path()}/${number}`)).status).toBe(202);
    await vi.waitFor(() => expect(lab.cloud.migrations.at(-1)?.status).toBe('cancelled'), { interval: 5 });
    expect(server).toMatchObject({ host: source, vmState: 'active', taskState: null });
    expect(slots(target!)).toBe(before - 1);
    expect((await nova('GET', path())).body).toEqual({ migrations: [] });
  });

  it('is refused where none is under way', async () => {
    expect(await nova('DELETE', `${path()}/1`)).toMatchObject({
      status: 409,
      body: {
        conflictingRequest: {
          message: expect.stringContaining("is in an invalid state for 'abort live migration'") as string,
        },
      },
    });
  });
});
