import { describe, expect, it } from 'vitest';
import { planCampaign } from '../../../src/domain/planner/plan-campaign.ts';
import { checkPlan } from '../../support/check-plan.ts';
import { drawing, drawnCampaign, tinyCampaign } from '../../support/drawn-campaign.ts';
import { driveCampaign } from '../../support/drive-campaign.ts';
import { canBeDone } from '../../support/every-order.ts';

/** PLANNER_RUNS=10000 for a long run. */
const runs = Number(process.env.PLANNER_RUNS ?? 1000);
/** A slow machine may take 120 ms for one campaign. */
const timeout = runs * 120;

describe('plans of drawn campaigns', () => {
  it('break nothing', { timeout }, () => {
    let feasible = 0;
    for (let seed = 1; seed <= runs; seed++) {
      const draw = drawing(seed);
      const hosts = 2 + Math.floor(draw() * 10);
      const instances = Math.floor(draw() * hosts * 7);
      const campaign = drawnCampaign(seed, { hosts, instances, variety: draw() });
      const plan = planCampaign(campaign);
      expect(checkPlan(campaign, plan), `seed ${seed}`).toEqual([]);
      if (plan.verdict === 'feasible') feasible++;
    }
    // A generator of which nothing, or everything, can be done would check little.
    expect(feasible / runs).toBeGreaterThan(0.3);
    expect(feasible / runs).toBeLessThan(0.95);
  });

  it('get to the end wherever any order does', { timeout }, () => {
    let feasible = 0;
    for (let seed = 1; seed <= runs; seed++) {
      const campaign = tinyCampaign(seed);
      const plan = planCampaign(campaign);
      const expected = canBeDone(campaign);
      expect([plan.verdict, checkPlan(campaign, plan)], `seed ${seed}`).toEqual([
        expected ? 'feasible' : 'infeasible',
        [],
      ]);
      if (expected) feasible++;
    }
    expect(feasible / runs).toBeGreaterThan(0.3);
    expect(feasible / runs).toBeLessThan(0.95);
  });

  it('are lived through by a session, which never stands still where an order is left', { timeout }, () => {
    for (let seed = 1; seed <= runs / 2; seed++) {
      const campaign = tinyCampaign(seed);
      const { wrong, left } = driveCampaign(campaign, drawing(seed));
      expect(wrong, `seed ${seed}`).toEqual([]);
      if (canBeDone(campaign)) expect(left, `seed ${seed}`).toEqual([]);
    }
  });
});
