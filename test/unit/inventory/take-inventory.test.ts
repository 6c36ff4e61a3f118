import { describe, expect, it } from 'vitest';
import type { Constraint } from '../../../src/domain/constraint.ts';
import { takeInventory, type InventorySources } from '../../../src/inventory/take-inventory.ts';
import { MemoryConstraintStore } from '../../../src/simulation/memory-constraint-store.ts';
import { inventoryConstraint, inventoryInstance, sampleInventory } from '../../support/sample-inventory.ts';

/** Rows as they were written, the last one last. */
async function storeOf(written: readonly Constraint[]): Promise<MemoryConstraintStore> {
  const store = new MemoryConstraintStore();
  for (const row of written) await store.put(row);
  return store;
}

const sources = (change: Partial<InventorySources> = {}): InventorySources => {
  const { hosts, instances, serverGroups, settings, takenAt } = sampleInventory();
  return {
    cloud: { observe: () => Promise.resolve({ hosts, instances, serverGroups }) },
    constraints: new MemoryConstraintStore(),
    notifier: { subscribedProjects: (ids) => Promise.resolve(ids) },
    journal: { openSessionIds: () => Promise.resolve([]), read: () => Promise.resolve([]) },
    clock: { now: () => takenAt },
    settings,
    report: () => undefined,
    ...change,
  };
};

const take = (change: Partial<InventorySources>) =>
  takeInventory(sources(change), new AbortController().signal);

describe('an inventory', () => {
  it('has all limits, however many there are', async () => {
    const rows = Array.from({ length: 2345 }, (_, n) => inventoryConstraint(`i-${n}`, 'web', `p-${n % 7}`));
    const { instanceConstraints } = await take({ constraints: await storeOf(rows) });
    const byId = (a: Constraint, b: Constraint) => (a.id < b.id ? -1 : 1);
    expect(instanceConstraints.toSorted(byId)).toEqual(rows.toSorted(byId));
  });

  it('has the limits of one id in the order in which the planning finds them: the last one written first', async () => {
    const rows = ['b', 'c', 'a'].map((project) => inventoryConstraint('i', 'web', project));
    const { instanceConstraints } = await take({ constraints: await storeOf(rows) });
    expect(instanceConstraints.map(({ projectId }) => projectId)).toEqual(['a', 'c', 'b']);
  });

  it('asks of each project once whether it listens', async () => {
    const asked: (readonly string[])[] = [];
    const instances = ['x', 'y', 'x'].map((project, n) => inventoryInstance(`i-${n}`, 'a', project));
    const { subscribedProjects } = await take({
      cloud: { observe: () => Promise.resolve({ ...sampleInventory(), instances }) },
      notifier: {
        subscribedProjects: (ids) => {
          asked.push(ids);
          return Promise.resolve(['y']);
        },
      },
    });
    expect(asked).toEqual([['x', 'y']]);
    expect(subscribedProjects).toEqual(['y']);
  });

  it('takes the durations of the options where no session has measured any', async () => {
    const { durations } = await take({});
    expect(durations).toEqual({ hosts: {}, hostSeconds: 600, moveSeconds: 60 });
  });

  it('is not taken where the alarms cannot be read', async () => {
    const subscribedProjects = () => Promise.reject(new Error('Aodh is away'));
    await expect(take({ notifier: { subscribedProjects } })).rejects.toThrow('Aodh is away');
  });
});
