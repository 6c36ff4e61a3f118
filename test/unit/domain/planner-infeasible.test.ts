import { describe, expect, it } from 'vitest';
import { admitHosts } from '../../../src/domain/planner/admit-hosts.ts';
import { planCampaign } from '../../../src/domain/planner/plan-campaign.ts';
import type { Campaign } from '../../../src/domain/planner/campaign.ts';
import { scaleInNeeds } from '../../../src/domain/planner/scale-in-needs.ts';
import { checkPlan } from '../../support/check-plan.ts';
import { campaign, group, host, instance, several, units } from '../../support/small-campaign.ts';

function problems(of: Campaign) {
  const made = planCampaign(of);
  expect(made.verdict).toBe('infeasible');
  expect(checkPlan(of, made)).toEqual([]);
  return made.problems.map(({ kind, hosts, message }) => ({ kind, hosts, message }));
}

const full = (...names: string[]) => names.flatMap((name) => several(4, name));

describe('a campaign that cannot be done', () => {
  it('for want of room: says which project would have to give up how many', () => {
    const of = campaign([host('a'), host('b')], full('a', 'b'));
    expect(problems(of)[0]).toMatchObject({
      kind: 'no_room',
      message: expect.stringMatching(
        /host \w cannot be emptied.*project shop removing 4 instances/,
      ) as string,
    });
    expect(planCampaign(of).scaleIn).toMatchObject([{ projectId: 'shop', instances: 4 }]);
    expect(admitHosts(of)).toEqual([]);
  });

  it('for want of room where each instance by itself would find some', () => {
    const of = campaign(
      [host('a'), host('b', { progress: 'outside' })],
      [...several(4, 'a'), ...several(1, 'b')],
    );
    expect(problems(of)).toMatchObject([
      { kind: 'no_room', message: expect.stringContaining('there is no room elsewhere for') as string },
    ]);
  });

  it('for a limit of no member at all: the other hosts are done', () => {
    const groups = [group(), group({ id: 'stuck', name: 'databases', slots: 0 })];
    const hosts = [host('a'), host('b'), host('empty')];
    const of = campaign(hosts, [instance('i', 'a', { groupId: 'stuck' }), ...several(3, 'b')], { groups });
    expect(problems(of)).toMatchObject([
      { kind: 'limit', hosts: ['a'], message: expect.stringContaining('a limit of at least 1') as string },
    ]);
    expect(planCampaign(of).hosts.map((planned) => planned.host)).toEqual(['empty', 'b']);
    expect(scaleInNeeds(of)).toEqual([]);
  });

  it('for a member that is broken: says which', () => {
    const instances = [instance('i', 'a'), instance('dead', 'done', { impactedSeconds: Infinity })];
    const hosts = [host('a'), host('done', { progress: 'outside' })];
    const of = campaign(hosts, instances, { groups: [group({ slots: 1 })] });
    expect(problems(of)).toMatchObject([
      { kind: 'limit', message: expect.stringContaining('dead is broken; to mend what is broken') as string },
    ]);
  });

  it('for an instance that fits nowhere: the other hosts are done', () => {
    const hosts = [host('a', { capacity: units(8) }), host('b'), host('empty')];
    const of = campaign(hosts, [instance('giant', 'a', { size: units(6) }), ...several(3, 'b')]);
    expect(problems(of)).toMatchObject([
      { kind: 'instance_too_large', hosts: ['a'], message: expect.stringContaining('giant') as string },
    ]);
    expect(planCampaign(of).hosts.map((planned) => planned.host)).toEqual(['empty', 'b']);
    expect(scaleInNeeds(of)).toEqual([{ projectId: 'shop', instances: 1, helpfulInstanceIds: ['giant'] }]);
  });

  it('for a placement rule with as many members as hosts: one less makes it feasible', () => {
    const rules = [{ id: 'apart', name: 'web apart', kind: 'apart' as const, maxPerHost: 1 }];
    const hosts = [host('a'), host('b'), host('c')];
    const instances = hosts.map(({ name }) => instance(`on-${name}`, name, { ruleIds: ['apart'] }));
    const of = campaign(hosts, instances, { rules });
    expect(problems(of)[0]).toMatchObject({
      kind: 'placement',
      message: expect.stringContaining('web apart (at most 1 per host)') as string,
    });
    expect(scaleInNeeds(of)).toMatchObject([{ projectId: 'shop', instances: 1 }]);
    expect(planCampaign({ ...of, instances: instances.slice(1) }).verdict).toBe('feasible');
  });

  it('for want of time: says how much it takes', () => {
    const of = campaign([host('a'), host('empty')], several(2, 'a'), { windowSeconds: 1500 });
    expect(problems(of)).toMatchObject([
      {
        kind: 'window',
        hosts: ['a'],
        message: expect.stringContaining('2060 s would make it feasible') as string,
      },
    ]);
  });
});

describe('what projects have to give up', () => {
  it('nothing where all can be done', () => {
    expect(scaleInNeeds(campaign([host('a'), host('empty')], full('a')))).toEqual([]);
  });

  it('the least that makes it feasible, and by itself enough', () => {
    const of = campaign([host('a'), host('b'), host('c')], [...full('a', 'b'), ...several(2, 'c')]);
    expect(planCampaign(of).verdict).toBe('infeasible');
    const [need] = scaleInNeeds(of);
    expect(need?.instances).toBe(2);
    const gone = need?.helpfulInstanceIds.slice(0, need.instances) ?? [];
    const less = { ...of, instances: of.instances.filter(({ id }) => !gone.includes(id)) };
    expect(planCampaign(less).verdict).toBe('feasible');
    const one = { ...of, instances: of.instances.filter(({ id }) => id !== gone[0]) };
    expect(planCampaign(one).verdict).toBe('infeasible');
  });

  it('room for as many empty hosts at once as were asked for, though one after the other would do', () => {
    const of = campaign(
      [host('a'), host('b'), host('c'), host('empty')],
      [...full('a', 'b'), ...several(3, 'c')],
    );
    expect(scaleInNeeds(of)).toEqual([]);
    expect(scaleInNeeds({ ...of, parallelHosts: 2 })).toMatchObject([{ projectId: 'shop', instances: 3 }]);
    expect(planCampaign({ ...of, parallelHosts: 2 }).verdict).toBe('feasible');
  });
});
