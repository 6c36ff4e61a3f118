/** Each lower bound with numbers worked out by hand, and the five shapes of the facts. */
import { describe, expect, it } from 'vitest';
import { lowerBounds } from '../../../src/domain/planner/bounds/lower-bounds.ts';
import type { Campaign, CampaignHost, CampaignInstance } from '../../../src/domain/planner/campaign.ts';
import type { BoundName } from '../../../src/domain/planner/certificate.ts';
import { shapes } from '../../support/facts-shapes.ts';

const units = (count: number) => ({ vcpus: count, memoryMb: count * 1024, diskGb: count * 10 });

const host = (name: string, size: number, change: Partial<CampaignHost> = {}): CampaignHost => ({
  name,
  capacity: units(size),
  progress: 'waiting',
  takesInstances: true,
  maintenanceSeconds: 600,
  isReady: true,
  ...change,
});

let instances = 0;
const on = (name: string, size: number, change: Partial<CampaignInstance> = {}): CampaignInstance => ({
  id: `i${instances++}`,
  projectId: 'p',
  host: name,
  size: units(size),
  action: 'MIGRATE',
  moveSeconds: 60,
  isMoving: false,
  leadSeconds: 0,
  groupId: 'g',
  impactedSeconds: 0,
  ruleIds: [],
  ...change,
});

const campaign = (change: Partial<Campaign>): Campaign => ({
  hosts: [],
  instances: [],
  groups: [],
  rules: [],
  streams: { perHost: 1, total: 100 },
  ...change,
});

const seconds = (given: Campaign, name: BoundName) =>
  lowerBounds(given).find((bound) => bound.name === name)?.seconds;

describe('capacity', () => {
  it('shares the free room among the hosts: 3 hosts of 600 s with room for one at once', () => {
    const given = campaign({
      hosts: [host('a', 4), host('b', 4), host('c', 4)],
      instances: [on('a', 4), on('b', 4)],
    });
    expect(seconds(given, 'capacity')).toBe(1800);
  });

  it('counts whole hosts: 7 free units empty only one host of 4 at once', () => {
    const given = campaign({
      hosts: [host('a', 4), host('b', 4), host('c', 4)],
      instances: [on('a', 4), on('b', 1)],
    });
    expect(seconds(given, 'capacity')).toBe(1800);
  });

  it('weighs unequal hosts by their room: (8 x 1800 + 2 x 100 + 2 x 100) / 8', () => {
    const given = campaign({
      hosts: [
        host('large', 8, { maintenanceSeconds: 1800 }),
        host('small', 2, { maintenanceSeconds: 100 }),
        host('other', 2, { maintenanceSeconds: 100 }),
        host('spare', 8, { progress: 'outside' }),
      ],
      instances: [on('large', 8), on('small', 2), on('other', 2)],
    });
    expect(seconds(given, 'capacity')).toBe(1850);
  });

  it('lets three members that are kept apart need three hosts of four', () => {
    const rules = [{ id: 'r', name: 'apart', kind: 'apart' as const, maxPerHost: 1 }];
    const given = campaign({
      hosts: ['a', 'b', 'c', 'd'].map((name) => host(name, 8)),
      instances: ['a', 'b', 'c'].map((name) => on(name, 1, { ruleIds: ['r'] })),
      rules,
    });
    expect(seconds(given, 'capacity')).toBe(2400);
    expect(seconds({ ...given, rules: [] }, 'capacity')).toBe(1200);
  });

  it('takes the longest three of two at once: 900 alone, or 600 and 500 one after the other', () => {
    const given = campaign({
      hosts: [900, 600, 500].map((maintenanceSeconds, number) =>
        host(`h${number}`, 4, { maintenanceSeconds }),
      ),
      parallelHosts: 2,
    });
    expect(seconds(given, 'capacity')).toBe(1100);
  });

  it('counts only what is left of a maintenance, and nothing of hosts that are done or skipped', () => {
    const given = campaign({
      hosts: [
        host('a', 4, { progress: 'in_maintenance', maintenanceSeconds: 100 }),
        host('b', 4, { progress: 'maintained' }),
        host('c', 4, { progress: 'skipped' }),
      ],
      instances: [on('b', 4), on('c', 4)],
    });
    expect(seconds(given, 'capacity')).toBe(100);
  });

  it('does not count the room of a host that takes no instances', () => {
    const spare = host('spare', 4, { progress: 'outside' });
    const hosts = [host('a', 4), host('b', 4), spare];
    const given = campaign({ hosts, instances: [on('a', 4)] });
    expect(seconds(given, 'capacity')).toBe(600);
    const closed = [...hosts.slice(0, 2), { ...spare, takesInstances: false }];
    expect(seconds({ ...given, hosts: closed }, 'capacity')).toBe(1200);
  });
});

describe('group', () => {
  const groups = [{ id: 'g', name: 'g', projectId: 'p', slots: 2, recoverySeconds: 120 }];
  const hosts = [host('a', 8), host('b', 8), host('c', 8, { maintenanceSeconds: 300 })];
  const members = ['a', 'a', 'b', 'b', 'c'].map((name) => on(name, 1));

  it('ceil(5 / 2) x (60 + 120) - 120, and the shortest maintenance of their hosts', () => {
    // All five: 420 + 300; the four on the longer maintenances alone: 240 + 600.
    expect(seconds(campaign({ hosts, instances: members, groups }), 'group')).toBe(840);
    const even = hosts.map((one) => ({ ...one, maintenanceSeconds: 600 }));
    expect(seconds(campaign({ hosts: even, instances: members, groups }), 'group')).toBe(1020);
  });

  it('adds the notice of members that leave by themselves: their impact begins with it', () => {
    const own = members.map((one) => ({ ...one, action: 'OWN_ACTION' as const, leadSeconds: 30 }));
    const even = hosts.map((one) => ({ ...one, maintenanceSeconds: 600 }));
    expect(seconds(campaign({ hosts: even, instances: own, groups }), 'group')).toBe(1110);
  });

  it('gives a slot to a member that is broken for good', () => {
    const even = hosts.map((one) => ({ ...one, maintenanceSeconds: 600 }));
    const [first, ...rest] = members;
    const broken = [...(first === undefined ? [] : [{ ...first, impactedSeconds: Infinity }]), ...rest];
    expect(seconds(campaign({ hosts: even, instances: broken, groups }), 'group')).toBe(4 * 180 - 120 + 600);
  });
});

describe('host', () => {
  it('adds lead, moves by its streams, and maintenance: 100 + ceil(3 / 2) x 60 + 600', () => {
    const given = campaign({
      hosts: [host('a', 8), host('b', 8)],
      instances: [1, 1, 1].map((size) => on('a', size, { leadSeconds: 100 })),
      streams: { perHost: 2, total: 100 },
    });
    expect(seconds(given, 'host')).toBe(820);
  });

  it('waits for the slots of a group on one host: 3 x (60 + 40) - 40 + 600', () => {
    const given = campaign({
      hosts: [host('a', 8), host('b', 8)],
      instances: [on('a', 1), on('a', 1), on('a', 1)],
      groups: [{ id: 'g', name: 'g', projectId: 'p', slots: 1, recoverySeconds: 40 }],
      streams: { perHost: 8, total: 100 },
    });
    expect(seconds(given, 'host')).toBe(860);
  });

  it('takes the one whose lead time is longest: max(60 + 60, 500) + 60 + 600', () => {
    const given = campaign({
      hosts: [host('a', 8), host('b', 8)],
      instances: [on('a', 1), on('a', 1), on('a', 1, { leadSeconds: 500 })],
    });
    expect(seconds(given, 'host')).toBe(1160);
  });
});

describe('streams', () => {
  it('6 moves of 60 s, 2 at once in all, and a maintenance', () => {
    const given = campaign({
      hosts: [host('a', 8), host('b', 8), host('c', 8)],
      instances: ['a', 'b', 'c'].flatMap((name) => [on(name, 1), on(name, 1)]),
      streams: { perHost: 2, total: 2 },
    });
    expect(seconds(given, 'streams')).toBe(780);
  });

  it('is bound by the streams of the hosts that are emptied, where those are fewer', () => {
    const given = campaign({
      hosts: [host('a', 8), host('b', 8)],
      instances: [on('a', 1), on('a', 1), on('a', 1)],
      streams: { perHost: 1, total: 100 },
    });
    expect(seconds(given, 'streams')).toBe(780);
  });
});

describe('window', () => {
  it('appears only where there is a window, and says whether it is long enough', () => {
    const given = campaign({ hosts: [host('a', 4)] });
    expect(seconds(given, 'window')).toBeUndefined();
    const [because] = lowerBounds({ ...given, windowSeconds: 300 }).flatMap((bound) =>
      bound.name === 'window' ? [bound.because] : [],
    );
    expect(because).toContain('not all of it can be done');
    expect(seconds({ ...given, windowSeconds: 900 }, 'window')).toBe(600);
  });
});

describe('slot-time', () => {
  it('adds what moving instances take twice and what hosts lose while they are emptied', () => {
    // Three hosts of 2, two of them full, 1200 s; one stream: a host being emptied holds 1 of 2 for the last move. Maintenance takes
    // 3 x 2 x 1200, moving 4 x 60, two ramps 60 each (one host may have begun before); 2 are free.
    const hosts = ['a', 'b', 'c'].map((name) => host(name, 2, { maintenanceSeconds: 1200 }));
    const given = campaign({ hosts, instances: ['a', 'a', 'b', 'b'].map((name) => on(name, 1)) });
    expect(seconds(given, 'slot_time')).toBe((7200 + 240 + 120) / 2);
  });

  it('takes account of the time before anything may move', () => {
    const hosts = ['a', 'b'].map((name) => host(name, 4, { maintenanceSeconds: 1200 }));
    const given = campaign({ hosts, instances: [on('a', 2), on('b', 2)] });
    const late = given.instances.map((one) => ({ ...one, leadSeconds: 500 }));
    const without = seconds(given, 'slot_time') ?? 0;
    expect(without).toBeGreaterThan(2400);
    expect(seconds({ ...given, instances: late }, 'slot_time')).toBe(without + 500);
  });

  it('lets a host be emptied of its largest instances last, even of strangers', () => {
    const small = ['a', 'a', 'a', 'a'].map((name) => on(name, 1));
    const hosts = ['a', 'b', 'c'].map((name) => host(name, 4, { maintenanceSeconds: 1200 }));
    const equal = campaign({
      hosts,
      instances: [...small, ...['b', 'b', 'b', 'b'].map((name) => on(name, 1))],
    });
    const mixed = campaign({ hosts, instances: [...small, on('b', 4)] });
    expect(seconds(mixed, 'slot_time')).toBeLessThan(seconds(equal, 'slot_time') ?? 0);
  });
});

describe('the shapes of the facts', () => {
  /**
   * Of H hosts E are empty, each takes 8 slots for 1200 s in the mean; 8 moves of 60 s from each full one; a ramp of 6 + 4 + 2
   * slot-minutes by 2 streams on all but those E that may begin at once; 8 E slots are free.
   */
  it.each([
    [0, 40, 4],
    [1, 40, 4],
    [2, 40, 8],
    [3, 200, 20],
    [4, 200, 20],
  ])('%i: %i hosts, %i empty', (number, hosts, empty) => {
    const given = shapes()[number]?.campaign ?? campaign({});
    const full = hosts - empty;
    const minutes = (hosts * 8 * 20 + full * 8 + full * 12) / (8 * empty);
    expect((seconds(given, 'slot_time') ?? 0) / 60).toBeCloseTo(minutes, 6);
    expect((seconds(given, 'capacity') ?? 0) / 60).toBeCloseTo((hosts * 20) / empty, 6);
    expect(lowerBounds(given)[0]?.name).toBe('slot_time');
  });

  it('comes to 222.5 min for the first', () => {
    expect((seconds(shapes()[0]?.campaign ?? campaign({}), 'slot_time') ?? 0) / 60).toBeCloseTo(222.5, 6);
  });
});
