/** Whatever is sent, the answer is one that the contract has for the operation, and never a fault of the server. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../../src/http/error-catalogue.ts';
import { maxBodyBytes, startApi, type ErrorBody } from './api-under-test.ts';
import { aliases, operations, type ContractOperation } from './contract-operations.ts';
import { wellBodies } from './well-bodies.ts';

const [api, open] = await Promise.all([startApi(), startApi({ mode: 'none' })]);
beforeEach(() => reset());

const reset = () => Promise.all([api.reset(), open.reset()]);
const admin = ({ contract }: Pick<ContractOperation, 'contract'>) =>
  contract === 'fenix' ? api.as('admin') : open.as('none');

/** Values that programs stumble over. */
const oddities: readonly unknown[] = [
  null,
  '',
  0,
  -0.5,
  1e300,
  Number.MAX_SAFE_INTEGER + 2,
  [],
  {},
  [[]],
  'constructor',
  '__proto__',
  '\u0000',
  '\ud800',
  '2026-13-45 99:99:99',
  '0000-01-01 00:00:00+23:59',
  '9999-12-31T23:59:59-23:59',
  '1969-12-31 23:59:59',
  '2026-11-03 24:00:60',
  'https://user:secret@repo.example.net/\u0000.tar.gz',
  '../../etc/passwd',
  123456789012345678901234567890,
  'x'.repeat(3000),
  { __proto__: null, constructor: { prototype: {} }, toString: 1 },
];

const anyValue = fc.oneof(fc.constantFrom(...oddities), fc.jsonValue({ depthSize: 'small' }));

/** The places of a JSON value, as lists of keys; the first is the value itself. */
function places(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [
    [],
    ...Object.entries(value).flatMap(([key, inner]) => places(inner).map((place) => [key, ...place])),
  ];
}

/** The value with the one at a place changed, taken away, or joined by another. */
function changed(value: unknown, place: readonly string[], change: Change): unknown {
  const [key, ...rest] = place;
  if (key !== undefined && typeof value === 'object' && value !== null) {
    const copy: Record<string, unknown> = structuredClone(value) as never;
    if (change.kind === 'remove' && rest.length === 0) {
      if (Array.isArray(copy)) copy.splice(Number(key), 1);
      else Reflect.deleteProperty(copy, key);
    } else copy[key] = changed(copy[key], rest, change);
    return copy;
  }
  if (change.kind === 'join' && typeof value === 'object' && value !== null) {
    return Array.isArray(value)
      ? [...(value as unknown[]), change.value]
      : { ...value, [change.key]: change.value };
  }
  return change.value;
}

interface Change {
  readonly kind: 'replace' | 'remove' | 'join';
  readonly key: string;
  readonly value: unknown;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('replace', 'remove', 'join'),
  key: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', '')),
  value: anyValue,
});

/** A well body, changed at one to three places. */
const changedBody = (body: unknown): fc.Arbitrary<string> =>
  fc.array(fc.tuple(fc.nat(), change), { minLength: 1, maxLength: 3 }).map((changes) =>
    JSON.stringify(
      changes.reduce<unknown>((value, [nth, one]) => {
        const all = places(value);
        return changed(value, all[nth % all.length] ?? [], one);
      }, body),
    ),
  );

/** Text that is JSON with a flaw, or no JSON at all. */
const brokenBody = (body: unknown): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ maxLength: 200, unit: 'binary' }),
    fc.tuple(fc.nat(), fc.string({ maxLength: 5 })).map(([at, text]) => {
      const whole = JSON.stringify(body);
      const cut = at % whole.length;
      return whole.slice(0, cut) + text + whole.slice(cut + 1);
    }),
  );

function expectDocumented(
  operation: ContractOperation,
  response: { status: number; body: unknown; type: string },
) {
  const { status, body } = response;
  expect(operation.statuses).toContain(status);
  if (status < 400) return;
  const { error, message, code, pointer, ...more } = body as ErrorBody;
  const entry = errorCatalogue[code as keyof typeof errorCatalogue];
  expect({ status, error, type: response.type, more }).toEqual({
    status: entry.status,
    error: entry.text,
    type: 'application/json',
    more: {},
  });
  expect(message).not.toBe('');
  expect(pointer === undefined || /^(\/([^~/]|~[01])*)*$/.test(pointer)).toBe(true);
  expect(status === 509 || status < 500).toBe(true);
}

const all = [...operations, ...aliases];
const withBody = all.filter(({ body }) => body !== 'none');
const named = (list: readonly ContractOperation[]) =>
  list.map((operation) => [`${operation.contract} ${operation.id}`, operation] as const);

describe('a random body', () => {
  it('is tried on every operation that reads one', () => {
    expect(Object.keys(wellBodies).sort()).toEqual([...new Set(withBody.map(({ id }) => id))].sort());
  });

  it.each(named(withBody))(
    'is taken or refused in the words of the contract by %s',
    async (_name, operation) => {
      const body = wellBodies[operation.id];
      await fc.assert(
        fc.asyncProperty(
          fc.oneof({ weight: 3, arbitrary: changedBody(body) }, brokenBody(body)),
          async (text) => {
            await reset();
            const sent = await admin(operation)[operation.method](operation.path).type('json').send(text);
            expectDocumented(operation, sent);
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  it.each(named(withBody))('nested as deep as its size allows does %s no harm', async (_id, operation) => {
    const depth = Math.floor(maxBodyBytes / 2) - 50;
    for (const field of ['metadata', 'extra', 'time_constraints']) {
      const open = field === 'time_constraints' ? '['.repeat(depth) + ']'.repeat(depth) : undefined;
      const shallow = Math.floor(depth / 3);
      const value = open ?? '{"a":'.repeat(shallow) + '1' + '}'.repeat(shallow);
      const text = `{"state":"ACK_MAINTENANCE","maintenance_at":"2026-11-03 02:30:00","${field}":${value}}`;
      const sent = await admin(operation)[operation.method](operation.path).type('json').send(text);
      expectDocumented(operation, sent);
    }
  });
});

describe('a random path and query', () => {
  const segment = fc.oneof(
    fc.string({ maxLength: 40 }).map((text) => encodeURIComponent(text)),
    fc.constantFrom('%', '%zz', '%00', '..', '.', '%2e%2e', '%2F', '', 'detail', 'v1', 'state', '%ff'),
  );

  it.each(named(all.filter(({ method }) => method === 'get')))(
    'is answered in the words of the contract: %s',
    async (_id, operation) => {
      await fc.assert(
        fc.asyncProperty(segment, fc.nat(6), fc.webQueryParameters(), async (text, at, query) => {
          const parts = operation.path.split('/');
          if (at < parts.length - 1) parts[at + 1] = text;
          const response = await admin(operation).get(`${parts.join('/') || '/'}?${query}`);
          expect(response.status).toBeLessThan(500);
          if (response.status >= 400)
            expect(errorCatalogue).toHaveProperty((response.body as ErrorBody).code);
        }),
        { numRuns: 40 },
      );
    },
  );
});
