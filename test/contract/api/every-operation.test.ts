/** What holds for every operation alike: the token, the path, the method, the size and form of the body, the ids. */
import { beforeEach, describe, expect, it } from 'vitest';
import { errorCatalogue, type ErrorCode } from '../../../src/http/error-catalogue.ts';
import { authUrl, maxBodyBytes, startApi, type ErrorBody } from './api-under-test.ts';
import { aliases, operations, type ContractOperation } from './contract-operations.ts';
import { sampleAlarm } from '../../support/sample-alarm.ts';
import { wellBodies } from './well-bodies.ts';

const [api, open] = await Promise.all([startApi(), startApi({ mode: 'none' })]);
beforeEach(async () => {
  await Promise.all([api.reset(), open.reset()]);
});

const served = ({ contract }: Pick<ContractOperation, 'contract'>) => (contract === 'fenix' ? api : open);
/** Somebody who may do everything. */
const admin = (operation: Pick<ContractOperation, 'contract'>) => {
  return operation.contract === 'fenix' ? api.as('admin') : open.as('none');
};

/** The answer has the status and the shape of this error. Returns the body for what a test wants of it besides. */
function expectError(response: { status: number; body: unknown; type: string }, code: ErrorCode): ErrorBody {
  const body = response.body as ErrorBody;
  const { status, text } = errorCatalogue[code];
  expect({ status: response.status, code: body.code, error: body.error, type: response.type }).toEqual({
    status,
    code,
    error: text,
    type: 'application/json',
  });
  expect(body.message.length).toBeGreaterThan(0);
  return body;
}

const named = (list: readonly ContractOperation[]) =>
  list.map((operation) => [`${operation.contract} ${operation.id}`, operation] as const);
const all = [...operations, ...aliases];
const guarded = named(operations.filter(({ open }) => !open));
const withBody = named(all.filter(({ body }) => body !== 'none'));
const needBody = named(all.filter(({ body }) => body === 'required'));
const withId = named(all.filter(({ impossiblePath }) => impossiblePath !== undefined));

/** A body that is well, as JSON text, since superagent sends a string as it is. */
const bodyOf = (id: ContractOperation['id']) => JSON.stringify(wellBodies[id]);

describe('a token', () => {
  it.each(guarded)('is needed by %s', async (_id, { method, path, statuses }) => {
    const response = await api.as('none')[method](path);
    expectError(response, 'unauthorized');
    expect(response.headers['www-authenticate']).toBe(`Keystone uri="${authUrl}"`);
    expect(statuses).toContain(401);
  });

  it.each(guarded)('that Keystone refuses is refused by %s', async (_id, { method, path }) => {
    const response = await api.as('forged')[method](path);
    expectError(response, 'unauthorized');
    expect(response.headers['www-authenticate']).toBe(`Keystone uri="${authUrl}"`);
  });

  it.each(guarded)('that cannot be checked is no way around: %s', async (_id, { method, path, statuses }) => {
    const response = await api.as('keystone-away')[method](path);
    expectError(response, 'identity_unavailable');
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(statuses).toContain(503);
  });

  it.each(named(operations.filter(({ open }) => open)))('is not asked for by %s', async (_id, operation) => {
    const response = await api.as('keystone-away')[operation.method](operation.path);
    expect(operation.statuses).toContain(response.status);
    expect(response.status).toBeLessThan(400);
  });

  it('is asked for before anybody learns which paths there are', async () => {
    expectError(await api.as('none').get('/v1/nowhere'), 'unauthorized');
    expectError(await api.as('none').put('/v1/maintenance'), 'unauthorized');
  });

  it('is asked for before the body is looked at', async () => {
    expectError(await api.as('none').post('/v1/maintenance').send('{"broken'), 'unauthorized');
    expectError(
      await api
        .as('none')
        .post('/v1/maintenance')
        .send('x'.repeat(maxBodyBytes + 1)),
      'unauthorized',
    );
  });
});

describe('an unknown path', () => {
  it.each([
    '/v1/nowhere',
    '/v2',
    '/maintenance',
    '/v1/maintenance/a/b/c/d',
    '/V1/MAINTENANCE',
    '/v1/instances',
  ])('is answered with 404: %s', async (path) => {
    const { message } = expectError(await api.as('admin').get(path), 'not_found');
    expect(message).toContain(path);
  });

  it('comes before its body', async () => {
    expectError(await api.as('admin').put('/v1/nowhere').send('{"broken'), 'not_found');
  });
});

describe('a method that a path does not have', () => {
  const paths = [...new Map(all.map((operation) => [operation.path, operation]))];

  it.each(paths)('is answered with 405 and those that it has: %s', async (path, operation) => {
    const has = all.filter((other) => other.path === path);
    const response = await admin(operation).patch(path).send('{"broken');
    expectError(response, 'method_not_allowed');
    expect(response.headers['allow']?.split(', ').sort()).toEqual(
      has.map(({ method }) => method.toUpperCase()).sort(),
    );
    expect(has.every(({ statuses }) => statuses.includes(405))).toBe(true);
  });
});

describe('a body', () => {
  it.each(withBody)('that is too large is refused by %s', async (_id, operation) => {
    const { method, path, statuses } = operation;
    const { message } = expectError(
      await admin(operation)
        [method](path)
        .send({ text: 'x'.repeat(maxBodyBytes) }),
      'body_too_large',
    );
    expect(message).toContain(String(maxBodyBytes));
    expect(statuses).toContain(413);
  });

  it.each(withBody)('that is not JSON is refused by %s', async (_id, operation) => {
    const { method, path, statuses } = operation;
    expectError(
      await admin(operation)[method](path).type('json').send('{"state": "ACK_MAINTENANCE",}'),
      'malformed_body',
    );
    expect(statuses).toContain(400);
  });

  it.each(withBody)('that is missing is an empty object to %s', async (_id, operation) => {
    const { method, path } = operation;
    const missing = await admin(operation)[method](path);
    const empty = await admin(operation)[method](path).send({});
    expect({ status: missing.status, body: missing.body as unknown }).toEqual({
      status: empty.status,
      body: empty.body as unknown,
    });
  });

  it.each(needBody)('of another shape is refused by %s', async (_id, operation) => {
    const { method, path, statuses } = operation;
    for (const body of ['[]', 'null', '7']) {
      expectError(await admin(operation)[method](path).type('json').send(body), 'invalid_request');
    }
    expect(statuses).toContain(422);
  });

  it.each(named(all.filter(({ method }) => method === 'get' || method === 'delete')))(
    'is not read by %s',
    async (_id, operation) => {
      const { method, path, statuses } = operation;
      const response = await admin(operation)[method](path).type('json').send('{"broken');
      expect(statuses).toContain(response.status);
      expect([200, 204, 300, 404]).toContain(response.status);
    },
  );
});

describe('an id that cannot be one', () => {
  it.each(withId)('is refused by %s', async (_id, operation) => {
    const { method, impossiblePath = '', statuses } = operation;
    const response = await admin(operation)[method](impossiblePath).send({});
    const { pointer } = expectError(response, 'invalid_request');
    expect(pointer).toMatch(/^\/(session|plan|project|instance|group|alarm)_id$/);
    expect(statuses).toContain(422);
  });

  it.each(withId)('may be 36 characters long and no longer: %s', async (_id, operation) => {
    const { method, path } = operation;
    const [longest, tooLong] = ['a'.repeat(36), 'a'.repeat(37)].map((id) =>
      path.replaceAll(/[0-9a-f-]{32,36}/g, id),
    );
    expectError(
      await admin(operation)
        [method](tooLong ?? '')
        .send({}),
      'invalid_request',
    );
    const response = await admin(operation)
      [method](longest ?? '')
      .send({ ...(path.includes('instance_group') ? {} : { group_id: 'g' }), project_id: 'p' });
    expect((response.body as Partial<ErrorBody>).pointer ?? '').not.toMatch(/_id$/);
  });

  it('may be one that cannot be decoded', async () => {
    expectError(await api.as('admin').get('/v1/maintenance/%zz'), 'invalid_request');
    expectError(await api.as('admin').get('/v1/maintenance/%E0%A4%A/detail'), 'invalid_request');
  });
});

describe('a trailing slash', () => {
  it.each(named(all.filter(({ method }) => method === 'get')))(
    'makes no difference to %s, and is not redirected',
    async (_id, operation) => {
      const { path } = operation;
      const plain = await admin(operation).get(path);
      const slashed = await admin(operation).get(`${path === '/' ? '' : path}/`);
      expect({ status: slashed.status, body: slashed.body as unknown }).toEqual({
        status: plain.status,
        body: plain.body as unknown,
      });
    },
  );
});

describe('an admin', () => {
  it.each(named(operations.filter(({ open: needsNoToken }) => !needsNoToken)))(
    'is who a token without a project and roles is not: %s',
    async (_id, { method, path, id }) => {
      expectError(await api.as('unscoped')[method](path).send(bodyOf(id)), 'forbidden');
    },
  );
});

describe('a fault of the server', () => {
  it.each(named(all.filter(({ contract, open: needsNoToken }) => contract !== 'fenix' || !needsNoToken)))(
    'is a 500 of %s',
    async (_id, operation) => {
      const { id, method, path } = operation;
      await api.alarmStore.create(sampleAlarm({ alarmId: path.split('/')[3] ?? '' }));
      served(operation).maintenance.fault = new Error('the disk is full');
      const sent = admin(operation)[method](path);
      const response = await (method === 'get' || method === 'delete' ? sent : sent.send(bodyOf(id)));
      expect(expectError(response, 'internal_error').message).toContain(
        response.headers['x-openstack-request-id'],
      );
    },
  );

  it('is answered with an id that is in the log, once, and tells nothing else', async () => {
    api.maintenance.fault = new Error('the disk is full at /var/lib/fenix');
    const response = await api.as('admin').get('/v1/maintenance');
    const { message } = expectError(response, 'internal_error');
    const requestId = response.headers['x-openstack-request-id'] ?? 'none';
    expect(message).toContain(requestId);
    expect(message).not.toContain('disk');
    const errors = api.log.filter(({ level }) => level >= 50);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      request_id: requestId,
      err: { message: 'the disk is full at /var/lib/fenix' },
    });
  });
});
