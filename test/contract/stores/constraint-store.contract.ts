import { describe, expect, it } from 'vitest';
import { encodeJson } from '../../../db/codec.ts';
import { SqlConstraintStore } from '../../../db/constraint-store.ts';
import { down, up } from '../../../db/migrations/0002-constraint-groups.ts';
import type { InstanceConstraint, InstanceGroupConstraint } from '../../../src/domain/constraint.ts';
import type { OpenFresh } from './fresh-database.ts';

const now = 1_795_000_000_123;

const instance = (projectId: string, changes: Partial<InstanceConstraint> = {}): InstanceConstraint => ({
  kind: 'instance',
  id: 'i-1',
  projectId,
  groupId: 'g-1',
  name: 'demo1_nonha_app_1',
  maxInterruptionSeconds: 120,
  migrationType: 'MIGRATE',
  resourceMitigation: true,
  leadSeconds: 40,
  ...changes,
});

const group: InstanceGroupConstraint = {
  kind: 'instance_group',
  id: 'i-1',
  projectId: 'p',
  name: 'demo1_nonha_app_group',
  antiAffinity: false,
  maxInstancesPerHost: 0,
  maxImpactedMembers: 2,
  recoverySeconds: 4,
  resourceMitigation: true,
};

/** What every ConstraintStore must do, whichever database holds it. */
export function describeConstraintStoreContract(name: string, open: OpenFresh): void {
  const openStore = async (): Promise<SqlConstraintStore> => new SqlConstraintStore(await open());

  describe(`ConstraintStore on ${name}`, () => {
    it('gives back what was put, by kind and id', async () => {
      const store = await openStore();
      await store.put(instance('p'), now);
      await store.put(group, now);
      expect(await store.find('instance', ['i-1'])).toEqual([instance('p')]);
      expect(await store.find('instance_group', ['i-1'])).toEqual([group]);
      expect(await store.find('instance', ['unknown'])).toEqual([]);
    });

    it('gives back what goes beyond Fenix, and nothing where it was not given', async () => {
      const store = await openStore();
      const whole: InstanceGroupConstraint = {
        ...group,
        maxImpactedBySize: [
          { groupSize: 4, members: 1 },
          { groupSize: 10, members: 3 },
        ],
        minPreservedBySize: [{ groupSize: 4, members: 3 }],
        leadSeconds: 60,
      };
      const choosy = instance('p', { migrationPreference: ['LIVE_MIGRATE', 'OWN_ACTION'] });
      await store.put(whole, now);
      await store.put(choosy, now);
      expect(await store.find('instance_group', ['i-1'])).toEqual([whole]);
      expect(await store.find('instance', ['i-1'])).toEqual([choosy]);
      await store.put(group, now);
      expect(await store.find('instance_group', ['i-1'])).toStrictEqual([group]);
    });

    it('replaces a constraint of the same kind, project and id', async () => {
      const store = await openStore();
      await store.put(instance('p'), now);
      await store.put(instance('p', { leadSeconds: 7 }), now);
      expect(await store.find('instance', ['i-1'])).toEqual([instance('p', { leadSeconds: 7 })]);
    });

    it('finds the rows of all projects, the last written first, also within one millisecond', async () => {
      const store = await openStore();
      await store.put(instance('p1'), now);
      await store.put(instance('p3'), now);
      await store.put(instance('p2'), now);
      await store.put(instance('p1', { leadSeconds: 9 }), now);
      const found = await store.find('instance', ['i-1']);
      expect(found.map(({ projectId }) => projectId)).toEqual(['p1', 'p2', 'p3']);
    });

    it('finds the rows of many ids at once, each of them once', async () => {
      const store = await openStore();
      const ids = Array.from({ length: 601 }, (_, number) => `i-${number}`);
      for (const id of ids) await store.put({ ...instance('p'), id }, now);
      const found = await store.find('instance', ids.slice(1));
      expect(found.map(({ id }) => id).sort()).toEqual(ids.slice(1).sort());
      expect(await store.find('instance', [])).toEqual([]);
    });

    it('deletes only the row that is named, and deleting again is harmless', async () => {
      const store = await openStore();
      await store.put(instance('p1'), now);
      await store.put(instance('p2'), now);
      await store.put(group, now);
      await store.delete('instance', 'p1', 'i-1');
      await store.delete('instance', 'p1', 'i-1');
      expect(await store.find('instance', ['i-1'])).toEqual([instance('p2')]);
      expect(await store.find('instance_group', ['i-1'])).toEqual([group]);
    });

    it('lists by kind, project and group, ordered by project and id', async () => {
      const store = await openStore();
      for (const [projectId, id, groupId] of [
        ['p2', 'i1', 'g1'],
        ['p1', 'i2', 'g2'],
        ['p1', 'i3', 'g1'],
        ['p1', 'i1', 'g1'],
      ] as const) {
        await store.put(instance(projectId, { id, groupId }), now);
      }
      await store.put({ ...group, id: 'g1', projectId: 'p1' }, now);
      const list = async (filter: object) =>
        (await store.list('instance', { limit: 10, ...filter })).map((row) => `${row.projectId} ${row.id}`);
      expect(await list({})).toEqual(['p1 i1', 'p1 i2', 'p1 i3', 'p2 i1']);
      expect(await list({ projectId: 'p1' })).toEqual(['p1 i1', 'p1 i2', 'p1 i3']);
      expect(await list({ groupId: 'g1' })).toEqual(['p1 i1', 'p1 i3', 'p2 i1']);
      expect(await list({ projectId: 'p1', groupId: 'g1' })).toEqual(['p1 i1', 'p1 i3']);
      expect(await list({ projectId: 'unknown' })).toEqual([]);
      expect(await store.list('instance_group', { limit: 10 })).toEqual([
        { ...group, id: 'g1', projectId: 'p1' },
      ]);
      await store.put(instance('p1', { id: 'i1', groupId: 'g2' }), now);
      expect(await list({ groupId: 'g2' })).toEqual(['p1 i1', 'p1 i2']);
    });

    it('lists in pages, also after a row that is gone, and each row once', async () => {
      const store = await openStore();
      for (const projectId of ['p1', 'p2']) {
        for (const id of ['i1', 'i2', 'i3']) await store.put(instance(projectId, { id }), now);
      }
      const page = async (projectId: string, id: string) =>
        (await store.list('instance', { limit: 2, marker: { projectId, id } })).map(
          (row) => `${row.projectId} ${row.id}`,
        );
      expect(await page('p1', 'i1')).toEqual(['p1 i2', 'p1 i3']);
      expect(await page('p1', 'i3')).toEqual(['p2 i1', 'p2 i2']);
      await store.delete('instance', 'p1', 'i2');
      expect(await page('p1', 'i2')).toEqual(['p1 i3', 'p2 i1']);
      expect(await page('p2', 'i3')).toEqual([]);
    });

    it('finds by group what was stored before groups stood beside the body', async () => {
      const database = await open();
      const { knex } = database;
      await down(knex);
      const old = [instance('p'), { ...group, id: 'g-1' }];
      for (const [revision, row] of old.entries()) {
        const { kind, projectId, id } = row;
        const body = encodeJson(row);
        await knex('constraints').insert({
          kind,
          project_id: projectId,
          id,
          body,
          written_at: now,
          revision,
        });
      }
      await up(knex);
      const store = new SqlConstraintStore(database);
      expect(await store.list('instance', { limit: 9, groupId: 'g-1' })).toEqual([instance('p')]);
      expect(await store.list('instance_group', { limit: 9 })).toHaveLength(1);
    });

    it('keeps one row when the same constraint is put many times at once', async () => {
      const store = await openStore();
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => store.put(instance('p', { leadSeconds: index }), now)),
      );
      expect(await store.find('instance', ['i-1'])).toHaveLength(1);
    });
  });
}
