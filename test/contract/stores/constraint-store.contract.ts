import { describe, expect, it } from 'vitest';
import { SqlConstraintStore } from '../../../db/constraint-store.ts';
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
      expect(await store.find('instance', 'i-1')).toEqual([instance('p')]);
      expect(await store.find('instance_group', 'i-1')).toEqual([group]);
      expect(await store.find('instance', 'unknown')).toEqual([]);
    });

    it('replaces a constraint of the same kind, project and id', async () => {
      const store = await openStore();
      await store.put(instance('p'), now);
      await store.put(instance('p', { leadSeconds: 7 }), now);
      expect(await store.find('instance', 'i-1')).toEqual([instance('p', { leadSeconds: 7 })]);
    });

    it('finds the rows of all projects, the last written first, also within one millisecond', async () => {
      const store = await openStore();
      await store.put(instance('p1'), now);
      await store.put(instance('p3'), now);
      await store.put(instance('p2'), now);
      await store.put(instance('p1', { leadSeconds: 9 }), now);
      const found = await store.find('instance', 'i-1');
      expect(found.map(({ projectId }) => projectId)).toEqual(['p1', 'p2', 'p3']);
    });

    it('deletes only the row that is named, and deleting again is harmless', async () => {
      const store = await openStore();
      await store.put(instance('p1'), now);
      await store.put(instance('p2'), now);
      await store.put(group, now);
      await store.delete('instance', 'p1', 'i-1');
      await store.delete('instance', 'p1', 'i-1');
      expect(await store.find('instance', 'i-1')).toEqual([instance('p2')]);
      expect(await store.find('instance_group', 'i-1')).toEqual([group]);
    });

    it('keeps one row when the same constraint is put many times at once', async () => {
      const store = await openStore();
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => store.put(instance('p', { leadSeconds: index }), now)),
      );
      expect(await store.find('instance', 'i-1')).toHaveLength(1);
    });
  });
}
