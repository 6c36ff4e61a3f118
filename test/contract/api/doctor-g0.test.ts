/** Clients of the sample admin tool of OPNFV Doctor (facts 1.5): served where nobody needs a token, and nowhere else. */
import { beforeEach, describe, expect, it } from 'vitest';
import { HostsTaken, UnknownHosts } from '../../../src/engine/maintenance-service.ts';
import { Policy } from '../../../src/policy/policy.ts';
import { startApi, type ErrorBody } from './api-under-test.ts';
import { aliases, operations } from './contract-operations.ts';
import { movedInstanceId, otherProjectId, sampleProjectId, sampleSessionId } from './fake-maintenance.ts';

const api = await startApi({ mode: 'none' });
beforeEach(() => api.reset());

/** Bodies are those of Doctor's test driver and of its app manager. */
const wanted = {
  state: 'MAINTENANCE',
  metadata: { openstack_version: 'Pike' },
  maintenance_at: '2026-11-03 02:30:00',
  hosts: ['cmp-07', 'cmp-08'],
};
const session = `/maintenance/${sampleSessionId}`;
const project = `${session}/${sampleProjectId}`;
const unknown = '47479bca-7f0e-11ea-99c9-2c600c9893ee';

const create = (body: object) => api.as('none').post('/maintenance').send(body);

describe('opening a session', () => {
  it('answers with its id and an ACK of the state', async () => {
    const response = await create(wanted);
    expect([response.status, response.body]).toEqual([
      200,
      { session_id: '7b1f0c52-4d2e-11ee-9c5a-000000000001', state: 'ACK_MAINTENANCE' },
    ]);
    expect(api.maintenance.requests).toEqual([
      {
        workflow: 'default',
        hosts: ['cmp-07', 'cmp-08'],
        maintenanceAt: Date.UTC(2026, 10, 3, 2, 30, 0),
        metadata: { openstack_version: 'Pike' },
        actions: [],
        downloads: [],
      },
    ]);
  });

  it('does not look at a workflow, nor at what came after the tool', async () => {
    const later = { workflow: 'nonsense', actions: [{ plugin: 'firmware', type: 'host' }], download: ['x'] };
    expect((await create({ ...wanted, ...later })).status).toBe(200);
    expect(api.maintenance.requests).toMatchObject([{ workflow: 'default', actions: [], downloads: [] }]);
  });

  it.each(['hosts', 'maintenance_at', 'metadata', 'state'])('needs %s', async (field) => {
    const response = await create({ ...wanted, [field]: undefined });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'invalid_request', pointer: `/${field}` });
  });

  it.each([
    ['an unknown state', { state: 'REMOVE_MAINTENANCE_SESSION' }, '/state'],
    ['hosts that are text', { hosts: 'cmp-07' }, '/hosts'],
    ['a time that is none', { maintenance_at: '2026-13-03 02:30:00' }, '/maintenance_at'],
  ])('refuses %s', async (_what, change, pointer) => {
    const response = await create({ ...wanted, ...change });
    expect([response.status, (response.body as ErrorBody).pointer]).toEqual([422, pointer]);
  });

  it('refuses what the cloud or another session does not allow', async () => {
    api.maintenance.refusal = new HostsTaken(['cmp-07']);
    expect((await create(wanted)).status).toBe(409);
    api.maintenance.refusal = new UnknownHosts(['cmp-07']);
    expect((await create(wanted)).status).toBe(422);
    api.maintenance.maxSessions = 0;
    const many = await create(wanted);
    expect([many.status, (many.body as ErrorBody).error]).toEqual([509, 'Too many sessions']);
  });
});

describe('a session', () => {
  it('shows its state and nothing else', async () => {
    const response = await api.as('none').get(session);
    expect([response.status, response.body]).toEqual([200, { state: 'PLANNED_MAINTENANCE' }]);
  });

  it('is deleted with the word OK, and is not found from then on', async () => {
    const response = await api.as('none').delete(session);
    expect([response.status, response.text]).toEqual([200, 'OK']);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    for (const method of ['get', 'delete'] as const) {
      const again = await api.as('none')[method](session);
      expect([again.status, (again.body as ErrorBody).error]).toEqual([404, 'Invalid session']);
    }
  });

  it('is the same as under /v1', async () => {
    const response = await create(wanted);
    const path = `/v1/maintenance/${(response.body as { session_id: string }).session_id}`;
    expect((await api.as('none').get(path)).body).toMatchObject({ state: 'MAINTENANCE' });
  });
});

describe('a project', () => {
  it('has its instances listed', async () => {
    const response = await api.as('none').get(project);
    expect([response.status, response.body]).toEqual([200, { instance_ids: [movedInstanceId] }]);
  });

  it('replies, and is answered with the word OK', async () => {
    const response = await api
      .as('none')
      .put(project)
      .send({
        session_id: sampleSessionId,
        state: 'ACK_PLANNED_MAINTENANCE',
        instance_actions: { [movedInstanceId]: 'MIGRATE' },
      });
    expect([response.status, response.text]).toEqual([200, 'OK']);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(api.maintenance.replies).toEqual([
      {
        projectId: sampleProjectId,
        reply: { state: 'ACK_PLANNED_MAINTENANCE', instanceActions: { [movedInstanceId]: 'MIGRATE' } },
      },
    ]);
  });

  it('that is not in the session is not found, and a session that nobody knows neither', async () => {
    for (const path of [`${session}/${otherProjectId}`, `/maintenance/${unknown}/${sampleProjectId}`]) {
      expect((await api.as('none').get(path)).status).toBe(404);
      expect((await api.as('none').put(path).send({ state: 'ACK_MAINTENANCE' })).status).toBe(404);
    }
  });

  it('that leaves out an action is refused', async () => {
    const response = await api.as('none').put(project).send({ state: 'ACK_PLANNED_MAINTENANCE' });
    expect(response.body).toMatchObject({ code: 'actions_missing', pointer: '/instance_actions' });
  });
});

describe('what the tool did not have, or should not have had', () => {
  it.each([
    ['post', '/shutdown', 404],
    ['get', '/maintenance', 405],
    ['put', session, 405],
    ['get', `${session}/detail`, 404],
    ['put', `${project}/${movedInstanceId}`, 404],
    ['get', '/instance/a', 404],
  ] as const)('%s %s is answered with an error', async (method, path, status) => {
    expect((await api.as('none')[method](path)).status).toBe(status);
  });
});

describe('the contract of the aliases', () => {
  it.each(aliases.map((alias) => [alias.id, alias] as const))(
    'has %s as the one of /v1, but for what is about tokens',
    (id, { path, method, statuses }) => {
      const same = operations.find((operation) => operation.id === id);
      expect([method, `/v1${path}`]).toEqual([same?.method, same?.path]);
      expect(statuses).toEqual(same?.statuses.filter((status) => status !== 401 && status !== 503));
    },
  );
});

describe('with tokens', () => {
  it.each(aliases.map(({ method, path }) => [method, path] as const))(
    '%s %s is not there',
    async (method, path) => {
      const guarded = await startApi();
      const response = await guarded
        .as('admin')
        [method](path)
        .send(method === 'get' ? undefined : wanted);
      expect([response.status, (response.body as ErrorBody).code]).toEqual([404, 'not_found']);
    },
  );
});

describe('the rules of the site', () => {
  it.each(aliases.map(({ id, method, path }) => [id, method, path] as const))(
    'hold for %s as under /v1',
    async (_id, method, path) => {
      const rules = ['post', 'session:get', 'session:delete', 'session:project:get', 'session:project:put'];
      const policy = new Policy(
        rules.map((name) => ({ name: `fenix:maintenance:${name}`, text: '!', where: 'a test' })),
      );
      const closed = await startApi({ mode: 'none' }, policy);
      const response = await closed
        .as('none')
        [method](path)
        .send(method === 'get' ? undefined : wanted);
      expect([response.status, (response.body as ErrorBody).code]).toEqual([403, 'forbidden']);
    },
  );
});
