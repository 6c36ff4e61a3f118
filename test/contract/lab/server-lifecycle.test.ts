import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { type Lab, startLab } from '../../../src/lab/lab.ts';
import { call, type Made } from './recorded-facts.ts';

let lab: Lab;

beforeEach(async () => {
  lab = await startLab({ config: doctorScenario({ filled: false }) });
});

afterEach(() => lab.stop());

const as =
  (user: string) =>
  (method: string, path: string, body?: unknown, version = '2.87'): Promise<Made> =>
    call({
      method,
      path: lab.computeUrl + path,
      token: lab.token(user),
      version: `compute ${version}`,
      ...(body === undefined ? {} : { body }),
    });

const newServer = (name: string, group?: string) => ({
  server: { name, flavorRef: lab.flavors['mini'], imageRef: lab.imageId, networks: 'none' },
  ...(group === undefined ? {} : { 'os:scheduler_hints': { group } }),
});

async function boot(name: string, group?: string): Promise<string> {
  const made = await as('doctor')('POST', '/servers', newServer(name, group));
  expect(made.status).toBe(202);
  const { id } = (made.body as { server: { id: string } }).server;
  expect(made.headers.get('location')).toBe(`${lab.computeUrl}/servers/${id}`);
  await vi.waitFor(() => expect(lab.cloud.servers.get(id)?.taskState).toBeNull(), { interval: 5 });
  return id;
}

describe('a project with its own token', () => {
  it('boots servers, sees them without their host, and deletes them', async () => {
    const doctor = as('doctor');
    const id = await boot('mine');
    const shown = (await doctor('GET', `/servers/${id}`)).body as { server: Record<string, unknown> };
    expect(shown.server).toMatchObject({
      status: 'ACTIVE',
      name: 'mine',
      tenant_id: lab.projects['doctor']!.id,
    });
    expect(Object.keys(shown.server)).not.toContain('OS-EXT-SRV-ATTR:host');
    expect((await doctor('DELETE', `/servers/${id}`)).status).toBe(204);
    await vi.waitFor(async () => expect((await doctor('GET', `/servers/${id}`)).status).toBe(404), {
      interval: 10,
    });
    expect(lab.cloud.allocations.hostsOf(id)).toEqual([]);
  });

  it('does not see the servers of others', async () => {
    const made = await as('admin')('POST', '/servers', newServer('hidden'));
    const { id } = (made.body as { server: { id: string } }).server;
    expect((await as('doctor')('GET', `/servers/${id}`)).status).toBe(404);
    const { body } = await as('doctor')('GET', '/servers');
    expect((body as { servers: { name: string }[] }).servers.map(({ name }) => name)).not.toContain('hidden');
  });

  it('keeps members of an anti-affinity group apart, until no host is left', async () => {
    const made = await as('doctor')('POST', '/os-server-groups', {
      server_group: { name: 'apart', policy: 'anti-affinity' },
    });
    const { id: group } = (made.body as { server_group: { id: string } }).server_group;
    const ids = [];
    for (let n = 0; n < 5; n += 1) ids.push(await boot(`apart_${n}`, group));
    const hosts = ids.map((id) => lab.cloud.servers.get(id)?.host);
    expect(new Set(hosts.slice(0, 4)).size).toBe(4);
    expect(lab.cloud.servers.get(ids[4]!)).toMatchObject({ vmState: 'error', host: null });
    const { body } = await as('doctor')('GET', `/os-server-groups/${group}`);
    expect((body as { server_group: { members: string[] } }).server_group.members).toEqual(ids);
    expect((await as('doctor')('DELETE', `/os-server-groups/${group}`)).status).toBe(204);
    expect((await as('doctor')('GET', `/os-server-groups/${group}`)).status).toBe(404);
  });

  it('may name a group in the way before 2.64', async () => {
    const made = await as('doctor')(
      'POST',
      '/os-server-groups',
      { server_group: { name: 'old', policies: ['affinity'] } },
      '2.15',
    );
    expect(made.body).toMatchObject({
      server_group: { name: 'old', policies: ['affinity'], metadata: {}, members: [] },
    });
    const since = await as('doctor')('POST', '/os-server-groups', {
      server_group: { name: 'old', policies: ['affinity'] },
    });
    expect(since.status).toBe(400);
  });
});

describe('a stopped server', () => {
  it('moves cold only, and is stopped again afterwards', async () => {
    const admin = as('admin');
    const id = await boot('sleepy');
    const act = (body: unknown) => admin('POST', `/servers/${id}/action`, body);
    const server = lab.cloud.servers.get(id)!;
    expect((await act({ 'os-stop': null })).status).toBe(202);
    await vi.waitFor(() => expect(server).toMatchObject({ vmState: 'stopped', powerState: 4 }), {
      interval: 5,
    });
    expect((await admin('GET', `/servers/${id}`)).body).toMatchObject({ server: { status: 'SHUTOFF' } });
    expect((await act({ 'os-migrateLive': { host: null, block_migration: 'auto' } })).status).toBe(409);
    expect((await act({ migrate: null })).status).toBe(202);
    await vi.waitFor(() => expect(server.vmState).toBe('resized'), { interval: 5 });
    expect((await act({ confirmResize: null })).status).toBe(204);
    await vi.waitFor(() => expect(server.vmState).toBe('stopped'), { interval: 5 });
    expect((await act({ 'os-start': null })).status).toBe(202);
    await vi.waitFor(() => expect(server.vmState).toBe('active'), { interval: 5 });
  });
});

describe('a locked server', () => {
  it('is closed to its users, not to admins', async () => {
    const id = await boot('locked');
    expect(
      (await as('doctor')('POST', `/servers/${id}/action`, { lock: { locked_reason: 'mine' } })).status,
    ).toBe(202);
    expect((await as('doctor')('GET', `/servers/${id}`)).body).toMatchObject({
      server: { locked: true, locked_reason: 'mine' },
    });
    expect((await as('doctor')('POST', `/servers/${id}/action`, { 'os-stop': null })).status).toBe(409);
    expect((await as('doctor')('DELETE', `/servers/${id}`)).status).toBe(409);
    expect((await as('admin')('POST', `/servers/${id}/action`, { migrate: null })).status).toBe(202);
  });
});

describe('a server that is deleted in the middle of a move', () => {
  it('gives back its slots on both hosts', async () => {
    const id = await boot('doomed');
    await as('admin')('POST', `/servers/${id}/action`, { migrate: null });
    await vi.waitFor(() => expect(lab.cloud.servers.get(id)?.taskState).toBe('resize_migrating'), {
      interval: 5,
    });
    expect((await as('doctor')('DELETE', `/servers/${id}`)).status).toBe(204);
    await vi.waitFor(() => expect(lab.cloud.servers.has(id)).toBe(false), { interval: 5 });
    const used = lab.cloud.hosts.map(({ name }) => lab.cloud.allocations.used(name).vcpus);
    expect(used.reduce((sum, n) => sum + n, 0)).toBe(2);
  });
});
