/** Bodies that JSON allows and programs stumble over: what is taken, what is refused, and where. */
import { beforeEach, describe, expect, it } from 'vitest';
import { startApi, type ErrorBody } from './api-under-test.ts';
import { operations, type ContractOperation } from './contract-operations.ts';
import { movedInstanceId, sampleProjectId, sampleSessionId } from './fake-maintenance.ts';
import { wellBodies } from './well-bodies.ts';

const api = await startApi();
beforeEach(() => api.reset());

const withObject = operations
  .filter(({ body, id }) => body !== 'none' && typeof wellBodies[id] === 'object')
  .map((operation) => [operation.id, operation] as const);

const send = ({ method, path }: ContractOperation, text: string) =>
  api.as('admin')[method](path).type('json').send(text);

/** The well body of an operation as text, with more fields at its end. */
const wellWith = ({ id }: ContractOperation, fields: string) =>
  `${JSON.stringify(wellBodies[id]).slice(0, -1)},${fields}}`;

describe('any body', () => {
  it.each(withObject)(
    'of %s may hold fields that nobody knows, of any kind and name',
    async (_id, operation) => {
      const plain = await send(operation, JSON.stringify(wellBodies[operation.id]));
      await api.reset();
      const odd =
        '"x":1,"":null,"__proto__":{"state":"x","polluted":1},"constructor":{"prototype":{}},"toString":"x","a/b~c":[[[]]]';
      const response = await send(operation, wellWith(operation, odd));
      expect(response.status).toBe(plain.status);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
  );

  it.each(withObject)('of %s may not hold text that no database takes', async (_id, operation) => {
    for (const text of ['"\\u0000"', '"\\ud800"', '["\\udc00x"]', '{"\\u0000":1}']) {
      const response = await send(operation, wellWith(operation, `"extra":${text}`));
      expect(response.status).toBe(422);
      expect(response.body).toMatchObject({ code: 'invalid_request' });
      expect((response.body as ErrorBody).pointer).toMatch(/^\/extra/);
    }
  });

  it.each(withObject)('of %s may not hold a number beyond all numbers', async (_id, operation) => {
    const response = await send(operation, wellWith(operation, '"extra":[0,-1e400]'));
    expect(response.body).toMatchObject({ code: 'invalid_request', pointer: '/extra/1' });
  });

  it.each(withObject)('of %s may not be nested without end', async (_id, operation) => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const shallow = await send(operation, wellWith(operation, `"extra":${nested(90)}`));
    expect((shallow.body as ErrorBody).code).not.toBe('invalid_request');
    const deep = await send(operation, wellWith(operation, `"extra":${nested(1000)}`));
    expect([deep.status, (deep.body as ErrorBody).code]).toEqual([422, 'invalid_request']);
    expect((deep.body as ErrorBody).message).toContain('nested');
  });

  it.each(withObject)('of %s is no array, number, text, truth or null', async (_id, operation) => {
    for (const text of ['[]', '1', '"x"', 'true', 'null']) {
      expect((await send(operation, text)).status).toBe(422);
    }
  });

  it.each(['', ' ', '{', '{"a":1,}', "{'a':1}", '{"a":NaN}', '{"a":1}{"a":2}', '\u0000', '<xml/>', 'a=b'])(
    'that is %j is refused or taken as nothing, and is no fault of ours',
    async (text) => {
      const response = await send(operationOf('createSession'), text);
      expect([400, 422]).toContain(response.status);
    },
  );
});

describe('a key that comes twice', () => {
  it('counts as it came last, as in Python', async () => {
    const response = await send(
      operationOf('replyForProject'),
      '{"state":"NIGHT","state":"ACK_MAINTENANCE"}',
    );
    expect([response.status, response.body]).toEqual([200, { state: 'ACK_MAINTENANCE' }]);
  });
});

describe('a number', () => {
  it.each([
    ['lead_time', '40', 200],
    ['lead_time', '40.0', 200],
    ['lead_time', '"40,"', 200],
    ['lead_time', '-1', 422],
    ['lead_time', '0.5', 422],
    ['lead_time', '31536001', 422],
    ['lead_time', '123456789012345678901234567890', 422],
    ['lead_time', '1e400', 422],
    ['lead_time', '"1e3"', 422],
    ['lead_time', '"４０"', 422],
    ['lead_time', 'true', 422],
    ['lead_time', 'null', 422],
    ['lead_time', '[40]', 422],
    ['resource_mitigation', '1', 422],
    ['resource_mitigation', '"yes"', 422],
    ['migration_type', '"migrate"', 422],
    ['project_id', '7', 422],
    ['project_id', '""', 422],
    ['group_id', `"${'a'.repeat(37)}"`, 422],
    ['group_id', '"../../etc"', 422],
    ['instance_name', `"${'x'.repeat(256)}"`, 422],
    ['instance_name', 'null', 422],
  ])('or another value of a constraint: %s as %s gives %i', async (field, value, status) => {
    const response = await send(
      operationOf('putInstanceConstraint'),
      wellWith(operationOf('putInstanceConstraint'), `"${field}":${value}`),
    );
    expect(response.status).toBe(status);
    if (status === 422) expect((response.body as ErrorBody).pointer).toBe(`/${field}`);
  });
});

describe('metadata', () => {
  it('of any depth, alphabet and size of number that clients send goes through', async () => {
    const metadata = { a: { b: [1, -2.5, 1e21, 9007199254740991, true, null] }, Ω: '日本 \u{1F600}', '': '' };
    const body = { maintenance_at: '2026-11-03 02:30:00', metadata };
    const response = await api.as('admin').post('/v1/maintenance').send(body);
    expect([response.status, api.maintenance.requests[0]?.metadata]).toEqual([200, metadata]);
  });
});

describe('a reply', () => {
  const path = `/v1/maintenance/${sampleSessionId}/${sampleProjectId}`;

  it('whose actions have names of JavaScript is one with unknown instances', async () => {
    const text = `{"state":"ACK_PLANNED_MAINTENANCE","instance_actions":{"__proto__":"MIGRATE","constructor":"MIGRATE","${movedInstanceId}":"MIGRATE"}}`;
    const response = await api.as('member').put(path).type('json').send(text);
    expect([response.status, response.text.trim()]).toEqual([200, text]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'for the project or instance %s finds none',
    async (name) => {
      for (const place of [name, `${sampleProjectId}/${name}`]) {
        const url = `/v1/maintenance/${sampleSessionId}/${place}`;
        const response = await api.as('admin').put(url).send({ state: 'ACK_MAINTENANCE' });
        expect([404, 422]).toContain(response.status);
      }
    },
  );
});

function operationOf(id: ContractOperation['id']): ContractOperation {
  const operation = operations.find((one) => one.id === id);
  if (operation === undefined) throw new Error(`no operation ${id}`);
  return operation;
}
