import { beforeEach, describe, expect, it } from 'vitest';
import { startApi, type ErrorBody } from './api-under-test.ts';
import { sampleSession, sampleSessionId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

const unknownSession = '47479bca-7f0e-11ea-99c9-2c600c9893ee';
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
      },
    ]);
  });

  it('needs nothing but the time', async () => {
    const { status, asked } = await open({ maintenance_at: '2026-11-03 02:30:00' });
    expect(status).toBe(200);
    expect(asked).toEqual([
      { workflow: 'default', hosts: [], maintenanceAt: Date.UTC(2026, 10, 3, 2, 30, 0), metadata: {} },
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

  it('takes empty lists of what is not built yet', async () => {
    expect((await open({ ...wanted, actions: [], download: [] })).status).toBe(200);
  });

  it.each([
    ['2026-11-03T02:30:00', 0],
    ['2026-11-03 02:30:00.5', 500],
    ['2026-11-03T02:30:00.123456Z', 123],
    ['2026-11-03 04:30:00+02:00', 0],
    ['2026-11-03T00:30:00-0200', 0],
  ])('reads the time %s', async (maintenance_at, milliseconds) => {
    const { asked } = await open({ maintenance_at });
    expect(asked[0]?.maintenanceAt).toBe(Date.UTC(2026, 10, 3, 2, 30, 0, milliseconds));
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
    ['the workflow vnf', { workflow: 'vnf' }, '/workflow'],
    ['the workflow k8s', { workflow: 'k8s' }, '/workflow'],
    ['action plug-ins', { actions: [{ plugin: 'firmware', type: 'host' }] }, '/actions'],
    ['downloads', { download: ['https://repo.example.net/bundle.tar.gz'] }, '/download'],
    ['downloads as objects', { download: [{ url: 'https://repo.example.net/' }] }, '/download'],
  ])('does not pretend to have %s', async (_what, change, pointer) => {
    const { status, body, asked } = await open({ ...wanted, ...change });
    expect({ status, code: body.code, pointer: body.pointer }).toEqual({
      status: 422,
      code: 'feature_not_available',
      pointer,
    });
    expect(asked).toEqual([]);
  });

  it('refuses a workflow that nobody knows', async () => {
    const { status, body } = await open({ ...wanted, workflow: '../etc/passwd' });
    expect({ status, code: body.code, pointer: body.pointer }).toEqual({
      status: 422,
      code: 'unknown_workflow',
      pointer: '/workflow',
    });
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

describe('the list of sessions', () => {
  it('stands under both keys that clients read', async () => {
    const other = sampleSession({ id: unknownSession });
    api.maintenance.sessions.set(other.id, other);
    const response = await api.as('admin').get('/v1/maintenance');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      sessions: [sampleSessionId, unknownSession],
      session_id: [sampleSessionId, unknownSession],
    });
  });

  it('may be empty', async () => {
    api.maintenance.sessions.clear();
    expect((await api.as('admin').get('/v1/maintenance')).body).toEqual({ sessions: [], session_id: [] });
  });
});

describe('a session', () => {
  it('shows its state', async () => {
    const response = await api.as('admin').get(`/v1/maintenance/${sampleSessionId}`);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ session_id: sampleSessionId, state: 'PLANNED_MAINTENANCE' });
  });

  it('is deleted with 200 and an empty object, and is not found from then on', async () => {
    const response = await api.as('admin').delete(`/v1/maintenance/${sampleSessionId}`);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({});
    expect((await api.as('admin').get(`/v1/maintenance/${sampleSessionId}`)).status).toBe(404);
    expect((await api.as('admin').delete(`/v1/maintenance/${sampleSessionId}`)).status).toBe(404);
  });

  it('cannot be continued yet, and says so', async () => {
    for (const body of [{}, { state: 'PLANNED_MAINTENANCE' }]) {
      const response = await api.as('admin').put(`/v1/maintenance/${sampleSessionId}`).send(body);
      expect(response.status).toBe(422);
      expect(response.body).toMatchObject({ code: 'feature_not_available' });
    }
    const odd = await api.as('admin').put(`/v1/maintenance/${sampleSessionId}`).send({ state: 'NIGHT' });
    expect(odd.body).toMatchObject({ code: 'invalid_request', pointer: '/state' });
  });

  it.each([
    ['get', `/v1/maintenance/${unknownSession}`],
    ['put', `/v1/maintenance/${unknownSession}`],
    ['delete', `/v1/maintenance/${unknownSession}`],
    ['get', `/v1/maintenance/${unknownSession}/detail`],
    ['get', `/v1/maintenance/${unknownSession}/5f0c2d7b9e1a4c66b0d3f4a18e27c9ab`],
  ] as const)('that does not exist is an invalid session: %s %s', async (method, path) => {
    const response = await api.as('admin')[method](path);
    expect(response.status).toBe(404);
    expect(response.body).toMatchObject({ error: 'Invalid session', code: 'session_not_found' });
  });
});
