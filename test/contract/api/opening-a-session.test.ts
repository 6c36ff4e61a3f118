import { beforeEach, describe, expect, it } from 'vitest';
import {
  DownloadRefused,
  HostsTaken,
  PlanUnusable,
  UnknownHosts,
  UnknownPlugin,
} from '../../../src/engine/maintenance-service.ts';
import { PluginFailed } from '../../../src/engine/ports.ts';
import { startApi, type ErrorBody } from './api-under-test.ts';

const api = await startApi();
beforeEach(() => api.reset());

const wanted = {
  state: 'MAINTENANCE',
  maintenance_at: '2026-11-03 02:30:00',
  workflow: 'default',
  metadata: { openstack_version: 'Epoxy' },
  hosts: ['cmp-07.example.net'],
};

/** Asks for a session. Returns the answer, and what was asked of the engine. */
async function open(body: object) {
  const response = await api.as('admin').post('/v1/maintenance').send(body);
  return {
    status: response.status,
    body: response.body as Partial<ErrorBody> & { session_id?: string },
    asked: api.maintenance.requests,
  };
}

describe('opening a session', () => {
  it('answers 200 and its id, and asks the engine for what was wanted', async () => {
    const { status, body, asked } = await open(wanted);
    expect(status).toBe(200);
    expect(body).toEqual({ session_id: '7b1f0c52-4d2e-11ee-9c5a-000000000001' });
    expect(asked).toEqual([
      {
        workflow: 'default',
        hosts: ['cmp-07.example.net'],
        maintenanceAt: Date.UTC(2026, 10, 3, 2, 30, 0),
        metadata: { openstack_version: 'Epoxy' },
        actions: [],
        downloads: [],
      },
    ]);
  });

  it('needs nothing but the time', async () => {
    const { status, asked } = await open({ maintenance_at: '2026-11-03 02:30:00' });
    expect(status).toBe(200);
    expect(asked).toEqual([
      {
        workflow: 'default',
        hosts: [],
        maintenanceAt: Date.UTC(2026, 10, 3, 2, 30, 0),
        metadata: {},
        actions: [],
        downloads: [],
      },
    ]);
  });

  it('takes fields that it does not know', async () => {
    expect((await open({ ...wanted, session_id: 'x', extra: { deep: [1] } })).status).toBe(200);
  });

  it.each(['MAINTENANCE', 'SCALE_IN', 'PLANNED_MAINTENANCE', 'MAINTENANCE_FAILED'])(
    'takes the state %s and starts in MAINTENANCE all the same',
    async (state) => {
      expect((await open({ ...wanted, state })).status).toBe(200);
    },
  );

  it('takes action plug-ins with their metadata, and packages as addresses or as objects', async () => {
    const sha256 = 'AB'.repeat(32);
    const { status, asked } = await open({
      ...wanted,
      workflow: 'vnf',
      actions: [
        { plugin: 'stage_packages', type: 'pre' },
        { plugin: 'firmware', type: 'host', metadata: { level: '7.2' }, extra: 1 },
      ],
      download: [
        'https://repo.example.net/bundle.tar.gz',
        { url: 'https://repo.example.net/2.tar.gz', sha256 },
      ],
    });
    expect(status).toBe(200);
    expect(asked[0]).toMatchObject({
      workflow: 'vnf',
      actions: [
        { plugin: 'stage_packages', type: 'pre', metadata: {} },
        { plugin: 'firmware', type: 'host', metadata: { level: '7.2' } },
      ],
      downloads: [
        { url: 'https://repo.example.net/bundle.tar.gz' },
        { url: 'https://repo.example.net/2.tar.gz', sha256: sha256.toLowerCase() },
      ],
    });
  });

  it.each([
    ['2026-11-03T02:30:00', 0],
    ['2026-11-03 02:30:00.5', 500],
    ['2026-11-03T02:30:00.123456Z', 123],
    ['2026-11-03 04:30:00+02:00', 0],
    ['2026-11-03T00:30:00-0200', 0],
    [' 2026-11-03 02:30:00 ', 0],
  ])('reads the time %s', async (maintenance_at, milliseconds) => {
    const { asked } = await open({ maintenance_at });
    expect(asked[0]?.maintenanceAt).toBe(Date.UTC(2026, 10, 3, 2, 30, 0, milliseconds));
  });

  it('takes a time that is past: the session knows how late it may be', async () => {
    const { status, asked } = await open({ maintenance_at: '2001-02-03 04:05:06' });
    expect([status, asked[0]?.maintenanceAt]).toEqual([200, Date.UTC(2001, 1, 3, 4, 5, 6)]);
  });

  it.each([
    '',
    'x'.repeat(40),
    '2026-13-03 02:30:00',
    '2026-00-03 02:30:00',
    '2026-11-31 02:30:00',
    '2026-11-03 24:00:60',
    '2026-11-03 02:30',
    '2026-11-03',
    '20261103T023000Z',
    '1793673000',
    '9999-12-31 23:59:59',
    '9999-12-31 23:59:59-23:59',
    '2100-01-01 00:00:00',
    '1969-12-31 23:59:59',
    '0000-01-01 00:00:00',
    '1970-01-01 00:00:00+00:01',
    '-2026-11-03 02:30:00',
    "2026-11-03 02:30:00'; DROP TABLE x",
  ])('refuses the time %j, and repeats it', async (maintenance_at) => {
    const { status, body, asked } = await open({ ...wanted, maintenance_at });
    expect({ status, code: body.code, pointer: body.pointer }).toEqual({
      status: 422,
      code: 'invalid_request',
      pointer: '/maintenance_at',
    });
    expect(body.message).toContain(maintenance_at);
    expect(asked).toEqual([]);
  });

  it.each([
    ['no time', { maintenance_at: undefined }, '/maintenance_at', 'maintenance_at'],
    ['nonsense for a time', { maintenance_at: 'tomorrow' }, '/maintenance_at', 'tomorrow'],
    ['a day that does not exist', { maintenance_at: '2026-02-30 02:30:00' }, '/maintenance_at', '2026-02-30'],
    ['a number for a time', { maintenance_at: 1_793_673_000 }, '/maintenance_at', 'string'],
    ['an unknown state', { state: 'NIGHT' }, '/state', 'MAINTENANCE'],
    ['hosts that are no list', { hosts: 'cmp-07' }, '/hosts', 'array'],
    ['a host twice', { hosts: ['cmp-07', 'cmp-07'] }, '/hosts', 'duplicate'],
    ['a host without a name', { hosts: ['cmp-07', ''] }, '/hosts/1', 'fewer than 1'],
    ['metadata that is no object', { metadata: ['Epoxy'] }, '/metadata', 'object'],
    ['an action of no known type', { actions: [{ plugin: 'a', type: 'x' }] }, '/actions/0/type', 'pre'],
    ['an action without a name', { actions: [{ type: 'host' }] }, '/actions/0/plugin', 'missing'],
    ['an action that is text', { actions: ['firmware'] }, '/actions/0', 'object'],
    [
      'a name that leaves the folder',
      { actions: [{ plugin: '../sh', type: 'host' }] },
      '/actions/0/plugin',
      '',
    ],
    [
      'an action twice',
      {
        actions: [
          { plugin: 'a', type: 'pre' },
          { plugin: 'a', type: 'post' },
        ],
      },
      '/actions/1/plugin',
      'twice',
    ],
    ['a host whose name is too long', { hosts: ['x'.repeat(256)] }, '/hosts/0', '255'],
    ['a package that is a number', { download: [7] }, '/download/0', ''],
    ['a package without an address', { download: [{ sha256: 'ab'.repeat(32) }] }, '/download/0', 'url'],
    ['a checksum that is none', { download: [{ url: 'https://a/', sha256: 'x' }] }, '/download/0', ''],
  ])('refuses %s, and names the place', async (_what, change, pointer, says) => {
    const { status, body, asked } = await open({ ...wanted, ...change });
    expect({ status, code: body.code, pointer: body.pointer }).toEqual({
      status: 422,
      code: 'invalid_request',
      pointer,
    });
    expect(body.message).toContain(says);
    expect(asked).toEqual([]);
  });

  it.each([
    [
      'hosts that nobody knows',
      new UnknownHosts(['cmp-99', 'cmp-98']),
      422,
      'unknown_host',
      '/hosts',
      'cmp-99, cmp-98',
    ],
    ['hosts of another session', new HostsTaken(['cmp-07']), 409, 'host_in_session', '/hosts', 'cmp-07'],
    [
      'a plug-in that is not there',
      new UnknownPlugin('firmware'),
      422,
      'unknown_plugin',
      '/actions',
      'firmware',
    ],
    [
      'a plug-in whose manifest is wrong',
      new PluginFailed('firmware.yaml: timeout must be a number'),
      422,
      'unknown_plugin',
      '/actions',
      'timeout must be a number',
    ],
    [
      'a package from a host that is not allowed',
      new DownloadRefused(1, 'evil.example.net is not among downloads.allowed_hosts.'),
      422,
      'download_refused',
      '/download/1',
      'evil.example.net',
    ],
    [
      'a plan that is not finished',
      new PlanUnusable('plan 3f1d2c4b is planning'),
      409,
      'plan_unusable',
      '/plan_id',
      'Plan 3f1d2c4b is planning.',
    ],
  ])('says that it is refused for %s', async (_what, refusal, status, code, pointer, says) => {
    api.maintenance.refusal = refusal;
    const answer = await open(wanted);
    expect([answer.status, answer.body.code, answer.body.pointer]).toEqual([status, code, pointer]);
    expect(answer.body.message).toContain(says);
  });

  it('brings to the engine how many hosts are wanted at once, what becomes of failures, and the plan', async () => {
    const { status, asked } = await open({
      ...wanted,
      workflow: 'vnf',
      parallel_hosts: 2,
      window_ends_at: '2026-11-03T04:30:00Z',
      failure_policy: 'skip',
      plan_id: '3F1D2C4B-5a69-4788-9c0d-1e2f3a4b5c6d',
    });
    expect(status).toBe(200);
    expect(asked).toMatchObject([
      {
        parallelHosts: 2,
        windowEndsAt: Date.UTC(2026, 10, 3, 4, 30, 0),
        failurePolicy: 'skip',
        planId: '3f1d2c4b-5a69-4788-9c0d-1e2f3a4b5c6d',
      },
    ]);
  });

  it.each([
    ['parallel_hosts', 0],
    ['parallel_hosts', 1.5],
    ['parallel_hosts', '2'],
    ['parallel_hosts', null],
    ['parallel_hosts', 10_001],
    ['window_ends_at', 'soon'],
    ['window_ends_at', 7],
    ['window_ends_at', '2026-02-30 04:30:00'],
    ['failure_policy', 'ignore'],
    ['failure_policy', ''],
    ['failure_policy', ['skip']],
    ['plan_id', 'not-a-uuid'],
    ['plan_id', ''],
    ['plan_id', 7],
  ])('refuses %s: %j, and names the place', async (field, value) => {
    const { status, body, asked } = await open({ ...wanted, [field]: value });
    expect([status, body.code, body.pointer]).toEqual([422, 'invalid_request', `/${field}`]);
    expect(asked).toEqual([]);
  });

  it.each([
    ['parallel_hosts', 2],
    ['window_ends_at', '2026-11-03 06:30:00'],
    ['failure_policy', 'skip'],
  ])('refuses %s for the workflow default, which does not know it', async (field, value) => {
    const { status, body, asked } = await open({ ...wanted, workflow: 'default', [field]: value });
    expect([status, body.code, body.pointer]).toEqual([422, 'invalid_request', `/${field}`]);
    expect(body.message).toContain('workflow vnf');
    expect(asked).toEqual([]);
  });

  it('refuses a window that ends before the maintenance begins', async () => {
    const { status, body } = await open({
      ...wanted,
      workflow: 'vnf',
      window_ends_at: wanted.maintenance_at,
    });
    expect([status, body.code, body.pointer]).toEqual([422, 'invalid_request', '/window_ends_at']);
  });

  it('refuses a workflow that nobody knows', async () => {
    for (const workflow of ['../etc/passwd', 'k8s', '', 'DEFAULT', 'constructor', '__proto__']) {
      const { status, body } = await open({ ...wanted, workflow });
      expect({ status, code: body.code, pointer: body.pointer }).toEqual({
        status: 422,
        code: 'unknown_workflow',
        pointer: '/workflow',
      });
    }
  });

  it('takes metadata as long as Ceilometer carries it, and no longer', async () => {
    // {'release': '...'} takes 15 characters besides the text.
    expect((await open({ ...wanted, metadata: { release: 'x'.repeat(240) } })).status).toBe(200);
    const { status, body } = await open({ ...wanted, metadata: { release: 'x'.repeat(241) } });
    expect({ status, pointer: body.pointer }).toEqual({ status: 422, pointer: '/metadata' });
    expect(body.message).toContain('256');
  });

  it('counts the characters of metadata as Python does', async () => {
    expect((await open({ ...wanted, metadata: { release: '\u{1F600}'.repeat(240) } })).status).toBe(200);
    expect((await open({ ...wanted, metadata: { release: '\u{1F600}'.repeat(241) } })).status).toBe(422);
  });

  it('answers 509 when there are too many', async () => {
    api.maintenance.maxSessions = 1;
    const response = await api.as('admin').post('/v1/maintenance').send(wanted);
    expect(response.status).toBe(509);
    expect(response.body).toMatchObject({ error: 'Too many sessions', code: 'too_many_sessions' });
  });
});
