import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { type Lab, startLab } from '../../../src/lab/lab.ts';
import type { Server } from '../../../src/lab/model/types.ts';
import { call, type Made } from './recorded-facts.ts';

let lab: Lab;
let server: Server;

beforeEach(async () => {
  lab = await startLab({ config: doctorScenario({ empty: 1 }) });
  server = lab.cloud.server('doctor_nonha_app_0')!;
});

afterEach(() => lab.stop());

const nova = (method: string, path: string, body?: unknown): Promise<Made> =>
  call({
    method,
    path: lab.computeUrl + path,
    token: lab.token('admin'),
    version: 'compute 2.87',
    ...(body === undefined ? {} : { body }),
  });
const migrate = (): Promise<Made> => nova('POST', `/servers/${server.id}/action`, { migrate: null });
const control = (method: string, path: string, body?: unknown): Promise<Made> =>
  call({ method, path: `${lab.url}/lab${path}`, ...(body === undefined ? {} : { body }) });

describe('a lost call', () => {
  it('is carried out although the caller gets no answer', async () => {
    lab.setFault({ kind: 'lost_call', call: 'migrate', carried_out: true, times: 1 });
    await expect(migrate()).rejects.toThrow();
    expect(lab.cloud.migrations).toHaveLength(1);
    expect(lab.calls().filter(({ name }) => name === 'migrate')).toMatchObject([{ status: null }]);
    expect((await migrate()).status).toBe(409);
  });

  it('or is not carried out at all', async () => {
    lab.setFault({ kind: 'lost_call', call: 'migrate', carried_out: false, times: 1 });
    await expect(migrate()).rejects.toThrow();
    expect(lab.cloud.migrations).toHaveLength(0);
    expect((await migrate()).status).toBe(202);
  });

  it('strikes only the server that is meant, and the kind of call that is meant', async () => {
    lab.setFault({ kind: 'lost_call', call: 'write', carried_out: false, server: 'doctor_ha_app_0' });
    expect((await migrate()).status).toBe(202);
    const other = lab.cloud.server('doctor_ha_app_0')!;
    expect((await nova('GET', `/servers/${other.id}`)).status).toBe(200);
    await expect(nova('POST', `/servers/${other.id}/action`, { migrate: null })).rejects.toThrow();
  });
});

describe('a lost call that closes a host', () => {
  it('strikes the host that is meant', async () => {
    lab.setFault({ kind: 'lost_call', call: 'os-services.update', carried_out: true, host: 'compute-2' });
    const close = (host: string) =>
      nova('PUT', `/os-services/${lab.cloud.host(host)!.service.uuid}`, {
        status: 'disabled',
        disabled_reason: 'x',
      });
    expect((await close('compute-1')).status).toBe(200);
    await expect(close('compute-2')).rejects.toThrow();
    expect(lab.hosts().map(({ status }) => status)).toEqual(['disabled', 'disabled', 'enabled', 'enabled']);
  });
});

describe('an unavailable service', () => {
  it('answers 503 as often as it was told, the other service goes on', async () => {
    lab.setFault({ kind: 'unavailable', service: 'nova', times: 2 });
    expect((await nova('GET', '/servers')).status).toBe(503);
    expect((await call({ method: 'GET', path: lab.authUrl })).status).toBe(200);
    expect((await nova('GET', '/servers')).status).toBe(503);
    expect((await nova('GET', '/servers')).status).toBe(200);
  });

  it('can be Keystone', async () => {
    const fault = lab.setFault({ kind: 'unavailable', service: 'keystone' });
    expect((await call({ method: 'GET', path: lab.authUrl })).status).toBe(503);
    fault.clear();
    expect((await call({ method: 'GET', path: lab.authUrl })).status).toBe(200);
  });
});

describe('slowness', () => {
  it('of an operation adds to its time', async () => {
    lab.setFault({ kind: 'slow', operation: 'cold_migrate', seconds: 0.4, host: 'compute-3' });
    const asked = Date.now();
    await migrate();
    await vi.waitFor(() => expect(server.vmState).toBe('resized'), { interval: 5, timeout: 3000 });
    expect(Date.now() - asked).toBeGreaterThan(550);
  });

  it('of an answer leaves the call itself as it is', async () => {
    lab.setFault({ kind: 'slow_answer', call: 'migrate', seconds: 0.6 });
    const asked = Date.now();
    const answer = migrate();
    await vi.waitFor(() => expect(server.taskState).toBe('resize_prep'), { interval: 5 });
    expect(Date.now() - asked).toBeLessThan(550);
    expect((await answer).status).toBe(202);
    expect(Date.now() - asked).toBeGreaterThan(580);
  });
});

describe('a host that is down', () => {
  it('is shown so, takes no servers, gives none away, and comes back', async () => {
    const fault = lab.setFault({ kind: 'host_down', host: 'compute-4' });
    const state = async (): Promise<unknown> => {
      const { body } = await nova('GET', '/os-services?binary=nova-compute&host=compute-4');
      return (body as { services: { state: string }[] }).services[0]?.state;
    };
    expect(await state()).toBe('down');
    await migrate();
    await vi.waitFor(() => expect(server.taskState).toBeNull(), { interval: 5 });
    expect(server.host).toBe('compute-3');
    const onIt = lab.servers().find(({ host }) => host === 'compute-4')!;
    expect((await nova('POST', `/servers/${onIt.id}/action`, { migrate: null })).status).toBe(409);
    fault.clear();
    expect(await state()).toBe('up');
    expect(lab.changes().map(({ type }) => type)).toEqual(expect.arrayContaining(['host.down', 'host.up']));
  });
});

describe('a boot that fails', () => {
  const boot = () =>
    nova('POST', '/servers', {
      server: { name: 'new', flavorRef: lab.flavors['mini'], imageRef: lab.imageId, networks: 'none' },
    });

  it('leaves a server in ERROR with a fault, and its slot free', async () => {
    lab.setFault({ kind: 'fail', operation: 'boot', message: 'no luck', times: 1 });
    expect((await boot()).status).toBe(202);
    await vi.waitFor(() => expect(lab.cloud.server('new')?.vmState).toBe('error'), { interval: 5 });
    const { body } = await nova('GET', `/servers/${lab.cloud.server('new')!.id}`);
    expect(body).toMatchObject({ server: { status: 'ERROR', fault: { code: 500, message: 'no luck' } } });
    await boot();
    await vi.waitFor(() => expect(lab.cloud.server('new')?.vmState).toBe('active'), { interval: 5 });
    expect(lab.cloud.server('new')?.host).toBe('compute-4');
    await boot();
    await vi.waitFor(() => expect(lab.cloud.server('new')?.vmState).toBe('error'), { interval: 5 });
    expect(lab.cloud.server('new')?.fault?.message).toContain('No valid host');
  });
});

describe('the control API under /lab', () => {
  it('switches faults on and off', async () => {
    const made = await control('POST', '/faults', { kind: 'unavailable', service: 'nova' });
    expect(made.status).toBe(201);
    const { id } = made.body as { id: string };
    expect(await control('GET', '/faults')).toMatchObject({
      body: { faults: [{ id, fault: { service: 'nova' } }] },
    });
    expect((await nova('GET', '/servers')).status).toBe(503);
    expect((await control('DELETE', `/faults/${id}`)).status).toBe(204);
    expect((await control('DELETE', `/faults/${id}`)).status).toBe(404);
    expect((await nova('GET', '/servers')).status).toBe(200);
    await control('POST', '/faults', { kind: 'host_down', host: 'compute-1' });
    expect((await control('DELETE', '/faults')).status).toBe(204);
    expect(lab.hosts().every(({ state }) => state === 'up')).toBe(true);
  });

  it('refuses a fault that it does not know, and one for a host that is not there', async () => {
    expect((await control('POST', '/faults', { kind: 'fire' })).status).toBe(400);
    expect((await control('POST', '/faults', { kind: 'host_down', host: 'nosuch' })).status).toBe(400);
  });

  it('tells what is where, what changed, and who called', async () => {
    await migrate();
    const picture = (await control('GET', '')).body as { hosts: unknown[]; servers: unknown[] };
    expect([picture.hosts.length, picture.servers.length]).toEqual([4, 7]);
    const { changes } = (await control('GET', '/changes')).body as { changes: { sequence: number }[] };
    const last = changes.at(-1)!.sequence;
    expect((await control('GET', `/changes?after=${last - 1}`)).body).toMatchObject({
      changes: [{ sequence: last }],
    });
    expect((await control('GET', '/calls')).body).toMatchObject({
      calls: expect.arrayContaining([expect.objectContaining({ name: 'migrate', status: 202 })]) as unknown,
    });
  });

  it('sets catalog entries', async () => {
    expect((await control('PUT', '/endpoints/alarming', { url: 'http://127.0.0.1:9' })).status).toBe(204);
    const { body } = await call({
      method: 'GET',
      path: `${lab.authUrl}/auth/catalog`,
      token: lab.token('admin'),
    });
    expect((body as { catalog: { type: string }[] }).catalog.map(({ type }) => type)).toContain('alarming');
  });
});
