/** Who may do what: every operation of the contract, asked by everybody (facts 1.3, docs/policy.md). */
import request from 'supertest';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { ConfigError, loadConfig } from '../../../src/config/load-config.ts';
import { TokenRejected, type Identity, type TokenValidator } from '../../../src/engine/ports.ts';
import { guards } from '../../../src/http/policy.ts';
import { operationRules } from '../../../src/policy/default-rules.ts';
import { Policy } from '../../../src/policy/policy.ts';
import { startServer } from '../../../src/server.ts';
import { authUrl, startApi, type ErrorBody } from './api-under-test.ts';
import { contracts, operations, type ContractOperation } from './contract-operations.ts';
import { movedInstanceId, otherProjectId, sampleProjectId, sampleSessionId } from './fake-maintenance.ts';
import { withPolicyFile } from '../../support/with-policy-file.ts';

const ofProject = (projectId: string, ...roles: readonly string[]): Identity => ({
  userId: `user-${roles.join('-')}`,
  projectId,
  roles,
  expiresAt: 1_900_000_000_000,
});
const ofSystem = (...roles: readonly string[]): Identity => ({
  userId: `system-${roles.join('-')}`,
  systemScope: 'all',
  roles,
  expiresAt: 1_900_000_000_000,
});
const adminProjectId = '5e77f9b80edd4aae87a84a88d8e2fc15';

const callers = {
  admin: ofProject(adminProjectId, 'admin', 'member', 'reader'),
  systemAdmin: ofSystem('admin', 'member', 'reader'),
  systemReader: ofSystem('reader'),
  member: ofProject(sampleProjectId, 'member', 'reader'),
  /** A site that calls its roles differently. */
  operator: ofProject(sampleProjectId, 'vnf_operator'),
  reader: ofProject(sampleProjectId, 'reader'),
  stranger: ofProject(otherProjectId, 'member', 'reader'),
  auditor: ofProject(otherProjectId, 'auditor'),
  unscoped: { userId: 'nowhere', roles: [], expiresAt: 1_900_000_000_000 } satisfies Identity,
};
type Caller = keyof typeof callers;

const tokens: TokenValidator = {
  validate: (token) =>
    token in callers
      ? Promise.resolve(callers[token as Caller])
      : Promise.reject(new TokenRejected('no such token')),
};

const startWith = async (policy?: Policy) => {
  const api = await startApi({ mode: 'keystone', tokens, authUrl }, policy);
  return { ...api, by: (caller: Caller) => request.agent(api.app).set('X-Auth-Token', caller) };
};
type Api = Awaited<ReturnType<typeof startWith>>;

let api: Api;
beforeAll(async () => void (api = await startWith()));
beforeEach(() => api.reset());

const admins: readonly Caller[] = ['admin', 'systemAdmin'];
const seers: readonly Caller[] = [...admins, 'systemReader'];
const owners: readonly Caller[] = [...admins, 'member', 'operator'];
const ownersAndReaders: readonly Caller[] = [...owners, 'reader'];
/** Callers whose token is of a project, whichever: they see their own list. */
const anyProject: readonly Caller[] = [...ownersAndReaders, 'stranger', 'auditor'];

/** Who may, where the thing is of the sample project. */
const allowed: Readonly<Record<ContractOperation['id'], readonly Caller[] | 'open'>> = {
  getVersions: 'open',
  getVersion: 'open',
  getHealth: 'open',
  listSessions: seers,
  createSession: admins,
  getSession: seers,
  continueSession: admins,
  deleteSession: admins,
  getSessionDetail: seers,
  pauseSession: admins,
  resumeSession: admins,
  abortSession: admins,
  skipHost: admins,
  listPlans: seers,
  createPlan: admins,
  getPlan: seers,
  deletePlan: admins,
  getProjectInstances: ownersAndReaders,
  replyForProject: owners,
  replyForInstance: owners,
  listInstanceConstraints: anyProject,
  getInstanceConstraint: ownersAndReaders,
  putInstanceConstraint: owners,
  deleteInstanceConstraint: owners,
  listInstanceGroupConstraints: anyProject,
  getInstanceGroupConstraint: ownersAndReaders,
  putInstanceGroupConstraint: owners,
  deleteInstanceGroupConstraint: owners,
  listAlarms: anyProject,
  createAlarm: [...admins, 'member', 'operator', 'stranger', 'auditor'],
  queryAlarms: anyProject,
  getAlarm: ownersAndReaders,
  updateAlarm: owners,
  deleteAlarm: owners,
  getAlarmState: ownersAndReaders,
  setAlarmState: owners,
};

const alarm = { name: 'maintenance', type: 'event', event_rule: { event_type: 'maintenance.scheduled' } };

/** A body that the operation takes. */
function bodyOf({ id }: ContractOperation, caller: Caller): object | string | undefined {
  switch (id) {
    case 'createSession':
    case 'createPlan':
      return { maintenance_at: '2026-11-03 02:30:00' };
    case 'skipHost':
      return { host: 'cmp-07.example.net' };
    case 'replyForProject':
    case 'replyForInstance':
      return { state: 'NACK_PLANNED_MAINTENANCE' };
    case 'putInstanceConstraint':
      return { project_id: sampleProjectId, group_id: 'a9' };
    case 'putInstanceGroupConstraint':
      return { project_id: sampleProjectId };
    case 'createAlarm':
      // The system has no project of its own to make it for.
      return caller === 'systemAdmin' ? { ...alarm, project_id: sampleProjectId } : alarm;
    case 'updateAlarm':
      return alarm;
    case 'setAlarmState':
      return '"ok"';
    case 'pauseSession':
    case 'resumeSession':
    case 'abortSession':
    case 'queryAlarms':
    case 'continueSession':
      return {};
    default:
      return undefined;
  }
}

/** Lets a caller do an operation with things of the sample project that are there. */
async function attempt(on: Api, caller: Caller, operation: ContractOperation) {
  for (const [path, more] of [
    ['/v1/instance/', { group_id: 'a9' }],
    ['/v1/instance_group/', {}],
  ] as const) {
    if (operation.path.startsWith(path) && operation.method !== 'put') {
      const stored = await on
        .by('admin')
        .put(operation.path)
        .send({ project_id: sampleProjectId, ...more });
      expect(stored.status).toBe(200);
    }
  }
  let { path } = operation;
  if (/^\/v2\/alarms\/./.test(path)) {
    const made = await on.by('member').post('/v2/alarms').send(alarm);
    path = path.replace(/[0-9a-f-]{36}/, (made.body as { alarm_id: string }).alarm_id);
  }
  const asked = on.by(caller)[operation.method](path);
  const body = bodyOf(operation, caller);
  return body === undefined ? asked : asked.type('json').send(body);
}

const isRefused = (status: number, { path }: ContractOperation) =>
  status === 403 || (status === 404 && /^\/v2\/alarms\/./.test(path));

describe('every operation', () => {
  const rows = operations.flatMap((operation) => {
    const who = allowed[operation.id];
    if (who === 'open') return [];
    return (Object.keys(callers) as Caller[]).map(
      (caller) => [operation.id, who.includes(caller) ? 'allows' : 'refuses', caller, operation] as const,
    );
  });

  it.each(rows)('%s %s %s', async (_id, verdict, caller, operation) => {
    const response = await attempt(api, caller, operation);
    const { status } = response;
    expect({ verdict: isRefused(status, operation) ? 'refuses' : 'allows', status }).toEqual({
      verdict,
      status,
    });
    expect(operation.statuses).toContain(status);
    expect([400, 401, 422, 500]).not.toContain(status);
    if (status === 403) {
      const { code, message } = response.body as ErrorBody;
      const guard = guards[operation.id];
      if (guard === 'open') throw new Error('nobody may be refused here');
      expect(code).toBe('forbidden');
      expect(message).toContain(`The rule is ${guard.rule}: ${operationRules[guard.rule].check}`);
      expect(message).not.toContain(sampleProjectId);
    }
  });

  it.each(operations.map(({ id, open }) => [id, open] as const))(
    '%s has a rule exactly where it needs a token',
    (id, open) => {
      expect(guards[id] === 'open').toBe(open);
    },
  );

  it('stands in the description of its rule, and nothing else does', () => {
    const described = Object.entries(operationRules).flatMap(([rule, { operations: guarded }]) =>
      guarded.map((operation) => `${rule} ${operation}`),
    );
    const guarded = Object.entries(contracts.fenix.paths).flatMap(([path, item]) =>
      (['get', 'post', 'put', 'delete'] as const).flatMap((method) => {
        const operation = item[method];
        const guard = operation && guards[operation.operationId];
        return guard === undefined || guard === 'open'
          ? []
          : [`${guard.rule} ${method.toUpperCase()} ${path}`];
      }),
    );
    expect(described.toSorted()).toEqual(guarded.toSorted());
  });

  it('has a rule of its own', () => {
    const rules = Object.values(guards).flatMap((guard) => (guard === 'open' ? [] : [guard.rule]));
    expect(new Set(rules).size).toBe(rules.length);
  });
});

describe('what the path and the token decide', () => {
  it.each(
    operations
      .filter(({ body }) => body !== 'none')
      .filter(({ id }) => !(allowed[id] as readonly Caller[]).includes('unscoped'))
      .map((operation) => [operation.id, operation] as const),
  )('is decided before the body is read: %s', async (_id, { method, path }) => {
    const response = await api.by('unscoped')[method](path).type('json').send('{"broken');
    expect(response.status).toBe(403);
  });

  it('is so too for who may only read, though the owner is known only from the body', async () => {
    const response = await api
      .by('reader')
      .put(`/v1/instance/${movedInstanceId}`)
      .type('json')
      .send('{"broken');
    expect(response.status).toBe(403);
    expect((response.body as ErrorBody).message).toContain(
      'It needs the role member, or the role manager, or the role admin, or no role reader.',
    );
  });

  it('is decided the same however the path is written', async () => {
    const session = `/v1/maintenance/${sampleSessionId}`;
    const encoded = sampleProjectId.replaceAll(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
    for (const path of [encoded, `${sampleProjectId}/`, `${sampleProjectId}?a=b`]) {
      expect((await api.by('stranger').get(`${session}/${path}`)).status).toBe(403);
      expect((await api.by('member').get(`${session}/${path}`)).status).toBe(200);
    }
  });

  it('tells nothing about the session of another project', async () => {
    const path = `/v1/maintenance/47479bca-7f0e-11ea-99c9-2c600c9893ee/${otherProjectId}`;
    expect((await api.by('member').get(path)).status).toBe(403);
  });

  it('leaves a refused operation undone', async () => {
    const session = `/v1/maintenance/${sampleSessionId}`;
    await api.by('member').delete(session);
    await api.by('systemReader').post('/v1/maintenance').send({ maintenance_at: '2026-11-03 02:30:00' });
    await api.by('stranger').put(`${session}/${sampleProjectId}`).send({ state: 'NACK_PLANNED_MAINTENANCE' });
    expect([...api.maintenance.sessions.keys()]).toEqual([sampleSessionId]);
    expect(api.maintenance.replies).toEqual([]);
  });
});

describe('alarms', () => {
  it('of other projects are listed with the right to only, and a refusal names its rule', async () => {
    const path = '/v2/alarms?q.field=all_projects&q.op=eq&q.value=true';
    const response = await api.by('member').get(path);
    expect(response.status).toBe(403);
    expect((response.body as ErrorBody).message).toBe(
      'It needs the role admin. The rule is fenix:alarms:all_projects: rule:admin',
    );
    expect((await api.by('systemAdmin').get(path)).status).toBe(200);
  });

  it('are not made for, or given to, another project or user without the right to', async () => {
    const foreign = { ...alarm, project_id: otherProjectId };
    expect((await api.by('member').post('/v2/alarms').send(foreign)).status).toBe(403);
    const made = await api.by('member').post('/v2/alarms').send(alarm);
    const path = `/v2/alarms/${(made.body as { alarm_id: string }).alarm_id}`;
    expect((await api.by('member').put(path).send(foreign)).status).toBe(403);
    expect((await api.by('admin').put(path).send(foreign)).status).toBe(200);
    expect((await api.by('member').get(path)).status).toBe(404);
  });
});

describe("a site's policy file", () => {
  it('opens the list to auditors, and nothing else', async () => {
    const text =
      'auditor: "role:auditor"\n"fenix:maintenance:get": "rule:admin_or_system_reader or rule:auditor"\n';
    await withPolicyFile(text, async (load) => {
      const site = await startWith(load());
      expect((await site.by('auditor').get('/v1/maintenance')).status).toBe(200);
      expect((await site.by('systemReader').get('/v1/maintenance')).status).toBe(200);
      expect((await site.by('member').get('/v1/maintenance')).status).toBe(403);
      expect((await site.by('auditor').get(`/v1/maintenance/${sampleSessionId}`)).status).toBe(403);
    });
  });

  it('opens the alarms of all projects to auditors, for looking at', async () => {
    const text = [
      'see: "rule:admin_or_owner or role:auditor"',
      '"fenix:alarms:all_projects": "rule:admin or role:auditor"',
      '"fenix:alarm:get": "rule:see"',
      '"fenix:alarms:get": "rule:see"',
    ].join('\n');
    await withPolicyFile(text, async (load) => {
      const site = await startWith(load());
      const made = await site.by('member').post('/v2/alarms').send(alarm);
      const path = `/v2/alarms/${(made.body as { alarm_id: string }).alarm_id}`;
      expect((await site.by('auditor').get(path)).status).toBe(200);
      const list = await site.by('auditor').get('/v2/alarms?q.field=all_projects&q.op=eq&q.value=true');
      expect(list.body).toHaveLength(1);
      expect((await site.by('auditor').delete(path)).status).toBe(403);
      expect((await site.by('stranger').get(path)).status).toBe(404);
    });
  });

  it('can close an operation to everybody', async () => {
    const site = await startWith(
      new Policy([{ name: 'fenix:maintenance:session:delete', text: '!', where: 'policy.yaml:1' }]),
    );
    const response = await site.by('admin').delete(`/v1/maintenance/${sampleSessionId}`);
    expect(response.status).toBe(403);
    expect((response.body as ErrorBody).message).toBe(
      'No token may do it here. The rule is fenix:maintenance:session:delete: !',
    );
  });

  it('that is wrong stops the start, before the port and the database are touched', async () => {
    await withPolicyFile('"fenix:maintenance:get": "rule:admin adn role:b"', async (_load, path) => {
      const env = {
        FENIX_POLICY_FILE: path,
        FENIX_SERVER_PORT: '0',
        FENIX_DATABASE_URL: 'sqlite:/nowhere/x.sqlite',
      };
      const started = startServer(loadConfig({ env }), pino({ level: 'silent' }));
      await expect(started).rejects.toThrow(ConfigError);
      await expect(started).rejects.toThrow(`fenix:maintenance:get (${path}:1): character 12 of`);
    });
  });
});

describe('without authentication', () => {
  it('everybody may do everything', async () => {
    const open = await startApi({ mode: 'none' });
    const session = `/v1/maintenance/${sampleSessionId}`;
    expect((await open.as('none').get('/v1/maintenance')).status).toBe(200);
    expect((await open.as('forged').get(session)).status).toBe(200);
    expect((await open.as('none').get(`${session}/${sampleProjectId}`)).status).toBe(200);
    const opened = await open
      .as('none')
      .post('/v1/maintenance')
      .send({ maintenance_at: '2026-11-03 02:30:00' });
    expect(opened.status).toBe(200);
  });

  it('is what rules call is_admin', async () => {
    const policy = new Policy([{ name: 'admin', text: 'is_admin:True', where: 'policy.yaml:1' }]);
    const open = await startApi({ mode: 'none' }, policy);
    expect((await open.as('none').get('/v1/maintenance')).status).toBe(200);
    const guarded = await startWith(policy);
    expect((await guarded.by('admin').get('/v1/maintenance')).status).toBe(403);
  });
});
