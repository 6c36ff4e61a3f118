import { describe, expect, it } from 'vitest';
import { admitHosts, emptyHostsToBegin } from '../../../src/domain/planner/admit-hosts.ts';
import { planCampaign } from '../../../src/domain/planner/plan-campaign.ts';
import type { Campaign } from '../../../src/domain/planner/campaign.ts';
import { checkPlan } from '../../support/check-plan.ts';
import { campaign, group, host, instance, several, units } from '../../support/small-campaign.ts';

function plan(of: Campaign) {
  const made = planCampaign(of);
  expect(checkPlan(of, made)).toEqual([]);
  return made;
}

const starts = (of: Campaign) => plan(of).moves.map(({ startsAt }) => startsAt);
const admitted = (of: Campaign) => admitHosts(of).map((one) => one.host);

/** One host to be emptied, beside one that is finished. */
const oneDrain = (change: Partial<Campaign> = {}, instances = several(4, 'a')) =>
  campaign([host('a'), host('done', { progress: 'outside' })], instances, change);

describe('when moves begin', () => {
  it('all at once where nothing is limited', () => {
    expect(starts(oneDrain())).toEqual([0, 0, 0, 0]);
  });

  it('so many at once as the group bears', () => {
    expect(starts(oneDrain({ groups: [group({ slots: 2 })] }))).toEqual([0, 0, 60, 60]);
  });

  it('not before the member before has recovered', () => {
    expect(starts(oneDrain({ groups: [group({ slots: 1, recoverySeconds: 100 })] }))).toEqual([
      0, 160, 320, 480,
    ]);
  });

  it('not while a member is impacted by something else', () => {
    const instances = [...several(2, 'a'), instance('elsewhere', 'done', { impactedSeconds: 500 })];
    expect(starts(oneDrain({ groups: [group({ slots: 1 })] }, instances))).toEqual([500, 560]);
  });

  it('although the member itself is impacted', () => {
    const instances = [instance('broken', 'a', { impactedSeconds: Infinity })];
    expect(starts(oneDrain({ groups: [group({ slots: 1 })] }, instances))).toEqual([0]);
  });

  it('so many at once as a host, and as all hosts together, have streams', () => {
    expect(starts(oneDrain({ streams: { perHost: 1, total: Infinity } }))).toEqual([0, 60, 120, 180]);
    const two = campaign(
      [host('a'), host('b'), host('done', { progress: 'outside', capacity: units(8) })],
      [...several(2, 'a'), ...several(2, 'b')],
      { streams: { perHost: 2, total: 3 } },
    );
    expect(starts(two)).toEqual([0, 0, 0, 60]);
  });

  it('no sooner than the notice and its lead time; the notice is sent while others are at work', () => {
    const lead = { leadSeconds: 600 };
    expect(starts(oneDrain({}, several(2, 'a', lead)))).toEqual([600, 600]);
    const second = campaign([host('empty'), host('a')], several(2, 'a', lead));
    expect(plan(second).moves.map(({ noticeAt, startsAt }) => [noticeAt, startsAt])).toEqual([
      [400, 1000],
      [400, 1000],
    ]);
  });

  it('when the host where it goes is finished; its host is admitted shortly before', () => {
    const beside = (maintenanceSeconds: number, change: Partial<Campaign['hosts'][number]> = {}) =>
      campaign(
        [
          host('a', change),
          host('busy', { progress: 'in_maintenance', maintenanceSeconds }),
          ...Array.from({ length: 18 }, (_, k) =>
            host(`shut-${k}`, { progress: 'skipped', takesInstances: false }),
          ),
        ],
        several(2, 'a'),
        { streams: { perHost: 2, total: Infinity } },
      );
    expect(admitted(beside(600))).toEqual([]);
    expect(admitHosts(beside(1))).toEqual([{ host: 'a', targets: { 'a-0': 'busy', 'a-1': 'busy' } }]);
    expect(starts(beside(1))).toEqual([1, 1]);
    const reserved = beside(600, { progress: 'draining' });
    const instances = reserved.instances.map((one) => ({ ...one, target: 'busy' }));
    expect(starts({ ...reserved, instances })).toEqual([600, 600]);
  });

  it('with a budget that is taken from the notice on where an instance leaves by its own action', () => {
    const own = several(2, 'a', { action: 'OWN_ACTION', leadSeconds: 100 });
    const { moves } = plan(oneDrain({ groups: [group({ slots: 1 })] }, own));
    expect(moves.map(({ noticeAt, startsAt }) => [noticeAt, startsAt])).toEqual([
      [0, 100],
      [160, 260],
    ]);
    expect(moves.every(({ to }) => to === undefined)).toBe(true);
  });
});

describe('where instances go', () => {
  it('nowhere that room is still held by one that is on its way away', () => {
    const hosts = [host('a'), host('b', { progress: 'draining' }), host('done', { progress: 'outside' })];
    const moving = several(3, 'b', { target: 'done', isMoving: true });
    expect(admitted(campaign(hosts, [...several(2, 'a'), ...moving]))).toEqual([]);
    const leaving = several(3, 'done', { target: 'elsewhere', isMoving: true });
    const outside = [
      host('a'),
      host('done', { progress: 'outside' }),
      host('elsewhere', { progress: 'outside', takesInstances: false }),
    ];
    expect(admitted(campaign(outside, [...several(2, 'a'), ...leaving]))).toEqual([]);
  });

  it('to the fullest host that has room, so that large gaps stay', () => {
    const hosts = [host('a'), host('wide', { progress: 'outside' }), host('narrow', { progress: 'outside' })];
    const instances = [instance('small', 'a'), ...several(3, 'narrow')];
    expect(admitHosts(campaign(hosts, instances))).toEqual([{ host: 'a', targets: { small: 'narrow' } }]);
  });

  it('only so many of a rule to one host', () => {
    const rules = [{ id: 'apart', name: 'apart', kind: 'apart' as const, maxPerHost: 1 }];
    const hosts = [host('a'), host('x', { progress: 'outside' }), host('y', { progress: 'outside' })];
    const instances = several(2, 'a', { ruleIds: ['apart'] });
    const [admission] = admitHosts(campaign(hosts, instances, { rules }));
    expect(new Set(Object.values(admission?.targets ?? {}))).toEqual(new Set(['x', 'y']));
    // One is still leaving x: it counts until it is gone.
    const leaving = instance('old', 'x', { ruleIds: ['apart'], target: 'z', isMoving: true });
    const more = [...hosts, host('z', { progress: 'outside', capacity: units(1) })];
    expect(admitted(campaign(more, [...instances, leaving], { rules }))).toEqual([]);
  });

  it('all to one host where they must be together', () => {
    const rules = [{ id: 'pair', name: 'pair', kind: 'together' as const, maxPerHost: Infinity }];
    const hosts = [host('a'), host('x', { progress: 'outside' }), host('y', { progress: 'outside' })];
    // Three are left free on x, four on y: one by one they would fill x first.
    const instances = [...several(4, 'a', { ruleIds: ['pair'] }), instance('x-1', 'x')];
    const [admission] = admitHosts(campaign(hosts, instances, { rules }));
    expect(Object.values(admission?.targets ?? {})).toEqual(['y', 'y', 'y', 'y']);
  });

  it('to unequal hosts by what each resource leaves', () => {
    const hosts = [
      host('a'),
      host('much-disk', { progress: 'outside', capacity: { ...units(1), diskGb: 1000 } }),
      host('much-memory', { progress: 'outside', capacity: { ...units(2), diskGb: 20 } }),
    ];
    const instances = [instance('large', 'a', { size: units(2) }), instance('small', 'a')];
    expect(admitHosts(campaign(hosts, instances))[0]?.targets).toEqual({
      large: 'much-memory',
      small: 'much-disk',
    });
  });

  it('to where they can stay, as long as something is under way that will be finished', () => {
    const hosts = [host('empty', { progress: 'in_maintenance' }), host('a'), host('b')];
    const of = campaign(hosts, [...several(2, 'a'), ...several(2, 'b')]);
    expect(admitted(of)).toEqual([]);
    expect(plan(of).moves).toHaveLength(4);
  });

  it('to a host that is still to be done only for the first: all others move once', () => {
    const hosts = [host('a'), host('b'), host('c'), host('d')];
    const of = campaign(
      hosts,
      hosts.flatMap(({ name }) => several(3, name)),
    );
    const { moves, hosts: order } = plan(of);
    expect(order).toHaveLength(4);
    expect(moves).toHaveLength(12 + 3);
  });
});

describe('which hosts are admitted', () => {
  it('only those whose projects have agreed', () => {
    const of = oneDrain();
    expect(admitted(of)).toEqual(['a']);
    expect(admitted({ ...of, hosts: [host('a', { isReady: false }), ...of.hosts.slice(1)] })).toEqual([]);
  });

  it('none that carries nothing: its maintenance just begins', () => {
    const of = campaign([host('empty'), host('a')], several(4, 'a'));
    expect(admitted(of)).toEqual([]);
    expect(emptyHostsToBegin(of)).toEqual(['empty']);
  });

  it('none that expects an instance', () => {
    const hosts = [host('a', { progress: 'draining' }), host('b'), host('done', { progress: 'outside' })];
    const of = campaign(hosts, several(1, 'a', { target: 'b', isMoving: true }));
    expect(admitted(of)).toEqual([]);
    expect(emptyHostsToBegin(of)).toEqual([]);
  });

  it('so many as there is room for, all room reserved together', () => {
    const hosts = [
      host('a'),
      host('b'),
      host('c'),
      host('done', { progress: 'outside', capacity: units(6) }),
    ];
    const admissions = admitHosts(
      campaign(
        hosts,
        ['a', 'b', 'c'].flatMap((name) => several(3, name)),
      ),
    );
    expect(
      admissions.flatMap(({ targets }) => Object.values(targets)).filter((to) => to === 'done'),
    ).toHaveLength(6);
  });

  it('so many at once as parallelHosts allows, empty ones among them', () => {
    const hosts = [
      host('a'),
      host('b'),
      host('empty'),
      host('done', { progress: 'outside', capacity: units(8) }),
    ];
    const instances = [...several(2, 'a'), ...several(2, 'b')];
    expect(admitted(campaign(hosts, instances)).length).toBe(2);
    expect(admitted(campaign(hosts, instances, { parallelHosts: 2 })).length).toBe(1);
    expect(admitted(campaign(hosts, instances, { parallelHosts: 1 })).length).toBe(0);
    const order = plan(campaign(hosts, instances, { parallelHosts: 1 })).hosts;
    expect(order.map(({ endsAt }) => endsAt)).toEqual([1000, 2060, 3120]);
  });

  it('none that would not be done within the window', () => {
    expect(admitted(oneDrain({ windowSeconds: 1060 }))).toEqual(['a']);
    expect(admitted(oneDrain({ windowSeconds: 1059 }))).toEqual([]);
  });

  it('the one that can be emptied sooner, when there is room for one', () => {
    const hosts = [host('slow'), host('quick'), host('done', { progress: 'outside', capacity: units(2) })];
    const groups = [group({ slots: 1 }), group({ id: 'db', slots: 1 })];
    const instances = [
      instance('s', 'slow'),
      instance('busy', 'done', { impactedSeconds: 3000 }),
      instance('q', 'quick', { groupId: 'db' }),
    ];
    expect(admitted(campaign(hosts, instances, { groups }))).toEqual(['quick']);
  });

  it('the longest first, when all else is equal', () => {
    const hosts = [
      host('short', { maintenanceSeconds: 800 }),
      host('long', { maintenanceSeconds: 1600 }),
      host('done', { progress: 'outside', capacity: units(2) }),
    ];
    expect(admitted(campaign(hosts, [...several(2, 'short'), ...several(2, 'long')]))).toEqual(['long']);
  });
});
