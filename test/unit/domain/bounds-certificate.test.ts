/** The certificate of a plan: its fields agree with each other, and its prices with the bounds of the relaxed campaign. */
import { describe, expect, it } from 'vitest';
import { lowerBounds } from '../../../src/domain/planner/bounds/lower-bounds.ts';
import { measuredCampaign } from '../../../src/domain/planner/bounds/measured-campaign.ts';
import type { Campaign } from '../../../src/domain/planner/campaign.ts';
import { certify } from '../../../src/domain/planner/certify.ts';
import { drawCampaign } from '../../support/drawn-campaigns.ts';
import { shapes } from '../../support/facts-shapes.ts';

const shape = (number: number): Campaign => {
  const found = shapes()[number];
  if (found === undefined) throw new Error(`no shape ${number}`);
  return found.campaign;
};

const largest = (campaign: Campaign) => Math.max(0, ...lowerBounds(campaign).map(({ seconds }) => seconds));

describe('a certificate', () => {
  it('has fields that agree with each other', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const campaign = drawCampaign(seed, {
        hosts: 2 + (seed % 8),
        instances: 3 * (seed % 9),
        unitSeconds: 60,
      });
      const { lowerBoundSeconds, bounds, binding, ratio, prices, makespanSeconds } = certify(campaign, 5000);
      expect(bounds.map(({ seconds }) => seconds)).toEqual(
        bounds.map(({ seconds }) => seconds).sort((a, b) => b - a),
      );
      expect(lowerBoundSeconds).toBe(Math.max(0, ...bounds.map(({ seconds }) => seconds)));
      expect(Number.isFinite(lowerBoundSeconds)).toBe(true);
      expect(bounds.find(({ name }) => name === binding)?.seconds ?? 0).toBe(lowerBoundSeconds);
      expect(ratio).toBe(lowerBoundSeconds > 0 ? makespanSeconds / lowerBoundSeconds : 1);
      expect(prices.map(({ seconds }) => seconds)).toEqual(
        prices.map(({ seconds }) => seconds).sort((a, b) => b - a),
      );
      for (const price of prices) {
        expect(price.seconds).toBeGreaterThan(0);
        expect(price.seconds).toBeLessThanOrEqual(lowerBoundSeconds);
      }
      for (const { because } of bounds) expect(because).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it('says 1 of a campaign with nothing to do', () => {
    const nothing = { hosts: [], instances: [], groups: [], rules: [], streams: { perHost: 1, total: 1 } };
    expect(certify(nothing, 0)).toMatchObject({ lowerBoundSeconds: 0, ratio: 1, prices: [] });
  });

  it('prices a host and a stream where room binds, as the bounds of the relaxed campaign do', () => {
    const campaign = shape(0);
    const { prices } = certify(campaign, 0);
    const faster = { ...campaign, streams: { ...campaign.streams, perHost: 3 } };
    const stream = prices.find(({ relaxation }) => relaxation === 'one more stream per host');
    expect(stream?.seconds).toBeCloseTo(largest(campaign) - largest(faster), 6);
    expect(prices[0]?.relaxation).toContain('one more empty host');
    // From 32 to 40 free slots: a fifth less, and one host more that may begin at once.
    expect(prices[0]?.seconds).toBeCloseTo((222.5 - (7120 - 12) / 40) * 60, 4);
  });

  it('prices the limits of a group that binds', () => {
    const campaign = {
      ...shape(0),
      groups: shape(0).groups.map((group, number) =>
        number === 3 ? { ...group, slots: 1, recoverySeconds: 3000 } : group,
      ),
    };
    const { binding, bounds, prices } = certify(campaign, 0);
    expect(binding).toBe('group');
    expect(bounds[0]?.subject).toBe('group-3');
    const constraints = prices.map(({ constraint, relaxation }) => `${constraint}: ${relaxation}`);
    expect(constraints).toContain('max_impacted_members of group group-3: one more member at once');
    expect(constraints).toContain('recovery_time of group group-3: recovery_time 0');
  });

  it('prices the maintenance and the lead time of a host that binds', () => {
    const campaign = {
      ...shape(0),
      instances: shape(0).instances.map((one) =>
        one.host === 'host-9' ? { ...one, leadSeconds: 30_000 } : one,
      ),
    };
    const { binding, prices } = certify(campaign, 0);
    expect(binding).toBe('host');
    expect(prices[0]).toMatchObject({
      constraint: 'lead_time of the instances on host host-9',
      relaxation: 'lead_time 0',
    });
    expect(prices).toContainEqual({
      constraint: 'maintenance of host host-9',
      relaxation: '1 min shorter',
      seconds: 60,
    });
  });

  it('relaxes groups that bind equally together', () => {
    const campaign = {
      ...shape(0),
      groups: shape(0).groups.map((group) => ({ ...group, slots: 1, recoverySeconds: 3000 })),
    };
    const [first] = certify(campaign, 0).prices;
    expect(first?.constraint).toMatch(/ of \d+ groups \(group-/);
  });
});

describe('a campaign as it was measured', () => {
  it('has the bounds of the true durations', () => {
    const campaign = shape(0);
    const measured = measuredCampaign(campaign, {
      hostSeconds: Object.fromEntries(campaign.hosts.map(({ name }) => [name, 600])),
      moveSeconds: Object.fromEntries(campaign.instances.map(({ id }) => [id, 30])),
    });
    expect(largest(measured)).toBeCloseTo(largest(campaign) / 2, 4);
  });

  it('keeps what was not measured', () => {
    expect(measuredCampaign(shape(1), { hostSeconds: {}, moveSeconds: {} })).toEqual(shape(1));
  });
});
