import { describe, expect, it } from 'vitest';
import { planCampaign } from '../../../src/domain/planner/plan-campaign.ts';
import { summaryOf, type PlanStore, type StoredPlan } from '../../../src/engine/plan-ports.ts';
import { campaign, host, instance, several } from '../../support/small-campaign.ts';

/** Opens an empty store for the running test. */
export type OpenPlanStore = () => Promise<PlanStore>;

const created = 1_795_000_000_123;

const asked: StoredPlan = {
  id: 'plan-1',
  createdAt: created,
  request: { workflow: 'vnf', hosts: ['a'], maintenanceAt: created + 60_000, metadata: { release: 'Epoxy' } },
  status: 'planning',
};

/** Infinite are the size of a group that stays together, the streams in all, and how long a broken instance is impacted. */
const cloud = campaign(
  [host('a'), host('b')],
  [...several(2, 'a'), instance('broken', 'b', { impactedSeconds: Infinity })],
  {
    rules: [{ id: 'together t', name: 't', kind: 'together', maxPerHost: Infinity }],
  },
);

const finished: StoredPlan = {
  ...asked,
  status: 'finished',
  seenAt: created + 1000,
  objections: ['something'],
  campaign: cloud,
  plan: planCampaign(cloud),
  planAfterScaleIn: planCampaign(cloud),
};

/** What every PlanStore must do, whatever holds its plans. */
export function describePlanStoreContract(name: string, open: OpenPlanStore): void {
  describe(`PlanStore on ${name}`, () => {
    it('gives back what was put, infinite numbers and all', async () => {
      const store = await open();
      await store.put(asked);
      await store.put({ ...finished, id: 'plan-2' });
      expect(await store.get('plan-1')).toStrictEqual(asked);
      expect(await store.get('plan-2')).toStrictEqual({ ...finished, id: 'plan-2' });
      expect(await store.get('plan-3')).toBeUndefined();
    });

    it('puts a plan in place of what it was', async () => {
      const store = await open();
      for (const plan of [asked, finished, { ...asked, status: 'failed', failure: 'no cloud' } as const]) {
        await store.put(plan);
        expect(await store.get('plan-1')).toStrictEqual(plan);
      }
      expect(await store.list()).toHaveLength(1);
    });

    it('lists in short, the oldest first, those of one moment by their id', async () => {
      const store = await open();
      await store.put({ ...finished, id: 'plan-3', createdAt: created + 1 });
      await store.put({ ...asked, id: 'plan-2', createdAt: created + 1 });
      await store.put({ ...asked, id: 'plan-9' });
      expect(await store.list()).toStrictEqual([
        { ...asked, id: 'plan-9' },
        { ...asked, id: 'plan-2', createdAt: created + 1 },
        summaryOf({ ...finished, id: 'plan-3', createdAt: created + 1 }),
      ]);
    });

    it('deletes one plan and says whether there was one', async () => {
      const store = await open();
      await store.put(asked);
      await store.put({ ...asked, id: 'plan-2' });
      expect(await store.delete('plan-1')).toBe(true);
      expect(await store.delete('plan-1')).toBe(false);
      expect((await store.list()).map(({ id }) => id)).toEqual(['plan-2']);
    });
  });
}
