/** Rules on the contract that a linter does not know. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly example?: unknown;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
}

interface Operation {
  readonly operationId?: string;
  readonly security?: readonly unknown[];
  readonly requestBody?: { readonly $ref: string };
  readonly responses: Readonly<Record<string, unknown>>;
}

const contract = parse(readFileSync(new URL('../../../openapi/fenix.yaml', import.meta.url), 'utf8')) as {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly requestBodies: Readonly<Record<string, unknown>>;
    readonly responses: Readonly<Record<string, unknown>>;
  };
};
const { schemas, requestBodies, responses } = contract.components;

const methods = ['get', 'post', 'put', 'delete'];
const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => methods.includes(method))
    .map(([method, operation]) => ({ name: `${method} ${path}`, method, path, operation })),
);

/** The schemas within a schema, itself first, each with the way to it. References are not followed. */
function within(schema: Schema, way: string): readonly (readonly [string, Schema])[] {
  return [
    [way, schema],
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => within(inner, `${way}.${name}`)),
    ...(schema.items === undefined ? [] : within(schema.items, `${way}[]`)),
  ];
}
const all = Object.entries(schemas).flatMap(([name, schema]) => within(schema, name));

/** Words and values that mean the same in both directions. None of them is a body but AlarmState, as in Aodh. */
const sharedValues = [
  'Actions',
  'AlarmQuery',
  'AlarmState',
  'EventRule',
  'FailurePolicy',
  'InstanceAction',
  'MigrationTypes',
  'ReplyWord',
  'State',
];

/** The names of the schemas that something leads to, directly or over others. */
function reached(from: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { $ref } = value as Schema;
    const name = $ref?.startsWith('#/components/schemas/') ? ($ref.split('/').at(-1) ?? '') : undefined;
    if (name !== undefined && !found.has(name)) {
      found.add(name);
      visit(schemas[name]);
    }
    Object.values(value).forEach(visit);
  };
  visit(from);
  return found;
}

describe('every operation', () => {
  it('stands at its whole path under /', () => {
    expect(contract.servers.map(({ url }) => url)).toEqual(['/']);
  });

  it.each(operations.map(({ name, operation, method }) => [name, operation, method] as const))(
    'names the errors that any of its kind has: %s',
    (_name, { security, requestBody, responses: answers }, method) => {
      const expected = ['405'];
      if (security?.length !== 0) expected.push('401', '403', '500', '503');
      if (requestBody !== undefined) expected.push('400', '413', '422');
      expect(Object.keys(answers)).toEqual(expect.arrayContaining(expected));
      expect(requestBody !== undefined).toBe(method === 'post' || method === 'put');
    },
  );
});

describe('every schema', () => {
  it('and property is described', () => {
    const silent = all.filter(
      ([way, schema]) => schema.$ref === undefined && !way.endsWith('[]') && schema.description === undefined,
    );
    expect(silent.map(([way]) => way)).toEqual([]);
  });

  it('and property that is not made of others has an example', () => {
    const bare = all.filter(
      ([way, { $ref, type, example, properties, items, allOf }]) =>
        $ref === undefined &&
        !way.endsWith('[]') &&
        example === undefined &&
        properties === undefined &&
        allOf === undefined &&
        !(type === 'array' && items?.$ref !== undefined),
    );
    expect(bare.map(([way]) => way)).toEqual([]);
  });

  it('that is an object names its properties, or lets any in', () => {
    const closed = all.filter(
      ([, { type, properties, additionalProperties }]) =>
        type === 'object' && properties === undefined && additionalProperties === undefined,
    );
    expect(closed.map(([way]) => way)).toEqual([]);
  });

  it('requires only what it names', () => {
    for (const [way, { required = [], properties = {} }] of all) {
      expect(Object.keys(properties), way).toEqual(expect.arrayContaining([...required]));
    }
  });
});

describe('requests and answers', () => {
  it('have schemas of their own', () => {
    const asked = reached(requestBodies);
    const answered = reached([responses, operations.map(({ operation }) => operation.responses)]);
    const both = [...asked].filter((name) => answered.has(name)).sort();
    expect(both).toEqual(sharedValues);
  });

  it('let in fields that clients send besides', () => {
    for (const name of [
      'SessionRequest',
      'ContinueRequest',
      'ProjectReply',
      'InstanceReply',
      'InstanceConstraintRequest',
      'InstanceGroupConstraintRequest',
      'AlarmRequest',
      'AlarmQueryRequest',
    ]) {
      expect(schemas[name]?.additionalProperties, name).toBe(true);
    }
  });
});
