import { describe, expect, it } from 'vitest';
import type { InstanceConstraint, InstanceGroupConstraint } from '../../../src/domain/constraint.ts';
import { foldSession } from '../../../src/domain/fold-session.ts';
import type { Session } from '../../../src/domain/session.ts';
import { PlanUnusable } from '../../../src/engine/maintenance-service.ts';
import { askedInstance, type Notice } from '../../support/engine-bench.ts';
import { impacts, mostImpacted, registerGroup, registerInstance } from '../../support/registered-limits.ts';
import { isAboutHost, openHosts, row, VnfStage } from '../../support/vnf-stage.ts';

const ids = (count: number) => Array.from({ length: count }, (_, index) => `app-${index + 1}`);
const only = { hosts: ['compute-1'] };

/** Members of one group on `compute-1`, and `outside`, which is no host of the session, with room for all. A move takes 20 s. */
async function crowd(
  count: number,
  group: Partial<InstanceGroupConstraint> = {},
  settings: ConstructorParameters<typeof VnfStage>[0] = {},
): Promise<VnfStage> {
  const stage = new VnfStage({ parallelMoves: 10, ...settings });
  stage.cloud.moveSeconds = 20;
  stage.cloud.addHost('compute-1', count);
  stage.cloud.addHost('outside', 2 * count);
  for (const id of ids(count)) stage.cloud.addInstance(id, 'compute-1');
  await registerGroup(stage, 'group', ids(count), group);
  return stage;
}

/** The starts of all moves, in seconds after the first. */
function starts(stage: VnfStage): readonly number[] {
  const all = impacts(stage).map(({ from }) => from / 1000);
  return all.map((at) => at - (all[0] ?? 0));
}

async function groupOf(stage: VnfStage): Promise<InstanceGroupConstraint> {
  return (await stage.constraints.find('instance_group', ['group']))[0] as InstanceGroupConstraint;
}

const seconds = (from: number, to: unknown) => (Date.parse(`${String(to)}Z`) - from) / 1000;

/** Runs until the first move has begun. */
async function begun(stage: VnfStage, request: Parameters<VnfStage['begin']>[0] = only): Promise<string> {
  const sessionId = await stage.begin(request);
  await stage.clock.runUntil(() => impacts(stage).length > 0);
  return sessionId;
}

describe('lead_time', () => {
  it.each([
    [40, 90],
    [90, 40],
  ])('of instance (%i s) and group (%i s): the longer is the window of the notice', async (own, groups) => {
    const stage = await crowd(1, { leadSeconds: groups });
    await registerInstance(stage, 'app-1', 'group', { leadSeconds: own });
    expect((await stage.play(only)).failure).toBeUndefined();
    const [notice] = stage.noticesFor('app-1') as [Notice];
    expect(seconds(Math.floor(notice.at / 1000) * 1000, notice.payload['reply_at'])).toBe(90);
    expect(notice.payload['actions_at']).toBe(notice.payload['reply_at']);
  });

  it('of the group holds for one of which nobody has heard a word', async () => {
    const stage = await crowd(1, { leadSeconds: 300 }, { sends: 1 });
    stage.answers = (notice) => (isAboutHost(notice) ? 'silence' : undefined);
    expect((await stage.play({ ...only, failurePolicy: 'force' })).failure).toBeUndefined();
    const [asked = 0] = stage.noticesFor('app-1').map(({ at }) => at / 1000);
    expect(stage.startsOf('app-1')[0]).toBeGreaterThanOrEqual(asked + 300);
  });
});

describe('limits of a group whose members are on hosts that are worked on at once', () => {
  async function spread(maxImpactedMembers: number): Promise<VnfStage> {
    const stage = await row(4, { parallelMoves: 4 }, 4);
    for (const n of [1, 2, 3, 4]) {
      stage.cloud.addInstance(`member-${n}`, `compute-${n}`);
    }
    await registerGroup(stage, 'members', members, { maxImpactedMembers, recoverySeconds: 60 });
    return stage;
  }
  const members = ['member-1', 'member-2', 'member-3', 'member-4'];

  it('max_impacted_members and recovery_time: each waits for the one before to have recovered', async () => {
    const stage = await spread(1);
    expect((await stage.play()).failure).toBeUndefined();
    expect(mostImpacted(stage, members, 60)).toBe(1);
    const times = stage.startsOf(...members);
    times.slice(1).forEach((time, index) => expect(time - (times[index] ?? 0)).toBeGreaterThanOrEqual(80));
  });

  it('two at once where the group bears two', async () => {
    const stage = await spread(2);
    expect((await stage.play()).failure).toBeUndefined();
    expect(mostImpacted(stage, members, 60)).toBe(2);
  });
});

describe('a table by size', () => {
  it('maxImpactedBySize: the row of the group’s size counts', async () => {
    const table = [
      { groupSize: 2, members: 1 },
      { groupSize: 4, members: 2 },
      { groupSize: 8, members: 4 },
    ];
    const stage = await crowd(4, { maxImpactedBySize: table, maxImpactedMembers: 4 });
    expect((await stage.play(only)).failure).toBeUndefined();
    expect(starts(stage)).toEqual([0, 0, 20, 20]);
  });

  it('minPreservedBySize: so many stay untouched', async () => {
    const stage = await crowd(4, {
      minPreservedBySize: [{ groupSize: 8, members: 3 }],
      maxImpactedMembers: 4,
    });
    expect((await stage.play(only)).failure).toBeUndefined();
    expect(starts(stage)).toEqual([0, 20, 40, 60]);
  });

  it('follows a group that shrinks in the session', async () => {
    const stage = await crowd(6, {
      minPreservedBySize: [{ groupSize: 8, members: 3 }],
      maxImpactedMembers: 6,
    });
    // Six bear three at once; with five there are two, with four one.
    stage.answers = (notice) => {
      if (notice.state === 'MAINTENANCE') for (const id of ['app-5', 'app-6']) stage.cloud.delete(id);
      return undefined;
    };
    expect((await stage.play(only)).failure).toBeUndefined();
    expect(starts(stage)).toEqual([0, 20, 40, 60]);
  });

  it('follows one that shrinks while its members are moved', async () => {
    const stage = await crowd(6, {
      minPreservedBySize: [{ groupSize: 8, members: 4 }],
      maxImpactedMembers: 6,
    });
    const sessionId = await begun(stage);
    expect(starts(stage)).toEqual([0, 0]);
    await stage.clock.runUntil(() => starts(stage).length === 4);
    const left = ids(6).find((id) => stage.startsOf(id).length === 0) ?? '';
    stage.cloud.delete(left);
    expect((await stage.finish(sessionId)).failure).toBeUndefined();
    expect(starts(stage)).toEqual([0, 0, 20, 20, 40]);
  });
});

describe('placement', () => {
  /** The most of `count` members that any other host than `compute-1` carried at any time. */
  async function mostTogether(count: number, group: Partial<InstanceGroupConstraint>): Promise<number> {
    const stage = await crowd(count, { maxImpactedMembers: count, ...group });
    for (const name of ['b', 'c', 'd']) stage.cloud.addHost(name, 2 * count);
    expect((await stage.play(only)).failure).toBeUndefined();
    let most = 0;
    const carried = new Map<string, number>();
    for (const { what, host } of stage.cloud.records) {
      if (what !== 'moved') continue;
      carried.set(host, (carried.get(host) ?? 0) + 1);
      most = Math.max(most, carried.get(host) ?? 0);
    }
    return most;
  }

  it('max_instances_per_host holds for the targets', async () => {
    expect(await mostTogether(6, { maxInstancesPerHost: 2 })).toBe(2);
  });

  it('anti_affinity_group keeps members on distinct hosts', async () => {
    expect(await mostTogether(4, { antiAffinity: true })).toBe(1);
  });

  it('without either they go where there is room', async () => {
    expect(await mostTogether(6, {})).toBeGreaterThan(2);
  });
});

describe('how an instance is moved', () => {
  const actions = (stage: VnfStage) =>
    stage.cloud.records.flatMap(({ what, action }) => (what === 'move_started' ? [action] : []));
  const only1 = (stage: VnfStage, change: Partial<InstanceConstraint>) =>
    registerInstance(stage, 'app-1', 'group', change);

  it.each(['MIGRATE', 'LIVE_MIGRATE'] as const)(
    'migration_type stands in for a reply that names none: %s',
    async (type) => {
      const stage = await crowd(1);
      await only1(stage, { migrationType: type });
      expect((await stage.play(only)).failure).toBeUndefined();
      expect(actions(stage)).toEqual([type]);
    },
  );

  it('migrationPreference comes before it, and is what the notice allows', async () => {
    const stage = await crowd(1);
    await only1(stage, { migrationType: 'MIGRATE', migrationPreference: ['LIVE_MIGRATE', 'MIGRATE'] });
    expect((await stage.play(only)).failure).toBeUndefined();
    expect(actions(stage)).toEqual(['LIVE_MIGRATE']);
    expect(stage.noticesFor('app-1')[0]?.payload['allowed_actions']).toEqual(['LIVE_MIGRATE', 'MIGRATE']);
  });

  it('max_interruption_time breaks a live migration off; the next preference follows', async () => {
    const stage = await crowd(1);
    stage.cloud.liveSeconds = 200;
    await only1(stage, { maxInterruptionSeconds: 50, migrationPreference: ['LIVE_MIGRATE', 'MIGRATE'] });
    expect((await stage.play(only)).failure).toBeUndefined();
    expect(actions(stage)).toEqual(['LIVE_MIGRATE', 'MIGRATE']);
    const [live] = impacts(stage);
    expect(((live?.to ?? 0) - (live?.from ?? 0)) / 1000).toBe(50);
  });

  it('with live migration as the only way nothing follows: the session says so', async () => {
    const stage = await crowd(1);
    stage.cloud.liveSeconds = 200;
    await only1(stage, {
      migrationType: 'LIVE_MIGRATE',
      maxInterruptionSeconds: 50,
      migrationPreference: ['LIVE_MIGRATE'],
    });
    expect((await stage.play(only)).failure).toMatch(
      /app-1 \(app-1\) could not leave host compute-1 by LIVE_MIGRATE/,
    );
    expect(actions(stage)).toEqual(['LIVE_MIGRATE']);
  });
});

describe('resource_mitigation', () => {
  /** `app-1` acts by itself; there is room for one instance besides. */
  async function ownAction(resourceMitigation: boolean): Promise<VnfStage> {
    const stage = await row(2, {}, 1);
    await registerInstance(stage, 'app-1', 'group-1', {
      projectId: 'project-1',
      migrationType: 'OWN_ACTION',
      resourceMitigation,
    });
    stage.answers = (notice) => {
      if (!isAboutHost(notice) || askedInstance(notice) !== 'app-1') return undefined;
      stage.clock.at(notice.at + 30_000, () => {
        if (!stage.cloud.takeAway('app-1')) stage.cloud.delete('app-1');
      });
      return { afterSeconds: 5 };
    };
    return stage;
  }

  async function admissionOf(stage: VnfStage, host: string) {
    for (const { at, event } of await stage.told('session-1'))
      if (event.type === 'host_admitted' && event.host === host) return { at, targets: event.targets };
    throw new Error(`${host} was not admitted`);
  }

  it('has an application asked that acts by itself once room for its replacement is reserved', async () => {
    const stage = await ownAction(true);
    expect((await stage.play()).failure).toBeUndefined();
    const { at, targets } = await admissionOf(stage, 'compute-1');
    expect(Object.keys(targets)).toEqual(['app-1']);
    expect(stage.noticesFor('app-1')[0]?.at).toBeGreaterThanOrEqual(at);
    // Nobody took that room: it found some.
    expect(stage.cloud.instances.has('app-1')).toBe(true);
  });

  it('without it: asked as all others, and no room is held', async () => {
    const stage = await ownAction(false);
    expect((await stage.play()).failure).toBeUndefined();
    const { at, targets } = await admissionOf(stage, 'compute-1').catch(() => ({
      at: Infinity,
      targets: {},
    }));
    expect(targets).toEqual({});
    expect(stage.noticesFor('app-1')[0]?.at).toBeLessThanOrEqual(at);
  });
});

describe('settings.missingConstraints', () => {
  it('refuse: names every instance about which nothing is registered, before anything is touched', async () => {
    const stage = await crowd(1, {}, { missingConstraints: 'refuse' });
    stage.cloud.addInstance('bare-1', 'compute-1', 'project-2');
    stage.cloud.addInstance('bare-2', 'compute-1', 'project-3');
    const { failure } = await stage.play(only);
    expect(failure).toBe(
      'no constraints are registered for bare-1 (bare-1) of project project-2, bare-2 (bare-2) of project project-3: ' +
        'register them, or set the option workflow.missing_constraints to careful',
    );
    expect(stage.cloud.records).toEqual([]);
    expect(stage.notices).toEqual([]);
  });

  it('refuse: goes on where all is registered', async () => {
    const stage = await crowd(2, {}, { missingConstraints: 'refuse' });
    expect((await stage.play(only)).failure).toBeUndefined();
  });
});

describe('parallelHosts', () => {
  /** The most hosts that were being emptied or maintained at once. */
  async function mostAtWork(stage: VnfStage): Promise<number> {
    let most = 0;
    let session: Session | undefined;
    for (const entry of await stage.journal.read('session-1')) {
      session = foldSession(session, entry);
      const busy = session.hosts.filter(
        ({ progress }) => progress === 'draining' || progress === 'in_maintenance',
      );
      most = Math.max(most, busy.length);
    }
    return most;
  }

  it.each([1, 2])('caps how many hosts are worked on at once: %i', async (parallelHosts) => {
    const stage = await row(5, {}, 4);
    expect((await stage.play({ parallelHosts })).failure).toBeUndefined();
    expect(await mostAtWork(stage)).toBe(parallelHosts);
  });

  it('absent: as many as there is room for', async () => {
    const stage = await row(5, {}, 4);
    expect((await stage.play()).failure).toBeUndefined();
    expect(await mostAtWork(stage)).toBeGreaterThan(2);
  });

  it.each([
    [1, 0],
    [2, 2],
  ])('asks for room for that many: %i need %i instances to go', async (parallelHosts, gone) => {
    // All hosts are full but one.
    const stage = await row(3);
    for (const n of [1, 2, 3]) {
      stage.cloud.addInstance(`more-${n}`, `compute-${n}`, `project-${n}`);
      await registerGroup(stage, `more-${n}`, [`more-${n}`], { projectId: `project-${n}` });
    }
    expect((await stage.play({ parallelHosts })).failure).toBeUndefined();
    const asked = stage.notices.filter(({ state }) => state === 'SCALE_IN');
    const amounts = asked.map(
      ({ payload }) => (payload['metadata'] as { scale_in_instances?: number }).scale_in_instances ?? 0,
    );
    expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(gone);
    expect(6 - stage.cloud.instances.size).toBe(gone);
    expect(await mostAtWork(stage)).toBe(parallelHosts);
  });
});

describe('a constraint that changes in the middle of a session', () => {
  it('raised: more begin at once', async () => {
    const stage = await crowd(4);
    const sessionId = await begun(stage);
    await stage.pass(5);
    expect(starts(stage)).toEqual([0]);
    await stage.change({ ...(await groupOf(stage)), maxImpactedMembers: 3 });
    expect((await stage.finish(sessionId)).failure).toBeUndefined();
    expect(starts(stage)).toEqual([0, 5, 5, 20]);
  });

  it('lowered: nothing begins until the group is below it', async () => {
    const stage = await crowd(4, { maxImpactedMembers: 2 });
    stage.cloud.secondsOf.set('app-1', 50);
    const sessionId = await begun(stage);
    await stage.change({ ...(await groupOf(stage)), maxImpactedMembers: 1 });
    expect((await stage.finish(sessionId)).failure).toBeUndefined();
    expect(starts(stage)).toEqual([0, 0, 50, 70]);
  });

  it('lowered to 0 and raised again: they wait, and go on', async () => {
    const stage = await crowd(3);
    stage.cloud.secondsOf.set('app-1', 200);
    const sessionId = await begun(stage);
    await stage.change({ ...(await groupOf(stage)), maxImpactedMembers: 0 });
    await stage.pass(100);
    await stage.change({ ...(await groupOf(stage)), maxImpactedMembers: 2 });
    expect((await stage.finish(sessionId)).failure).toBeUndefined();
    expect(starts(stage)).toEqual([0, 100, 120]);
  });

  it('lowered to 0 for good: what is under way ends, and the session says why it cannot go on', async () => {
    const stage = await crowd(2);
    const sessionId = await begun(stage);
    await stage.change({ ...(await groupOf(stage)), maxImpactedMembers: 0 });
    const session = await stage.finish(sessionId);
    expect(session.failure).toBe(
      'group the group (group) has max_impacted_members 0: none of its instances may ever be moved',
    );
    expect(starts(stage)).toEqual([0]);
  });

  it('withdrawn: the most careful limits count', async () => {
    const stage = await crowd(4, { maxImpactedMembers: 2 });
    const sessionId = await begun(stage);
    await stage.withdraw('instance_group', 'project-1', 'group');
    expect((await stage.finish(sessionId)).failure).toBeUndefined();
    expect(starts(stage)).toEqual([0, 0, 20, 40]);
  });

  it('recovery_time counts for what ended before', async () => {
    const stage = await crowd(2);
    const sessionId = await begun(stage);
    await stage.change({ ...(await groupOf(stage)), recoverySeconds: 300 });
    expect((await stage.finish(sessionId)).failure).toBeUndefined();
    expect(starts(stage)).toEqual([0, 320]);
  });
});

describe('while the world moves', () => {
  it('an instance that fails on its own uses up its group’s budget', async () => {
    const stage = await crowd(4, { maxImpactedMembers: 2 });
    stage.cloud.addInstance('broken', 'outside');
    await registerInstance(stage, 'broken', 'group');
    stage.answers = ({ state }) => {
      if (state === 'MAINTENANCE')
        Object.assign(stage.cloud.instances.get('broken') ?? {}, { state: 'error' });
      return undefined;
    };
    expect((await stage.play(only)).failure).toBeUndefined();
    expect(starts(stage)).toEqual([0, 20, 40, 60]);
  });

  it('instances appear and vanish while hosts overlap', async () => {
    const stage = await row(4, {}, 4);
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => stage.startsOf('app-1', 'app-2', 'app-3', 'app-4').length > 0);
    const { hosts } = stage.engine.get(sessionId);
    const waiting = hosts.filter(
      ({ progress }) => progress !== 'in_maintenance' && progress !== 'maintained',
    );
    for (const { name } of waiting) stage.cloud.addInstance(`late-${name}`, name, 'project-1');
    const unmoved = ['app-1', 'app-2', 'app-3', 'app-4'].find((id) => stage.startsOf(id).length === 0);
    if (unmoved !== undefined) stage.cloud.delete(unmoved);
    const session = await stage.finish(sessionId);
    expect(session.failure).toBeUndefined();
    for (const { name } of waiting) expect(stage.startsOf(`late-${name}`)).toHaveLength(1);
    expect(session.hosts.every(({ progress }) => progress === 'maintained')).toBe(true);
  });

  it('an instance is not lost when its reserved place goes down', async () => {
    const stage = await crowd(1);
    stage.cloud.addHost('outside-2', 2);
    const sessionId = await stage.begin(only);
    await stage.untilProgress(sessionId, 'compute-1', 'draining');
    const target = stage.engine.get(sessionId).hosts[0]?.reservations?.['app-1'] ?? '';
    const host = stage.cloud.hosts.get(target);
    if (host !== undefined) Object.assign(host, { up: false });
    for (const [id, instance] of stage.cloud.instances)
      if (instance.host !== 'compute-1') stage.cloud.delete(id);
    const session = await stage.finish(sessionId);
    expect(session.state === 'MAINTENANCE_DONE' || session.failure !== undefined).toBe(true);
    expect(stage.cloud.instances.has('app-1')).toBe(true);
  });

  it('a host that goes down is left aside with the reason, the others are done', async () => {
    const stage = await row(3);
    const sessionId = await stage.begin({ failurePolicy: 'skip' });
    await stage.untilProgress(sessionId, 'spare', 'in_maintenance');
    const host = stage.cloud.hosts.get('compute-3');
    if (host !== undefined) host.up = false;
    const session = await stage.finish(sessionId);
    expect(session.failure).toBeUndefined();
    expect(session.hosts.find(({ name }) => name === 'compute-3')).toMatchObject({
      progress: 'skipped',
      skipReason: expect.stringContaining('is down') as unknown,
    });
    expect(session.hosts.filter(({ progress }) => progress === 'maintained')).toHaveLength(3);
  });

  it('a reserved place that others take is replaced by another', async () => {
    const stage = await crowd(2, { maxImpactedMembers: 1 });
    stage.cloud.addHost('outside-2', 4);
    const sessionId = await begun(stage);
    const reserved = Object.values(stage.engine.get(sessionId).hosts[0]?.reservations ?? {});
    for (const name of new Set(reserved)) {
      const room = 4 - stage.cloud.on(name).length;
      for (let n = 0; n < room; n += 1) stage.cloud.addInstance(`tenant-${name}-${n}`, name, 'project-9');
    }
    const session = await stage.finish(sessionId);
    expect(session.failure).toBeUndefined();
    expect(stage.cloud.on('compute-1')).toEqual([]);
  });

  it('a notice that was given stands: nobody is told twice, whatever is planned anew', async () => {
    const stage = await row(4);
    stage.answers = (notice) => (isAboutHost(notice) ? { afterSeconds: 20 } : undefined);
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => stage.notices.filter(isAboutHost).length > 0);
    stage.cloud.addInstance('tenant', 'spare', 'project-9');
    stage.cloud.addHost('new', 1);
    const { projectId } = stage.notices.find(isAboutHost) as Notice;
    const groupId = `group-${projectId.slice(-1)}`;
    const [group] = await stage.constraints.find('instance_group', [groupId]);
    if (group?.kind === 'instance_group') await stage.change({ ...group, recoverySeconds: 30 });
    expect((await stage.finish(sessionId)).failure).toBeUndefined();
    for (const id of ids(4)) {
      const notices = stage.noticesFor(id);
      const left = stage.cloud.records.filter(({ what, subject }) => what === 'moved' && subject === id);
      // One for each host that it had to leave.
      expect(notices).toHaveLength(left.length);
      notices.forEach(({ at }, index) =>
        expect(stage.startsOf(id)[index]).toBeGreaterThanOrEqual(at / 1000 + 20),
      );
    }
  });

  it('a host that still waits stays open while instances come to it, and they are asked anew when it is its turn', async () => {
    const stage = new VnfStage();
    stage.cloud.moveSeconds = 20;
    for (const name of ['compute-1', 'compute-2']) {
      stage.cloud.addHost(name, 6);
      stage.maintenanceSeconds.set(name, 100);
    }
    for (const id of ids(3)) stage.cloud.addInstance(id, 'compute-1');
    for (const id of ['app-4', 'app-5', 'app-6', 'app-7']) stage.cloud.addInstance(id, 'compute-2');
    // One after the other, so that some have arrived while others still wait for their turn.
    await registerGroup(stage, 'group', ids(7), { recoverySeconds: 60, maxInstancesPerHost: 7 });
    stage.cloud.delete('app-7');
    expect((await stage.play()).failure).toBeUndefined();
    const startOf = (host: string) =>
      stage.hostNotices.find((notice) => notice.host === host && notice.state === 'IN_MAINTENANCE')?.at ?? 0;
    const second = startOf('compute-1') < startOf('compute-2') ? 'compute-2' : 'compute-1';
    const first = second === 'compute-1' ? 'compute-2' : 'compute-1';
    const closedAt = stage.cloud.records.find(
      ({ what, subject }) => what === 'close' && subject === second,
    )?.at;
    expect(closedAt).toBeGreaterThanOrEqual(startOf(first));
    // Early enough for its turn, and no earlier: its lead time is 25 s.
    const firstDone = stage.hostNotices.find(
      ({ host, state }) => host === first && state === 'MAINTENANCE_COMPLETE',
    );
    for (const { at } of ['app-4', 'app-5', 'app-6'].flatMap((id) => stage.noticesFor(id).slice(0, 1)))
      if (first === 'compute-1') expect(at).toBeGreaterThanOrEqual((firstDone?.at ?? 0) - 30_000);
    for (const id of ids(6)) {
      const left = stage.cloud.records.filter(({ what, subject }) => what === 'moved' && subject === id);
      expect({ id, notices: stage.noticesFor(id).length }).toEqual({ id, notices: left.length });
    }
  });
});

describe('what is closed', () => {
  it('is a host whose projects were told: not every compute for the whole campaign', async () => {
    const stage = await row(6);
    const session = await stage.play();
    expect(session.failure).toBeUndefined();
    const closings = stage.cloud.records.filter(({ what }) => what === 'close');
    for (const { at, subject } of closings) {
      const own = `app-${subject.slice(-1)}`;
      if (subject !== 'spare') expect(stage.noticesFor(own)[0]?.at).toBeLessThanOrEqual(at);
    }
    const firstEnd = Math.min(
      ...session.hosts.map(({ maintenanceEndedAt = Infinity }) => maintenanceEndedAt),
    );
    expect(closings.filter(({ at }) => at < firstEnd).length).toBeLessThan(7);
    expect(openHosts(stage)).toHaveLength(7);
  });
});

describe('the state that is shown', () => {
  it('is PREPARE until a host is maintained, then PLANNED while notices are pending, else START', async () => {
    const stage = await row(4);
    stage.answers = (notice) => (isAboutHost(notice) ? { afterSeconds: 15 } : undefined);
    const sessionId = await stage.begin();
    const working = /^(PREPARE|PLANNED|START)_/;
    await stage.clock.runUntil(() => working.test(stage.engine.get(sessionId).state));
    const seen = new Set<string>();
    while (working.test(stage.engine.get(sessionId).state)) {
      const { state, hosts, instances } = stage.engine.get(sessionId);
      const unfinished = new Set(
        hosts
          .filter(({ progress }) => progress === 'waiting' || progress === 'draining')
          .map(({ name }) => name),
      );
      const isPending = [...instances.values()].some(
        ({ host = '', question }) =>
          unfinished.has(host) && question !== undefined && question.answer === undefined,
      );
      const isPrepared = hosts.some(({ progress }) => progress === 'maintained');
      const expected = isPrepared ? (isPending ? 'PLANNED' : 'START') : 'PREPARE';
      expect(state).toBe(`${expected}_MAINTENANCE`);
      seen.add(state);
      await stage.pass(1);
    }
    expect([...seen].toSorted()).toEqual(['PLANNED_MAINTENANCE', 'PREPARE_MAINTENANCE', 'START_MAINTENANCE']);
  });
});

describe('the plan of a session', () => {
  it('is there from the first admission on, with makespan and certificate', async () => {
    const stage = await row(3);
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => {
      const { hosts } = stage.engine.get(sessionId);
      return hosts.some(
        ({ admittedAt, maintenanceStartedAt }) => (admittedAt ?? maintenanceStartedAt) !== undefined,
      );
    });
    const { plan } = stage.engine.get(sessionId);
    expect(plan?.plan.verdict).toBe('feasible');
    expect(plan?.plan.makespanSeconds).toBeGreaterThan(0);
    const { lowerBoundSeconds = 0, makespanSeconds } = plan?.plan.certificate ?? {};
    expect(makespanSeconds).toBe(plan?.plan.makespanSeconds);
    expect(lowerBoundSeconds).toBeLessThanOrEqual(plan?.plan.makespanSeconds ?? 0);
    const session = await stage.finish(sessionId);
    // The one that the session began with stays.
    expect(session.plan).toEqual(plan);
  });

  it('stays the one that it began with, whatever is planned later', async () => {
    const stage = await crowd(2);
    const sessionId = await begun(stage);
    const { plan } = stage.engine.get(sessionId);
    await stage.change({ ...(await groupOf(stage)), maxImpactedMembers: 0 });
    const session = await stage.finish(sessionId);
    expect(session.latestPlan?.sequence).toBeGreaterThan(plan?.sequence ?? Infinity);
    expect(session.plan).toEqual(plan);
  });

  /** A stage with a stored plan that was made for it; told from others by its makespan. */
  async function planned(settings = {}, hosts = 3): Promise<VnfStage> {
    const first = await row(3);
    const { plan: made, request } = await first.play();
    if (made === undefined) throw new Error('there is no plan');
    const stage = await row(hosts, settings);
    await stage.plans.put({
      id: 'plan-1',
      createdAt: 0,
      request,
      status: 'finished',
      campaign: made.campaign,
      plan: { ...made.plan, makespanSeconds: 12_345 },
    });
    return stage;
  }

  it('is the one that the admin named, where that holds', async () => {
    const stage = await planned();
    const session = await stage.play({ planId: 'plan-1' });
    expect(session.failure).toBeUndefined();
    expect(session.plan?.drift).toEqual([]);
    expect(session.plan?.plan.makespanSeconds).toBe(12_345);
  });

  it('is made anew where the cloud has drifted from that; the drift is kept', async () => {
    const stage = await planned({ planDrift: 'replan' }, 4);
    const session = await stage.play({ planId: 'plan-1' });
    expect(session.failure).toBeUndefined();
    expect(session.plan?.drift.join()).toContain('compute-4');
    expect(session.plan?.plan.makespanSeconds).not.toBe(12_345);
  });

  it('fails the session where the deployment wants that, before any host is touched', async () => {
    const stage = await planned({ planDrift: 'fail' }, 4);
    const session = await stage.play({ planId: 'plan-1' });
    expect(session.failure).toMatch(/^the cloud has drifted from plan plan-1: .*compute-4/);
    expect(stage.cloud.records).toEqual([]);
  });

  it('is made anew where that was deleted meanwhile', async () => {
    const stage = await planned();
    const sessionId = await stage.begin({ planId: 'plan-1' });
    await stage.plans.delete('plan-1');
    const session = await stage.finish(sessionId);
    expect(session.failure).toBeUndefined();
    expect(session.plan?.drift).toEqual(['plan plan-1 was deleted']);
  });

  it('must exist when the session is opened', async () => {
    const stage = await row(1);
    await expect(stage.begin({ planId: 'plan-7' })).rejects.toThrow(PlanUnusable);
  });
});

describe('a server that is killed', () => {
  const groups = {
    first: ['app-1', 'app-2', 'app-3', 'app-4'],
    second: ['other-1', 'other-2', 'other-3', 'other-4'],
  };

  /** Four hosts, two groups, and one application that refuses. */
  async function prepared(): Promise<VnfStage> {
    const stage = new VnfStage();
    stage.cloud.moveSeconds = 20;
    stage.cloud.addHost('outside', 4);
    for (const n of [1, 2, 3, 4]) {
      stage.cloud.addHost(`compute-${n}`, 4);
      stage.cloud.addInstance(`app-${n}`, `compute-${n}`);
      stage.cloud.addInstance(`other-${n}`, `compute-${n}`, 'project-2');
    }
    await registerGroup(stage, 'first', groups.first, { recoverySeconds: 30 });
    await registerGroup(stage, 'second', groups.second, {
      projectId: 'project-2',
      maxImpactedMembers: 2,
      recoverySeconds: 10,
    });
    stage.answers = (notice) =>
      isAboutHost(notice) && askedInstance(notice) === 'other-3' ? { nack: true, reason: 'no' } : undefined;
    return stage;
  }

  it('after any event of the journal: the session ends right, nothing is moved twice, no limit is broken', async () => {
    const request = { hosts: [1, 2, 3, 4].map((n) => `compute-${n}`), failurePolicy: 'skip' } as const;
    const undisturbed = await prepared();
    await undisturbed.play(request);
    const length = undisturbed.journal.events('session-1').length;
    for (let events = 1; events < length; events += 1) {
      const stage = await prepared();
      const sessionId = await stage.begin(request);
      await stage.clock.runUntil(() => stage.journal.events(sessionId).length >= events);
      await stage.crash();
      await stage.clock.runUntil(() => stage.engine.list().length > 0);
      const session = await stage.finish(sessionId);
      const asked = stage.journal
        .events(sessionId)
        .filter((event) => event.type === 'command_issued' && event.command.kind === 'move_instance');
      expect({
        events,
        failure: session.failure,
        progress: session.hosts.map(({ progress }) => progress),
        moves: impacts(stage).length,
      }).toEqual({
        events,
        failure: undefined,
        progress: ['maintained', 'maintained', 'skipped', 'maintained'],
        moves: asked.length,
      });
      expect(mostImpacted(stage, groups.first, 30)).toBe(1);
      expect(mostImpacted(stage, groups.second, 10)).toBeLessThanOrEqual(2);
    }
  }, 120_000);
});
