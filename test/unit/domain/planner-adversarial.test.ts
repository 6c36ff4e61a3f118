import { describe, expect, it } from 'vitest';
import { planCampaign } from '../../../src/domain/planner/plan-campaign.ts';
import type { Campaign } from '../../../src/domain/planner/campaign.ts';
import { checkPlan } from '../../support/check-plan.ts';
import { campaign, group, host, instance, several, units } from '../../support/small-campaign.ts';

function feasible(of: Campaign) {
  const made = planCampaign(of);
  expect(made.problems).toEqual([]);
  expect(checkPlan(of, made)).toEqual([]);
  return made;
}

const names = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('adversarial campaigns', () => {
  it('groups that span all hosts and bear one impacted member', () => {
    const groups = names.slice(0, 4).map((id) => group({ id, slots: 1, recoverySeconds: 100 }));
    const instances = names.flatMap((on) =>
      groups.map(({ id }) => instance(`${on}-${id}`, on, { groupId: id })),
    );
    const made = feasible(
      campaign([host('empty'), ...names.map((name) => host(name))], instances, { groups }),
    );
    // All four of a host are of different groups: they move at once, and never wait.
    expect(made.makespanSeconds).toBe(1000 + 6 * 1060);
  });

  it('one host that holds many groups, each of which is busy elsewhere', () => {
    const groups = names.map((id) => group({ id, slots: 1, recoverySeconds: 300 }));
    const instances = [
      ...names.map((id) => instance(`many-${id}`, 'many', { groupId: id })),
      ...names.map((id) => instance(`one-${id}`, `host-${id}`, { groupId: id })),
    ];
    const hosts = [host('many', { capacity: units(6) }), host('empty', { capacity: units(6) })];
    feasible(campaign([...hosts, ...names.map((id) => host(`host-${id}`))], instances, { groups }));
  });

  it('large instances among small ones: the gaps that they need are kept', () => {
    const instances = [
      instance('large', 'a', { size: units(4) }),
      ...several(4, 'b'),
      instance('half', 'c', { size: units(2) }),
      ...several(2, 'c'),
    ];
    feasible(campaign([host('a'), host('b'), host('c'), host('empty')], instances));
  });

  it('no empty host: one is emptied to those that are still to be done', () => {
    const hosts = names.map((name) => host(name));
    feasible(
      campaign(
        hosts,
        names.flatMap((name) => several(3, name)),
      ),
    );
  });

  it('hosts of unequal size: the small ones first', () => {
    const hosts = [host('huge', { capacity: units(12) }), host('a'), host('b'), host('c'), host('empty')];
    const instances = [...several(8, 'huge'), ...['a', 'b', 'c'].flatMap((name) => several(2, name))];
    feasible(campaign(hosts, instances));
  });

  it('members that are kept apart, as many as hosts but one', () => {
    const rules = [{ id: 'apart', name: 'apart', kind: 'apart' as const, maxPerHost: 1 }];
    const instances = names.slice(1).map((name) => instance(`on-${name}`, name, { ruleIds: ['apart'] }));
    const made = feasible(
      campaign(
        names.map((name) => host(name)),
        instances,
        { rules },
      ),
    );
    expect(made.moves).toHaveLength(5);
  });

  it('a recovery that takes longer than the maintenance', () => {
    const groups = [group({ slots: 1, recoverySeconds: 5000 })];
    const instances = names.map((name) => instance(`on-${name}`, name));
    const made = feasible(
      campaign([host('empty'), ...names.map((name) => host(name))], instances, { groups }),
    );
    expect(made.makespanSeconds).toBe(1000 + 5 * 5060 + 60 + 1000);
  });

  it('two hosts of which each would hold what the other waits for', () => {
    const groups = [group({ id: 'x', slots: 1 }), group({ id: 'y', slots: 1 })];
    const instances = ['a', 'b'].flatMap((on) =>
      ['x', 'y'].map((id) => instance(`${on}-${id}`, on, { groupId: id, size: units(2) })),
    );
    feasible(campaign([host('a'), host('b'), host('empty')], instances, { groups }));
  });
});
