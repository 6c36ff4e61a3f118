/** Relaxing a constraint never raises a bound, of any kind. */
import { describe, expect, it } from 'vitest';
import type { Campaign } from '../../../src/domain/planner/campaign.ts';
import { lowerBounds } from '../../../src/domain/planner/bounds/lower-bounds.ts';
import { drawCampaign } from '../../support/drawn-campaigns.ts';
import { shapes } from '../../support/facts-shapes.ts';

type Relax = (campaign: Campaign, number: number) => Campaign;

const relaxations: Readonly<Record<string, Relax>> = {
  'one more slot of one group': (campaign, number) => ({
    ...campaign,
    groups: campaign.groups.map((group, place) =>
      place === number % campaign.groups.length ? { ...group, slots: group.slots + 1 } : group,
    ),
  }),
  'half the recovery': (campaign) => ({
    ...campaign,
    groups: campaign.groups.map((group) => ({ ...group, recoverySeconds: group.recoverySeconds / 2 })),
  }),
  'one maintenance shorter': (campaign, number) => ({
    ...campaign,
    hosts: campaign.hosts.map((host, place) =>
      place === number % campaign.hosts.length
        ? { ...host, maintenanceSeconds: host.maintenanceSeconds * ((number % 10) / 10) }
        : host,
    ),
  }),
  'all maintenances shorter': (campaign) => ({
    ...campaign,
    hosts: campaign.hosts.map((host) => ({ ...host, maintenanceSeconds: host.maintenanceSeconds * 0.7 })),
  }),
  'one more empty host': (campaign, number) => ({
    ...campaign,
    hosts: [
      ...campaign.hosts,
      {
        name: 'one-more',
        capacity: campaign.hosts[number % campaign.hosts.length]?.capacity ?? {
          vcpus: 1,
          memoryMb: 1,
          diskGb: 1,
        },
        progress: 'outside',
        takesInstances: true,
        maintenanceSeconds: 0,
        isReady: true,
      },
    ],
  }),
  'one more stream per host': ({ streams, ...rest }) => ({
    ...rest,
    streams: { ...streams, perHost: streams.perHost + 1 },
  }),
  'one more stream in all': ({ streams, ...rest }) => ({
    ...rest,
    streams: { ...streams, total: streams.total + 1 },
  }),
  'no lead time': (campaign) => ({
    ...campaign,
    instances: campaign.instances.map((one) => ({ ...one, leadSeconds: 0 })),
  }),
  'half the lead time': (campaign) => ({
    ...campaign,
    instances: campaign.instances.map((one) => ({ ...one, leadSeconds: one.leadSeconds / 2 })),
  }),
  'one more host at once': ({ parallelHosts, ...rest }) => ({
    ...rest,
    ...(parallelHosts !== undefined && { parallelHosts: parallelHosts + 1 }),
  }),
  'wider rules': (campaign) => ({
    ...campaign,
    rules: campaign.rules.map((rule) => ({ ...rule, maxPerHost: rule.maxPerHost + 1 })),
  }),
};

const secondsOf = (campaign: Campaign) =>
  new Map(lowerBounds(campaign).map(({ name, seconds }) => [name, seconds]));

describe.each(Object.entries(relaxations))('%s', (_, relax) => {
  it('raises no bound of drawn campaigns', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const campaign = drawCampaign(seed, {
        hosts: 3 + (seed % 20),
        instances: 4 * (3 + (seed % 20)),
        unitSeconds: 60,
        isUnderWay: seed % 3 === 0,
      });
      const before = secondsOf(campaign);
      for (const [name, seconds] of secondsOf(relax(campaign, seed)))
        expect(seconds, `seed ${seed}, ${name}`).toBeLessThanOrEqual((before.get(name) ?? 0) + 1e-6);
    }
  });

  it('raises no bound of the shapes of the facts', () => {
    for (const { name: shape, campaign } of shapes()) {
      const before = secondsOf(campaign);
      for (const [name, seconds] of secondsOf(relax(campaign, 5)))
        expect(seconds, `${shape}, ${name}`).toBeLessThanOrEqual((before.get(name) ?? 0) + 1e-6);
    }
  });
});
