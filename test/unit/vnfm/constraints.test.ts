import { describe, expect, it } from 'vitest';
import { createMaintenanceClient } from '../../../src/sdk/index.ts';
import { Constraints } from '../../../src/vnfm/constraints.ts';
import type { NamedInstance } from '../../../src/vnfm/vnfm-event.ts';

const members = (ha: number, nonHa: number) => {
  const named = (prefix: string, count: number): NamedInstance[] =>
    Array.from({ length: count }, (_, n) => ({ id: `${prefix}-${n}`, name: `${prefix}_${n}` }));
  return { ha: named('ha', ha), nonHa: named('nonha', nonHa) };
};

function setUp() {
  const calls: { method: string; path: string; body: Record<string, unknown> }[] = [];
  const client = createMaintenanceClient({
    endpoint: 'http://maintenance.example.net/v1',
    token: undefined,
    async fetch(request) {
      const text = await request.text();
      const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
      calls.push({ method: request.method, path: new URL(request.url).pathname, body });
      return Response.json(body);
    },
  });
  const constraints = new Constraints({
    projectId: 'a-project',
    migrationType: 'MIGRATE',
    haPrefix: 'ha_',
    nonHaPrefix: 'nonha_',
  });
  return { calls, client, constraints };
}

describe('Constraints', () => {
  it.each([
    [2, 2],
    [6, 2],
    [7, 2],
    [8, 3],
    [20, 9],
  ])('let of %i instances that are not redundant %i be hit at once', async (count, impacted) => {
    const { calls, client, constraints } = setUp();
    await constraints.sync(client, members(0, count), []);
    const groups = calls.filter(({ path }) => path.startsWith('/v1/instance_group/'));
    expect(groups.map(({ body }) => body['max_impacted_members'])).toEqual([impacted]);
  });

  it("take the id and the name of Nova's server group", async () => {
    const { client, constraints, calls } = setUp();
    await constraints.sync(client, members(2, 1), [
      { id: 'another', name: 'another', members: ['nonha-0'] },
      { id: 'the-group', name: 'pair', members: ['ha-0', 'ha-1'] },
    ]);
    expect(calls[0]).toMatchObject({ path: '/v1/instance_group/the-group', body: { group_name: 'pair' } });
    expect(constraints.registered.groups).toEqual(['pair', 'nonha_group']);
  });

  it('have the same group ids at every start where Nova has no group', async () => {
    const ids = await Promise.all(
      [setUp(), setUp()].map(async ({ client, constraints, calls }) => {
        await constraints.sync(client, members(2, 1), []);
        return calls.slice(0, 2).map(({ path }) => path.split('/').at(-1));
      }),
    );
    expect(ids[0]).toEqual(ids[1]);
    for (const id of ids[0]!)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('follow the instances: new ones are registered, old ones taken back', async () => {
    const { client, constraints, calls } = setUp();
    await constraints.sync(client, members(2, 3), []);
    calls.length = 0;
    await constraints.sync(client, { ...members(2, 2), nonHa: [{ id: 'new', name: 'nonha_9' }] }, []);
    expect(calls.filter(({ method }) => method === 'DELETE').map(({ path }) => path)).toEqual([
      '/v1/instance/nonha-0',
      '/v1/instance/nonha-1',
      '/v1/instance/nonha-2',
    ]);
    expect(constraints.registered.instances.map(({ id }) => id)).toEqual(['ha-0', 'ha-1', 'new']);
  });

  it('are all taken back, instances before groups', async () => {
    const { client, constraints, calls } = setUp();
    await constraints.sync(client, members(1, 1), []);
    calls.length = 0;
    await constraints.clear(client);
    expect(calls.map(({ method, path }) => `${method} ${path.split('/')[2] ?? ''}`)).toEqual([
      'DELETE instance',
      'DELETE instance',
      'DELETE instance_group',
      'DELETE instance_group',
    ]);
    await constraints.clear(client);
    expect(calls).toHaveLength(4);
  });
});
