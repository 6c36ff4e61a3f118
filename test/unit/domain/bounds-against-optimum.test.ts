/** No schedule beats a bound: tiny campaigns, compared with the best that exhaustive search finds. */
import { describe, expect, it } from 'vitest';
import { certify } from '../../../src/domain/planner/certify.ts';
import { lowerBounds } from '../../../src/domain/planner/bounds/lower-bounds.ts';
import { planCampaign } from '../../../src/domain/planner/plan-campaign.ts';
import { drawCampaign } from '../../support/drawn-campaigns.ts';
import { feasible, optimum } from '../../support/optimum.ts';

/** More of them by `BOUNDS_DRAWN=1000`. */
const count = Number(process.env.BOUNDS_DRAWN ?? 40);
const enough = 4000;

describe.each([
  ['from the beginning', { hosts: 3, instances: 4 }, 1],
  ['under way', { hosts: 3, instances: 4, isUnderWay: true }, 10_001],
  ['with more hosts', { hosts: 4, instances: 4 }, 20_001],
])('bounds and the true optimum, %s', (_, options, first) => {
  const known = Array.from({ length: count }, (__, number) => {
    const campaign = drawCampaign(first + number, options);
    return { seed: first + number, campaign, best: optimum(campaign, enough) };
  });
  const solved = known.flatMap(({ best, ...rest }) =>
    best === undefined || best === Infinity ? [] : [{ ...rest, best }],
  );

  it('finds the optimum of most of them', () => {
    expect(known.filter(({ best }) => best !== undefined).length).toBeGreaterThan(count * 0.5);
    expect(solved.length).toBeGreaterThan(count * 0.3);
  });

  it('never beats a bound', () => {
    for (const { seed, campaign, best } of solved)
      for (const bound of lowerBounds(campaign))
        expect(bound.seconds, `seed ${seed}: ${bound.name} (${bound.because})`).toBeLessThanOrEqual(
          best + 1e-6,
        );
  });

  it('attains the largest bound now and then', () => {
    const tight = solved.filter(({ campaign, best }) => certify(campaign, best).ratio < 1 + 1e-9);
    expect(tight.length).toBeGreaterThan(0);
  });

  it('is never beaten by a plan', () => {
    const gaps = solved.flatMap(({ seed, campaign, best }) => {
      const { verdict, makespanSeconds } = planCampaign(campaign);
      if (verdict === 'infeasible') return [];
      expect(makespanSeconds, `seed ${seed}`).toBeGreaterThanOrEqual(best);
      return best > 0 ? [makespanSeconds / best] : [];
    });
    const mean = Math.exp(gaps.reduce((sum, gap) => sum + Math.log(gap), 0) / Math.max(1, gaps.length));
    process.stdout.write(
      `${gaps.length} plans are ${mean.toFixed(3)} times the optimum in the mean, ${Math.max(1, ...gaps).toFixed(2)} times at most\n`,
    );
  });
});

describe('exhaustive search', () => {
  it('finds no order where there is no room to empty any host', () => {
    const drawn = drawCampaign(7, { hosts: 2, instances: 0 });
    const capacity = { vcpus: 1, memoryMb: 1024, diskGb: 10 };
    const full = {
      ...drawn,
      hosts: drawn.hosts.map((host) => ({
        ...host,
        capacity,
        progress: 'waiting' as const,
        takesInstances: true,
      })),
      instances: drawn.hosts.map(({ name }) => ({
        id: `on-${name}`,
        projectId: 'p',
        host: name,
        size: capacity,
        action: 'MIGRATE' as const,
        moveSeconds: 1,
        isMoving: false,
        leadSeconds: 0,
        groupId: 'none',
        impactedSeconds: 0,
        ruleIds: [],
      })),
    };
    expect(feasible(full)).toBe(false);
    expect(feasible({ ...full, instances: full.instances.slice(1) })).toBe(true);
  });
});
