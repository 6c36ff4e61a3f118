import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../src/engine/ports.ts';
import { EngineBench, obliging } from '../../support/engine-bench.ts';
import {
  crowded,
  ids,
  impacts,
  mostImpacted,
  playVnf,
  registerGroup,
  registerInstance,
} from '../../support/registered-limits.ts';
import { isAboutHost } from '../../support/vnf-stage.ts';

/** The starts of the moves of the first host's instances, in seconds after the first. */
function starts(bench: EngineBench): readonly number[] {
  const all = impacts(bench)
    .filter(({ id }) => id !== 'other')
    .map(({ from }) => from);
  return all.map((from) => (from - (all[0] ?? 0)) / 1000);
}

describe('max_impacted_members and recovery_time', () => {
  it('let a member go only when another has recovered, to the second', async () => {
    const bench = crowded(3);
    await registerGroup(bench, 'group', ids(3), { recoverySeconds: 60 });
    expect((await playVnf(bench)).failure).toBeUndefined();
    // A move takes 3 s.
    expect(starts(bench)).toEqual([0, 63, 126]);
  });

  it('let as many go at once as are allowed', async () => {
    const bench = crowded(4);
    await registerGroup(bench, 'group', ids(4), { recoverySeconds: 60, maxImpactedMembers: 2 });
    expect((await playVnf(bench)).failure).toBeUndefined();
    expect(starts(bench)).toEqual([0, 0, 63, 63]);
  });

  it('hold no member of another group up', async () => {
    const bench = crowded(2);
    await registerGroup(bench, 'one', ['app-1'], { recoverySeconds: 60 });
    await registerGroup(bench, 'two', ['app-2'], { recoverySeconds: 60 });
    expect((await playVnf(bench)).failure).toBeUndefined();
    expect(starts(bench)).toEqual([0, 0]);
  });

  it('count across hosts', async () => {
    const bench = crowded(1);
    bench.cloud.instances.delete('other');
    bench.cloud.addInstance('app-2', 'compute-2');
    await registerGroup(bench, 'group', ids(2), { recoverySeconds: 500 });
    expect((await playVnf(bench)).failure).toBeUndefined();
    expect(mostImpacted(bench, ids(2), 500)).toBe(1);
    expect(impacts(bench)).toHaveLength(2);
  });

  it.each([
    ['nothing is registered of its instances', () => Promise.resolve()],
    [
      'only its instances are',
      async (bench: EngineBench) => {
        for (const id of ids(3)) await registerInstance(bench, id, 'nowhere');
      },
    ],
    [
      'another project registered them',
      async (bench: EngineBench) => {
        await registerGroup(bench, 'group', ids(3), { maxImpactedMembers: 3, projectId: 'project-2' });
        for (const id of ids(3)) await registerInstance(bench, id, 'group', { projectId: 'project-2' });
      },
    ],
    [
      'the group is that of another project',
      async (bench: EngineBench) => {
        await registerGroup(bench, 'group', [], { maxImpactedMembers: 3, projectId: 'project-2' });
        for (const id of ids(3)) await registerInstance(bench, id, 'group');
      },
    ],
  ])('are one at a time where %s', async (_, register) => {
    const bench = crowded(3);
    await register(bench);
    expect((await playVnf(bench)).failure).toBeUndefined();
    expect(starts(bench)).toEqual([0, 3, 6]);
  });

  it('count a member that failed by itself: nothing begins, and the reason names it', async () => {
    const bench = crowded(2);
    bench.cloud.addInstance('app-3', 'compute-2');
    await registerGroup(bench, 'group', ids(3));
    bench.manager = (notice, self) => {
      Object.assign(self.cloud.instances.get('app-3') ?? {}, { state: 'error' });
      return obliging(notice, self);
    };
    bench.cloud.addHost('outside', 9);
    await bench.engine.start();
    const session = await bench.finish(
      await bench.open({ workflow: 'vnf', hosts: ['compute-1', 'compute-3'] }),
    );
    expect(session.failure).toContain(
      'instance app-1 (app-1) may not be moved: group the group (group) bears 1 impacted at once, and app-3 (app-3) ' +
        'is in ERROR: mend that, then continue the session',
    );
    expect(impacts(bench)).toEqual([]);
  });

  it('hold others back only until the one that failed has been mended, and they are maintained yet', async () => {
    const bench = new EngineBench({ hostMaintenanceSeconds: 600 });
    for (const n of [1, 2, 3]) bench.cloud.addHost(`compute-${n}`, 1);
    bench.cloud.addHost('outside', 1);
    bench.cloud.addInstance('app-1', 'compute-1');
    bench.cloud.addInstance('app-2', 'outside');
    bench.cloud.addInstance('other', 'compute-2', 'project-2');
    await registerGroup(bench, 'group', ids(2));
    const broken = bench.cloud.instances.get('app-2');
    if (broken !== undefined) broken.state = 'error';
    bench.manager = (notice, self) => {
      if (isAboutHost(notice) && notice.projectId === 'project-2' && broken !== undefined) {
        self.clock.at(self.clock.now() + 60_000, () => (broken.state = 'active'));
      }
      return obliging(notice, self);
    };
    await bench.engine.start();
    const hosts = ['compute-1', 'compute-2', 'compute-3'];
    const session = await bench.finish(await bench.open({ workflow: 'vnf', hosts, failurePolicy: 'skip' }));
    expect(session.hosts.map(({ progress }) => progress)).toEqual(hosts.map(() => 'maintained'));
  });

  it('hold the slot of a member whose host is down', async () => {
    const bench = crowded(1);
    bench.cloud.addInstance('app-2', 'compute-2');
    await registerGroup(bench, 'group', ids(2));
    bench.cloud.addHost('outside', 9);
    const host = bench.cloud.hosts.get('compute-2');
    if (host) host.up = false;
    await bench.engine.start();
    const session = await bench.finish(
      await bench.open({ workflow: 'vnf', hosts: ['compute-1', 'compute-3'] }),
    );
    expect(session.failure).toContain('app-2 (app-2) is on host compute-2, which is down');
    expect(impacts(bench)).toEqual([]);
  });

  it('of 0 fail the session before anything is touched', async () => {
    const bench = crowded(2);
    await registerGroup(bench, 'group', ids(2), { maxImpactedMembers: 0 });
    const session = await playVnf(bench);
    expect(session.failure).toBe(
      'group the group (group) has max_impacted_members 0: none of its instances may ever be moved',
    );
    expect(bench.cloud.records).toEqual([]);
    expect(bench.notices).toEqual([]);
  });

  it('run from the end of a move that went badly, too', async () => {
    const bench = crowded(2);
    await registerGroup(bench, 'group', ids(2), { recoverySeconds: 60 });
    bench.action = 'LIVE_MIGRATE';
    let failures = 1;
    bench.cloud.outcome = ({ instanceId }) =>
      instanceId === 'app-1' && (failures -= 1) === 0
        ? new CloudError('failed', 'it did not work')
        : undefined;
    expect((await playVnf(bench)).failure).toBeUndefined();
    expect(mostImpacted(bench, ids(2), 60)).toBe(1);
    const moves = impacts(bench).filter(({ id }) => id !== 'other');
    expect(moves.map(({ id }) => id)).toEqual(['app-1', 'app-1', 'app-2']);
  });

  it('hold the slot of a member whose move was lost sight of, also when the session is continued', async () => {
    const bench = crowded(2);
    await registerGroup(bench, 'group', ids(2));
    // Longer than a move is watched.
    bench.cloud.secondsOf.set('app-1', 1000);
    await bench.engine.start();
    const sessionId = await bench.open({ workflow: 'vnf' });
    expect((await bench.finish(sessionId)).failure).toContain('app-1 (app-1) could not leave');
    await bench.engine.continue(sessionId);
    expect((await bench.finish(sessionId)).failure).toContain('app-1');
    expect(impacts(bench).filter(({ id }) => id === 'app-2')).toEqual([]);
    await bench.clock.runUntil(() => bench.cloud.instances.get('app-1')?.task === null);
    await bench.engine.continue(sessionId);
    expect((await bench.finish(sessionId)).failure).toBeUndefined();
    expect(mostImpacted(bench, ids(2), 0)).toBe(1);
  });

  it('take effect at the next host when they are changed', async () => {
    const bench = new EngineBench({ parallelMoves: 10 });
    for (const host of ['compute-1', 'compute-2', 'compute-3']) bench.cloud.addHost(host, 8);
    for (const id of ids(2)) bench.cloud.addInstance(id, 'compute-1');
    for (const id of ['app-3', 'app-4', 'app-5']) bench.cloud.addInstance(id, 'compute-2');
    const members = ids(5);
    await registerGroup(bench, 'group', members, { recoverySeconds: 10 });
    bench.manager = (notice, self) => {
      // When the first host is done.
      if (isAboutHost(notice) && self.hostNotices.length > 2)
        void registerGroup(self, 'group', members, { recoverySeconds: 100 });
      return obliging(notice, self);
    };
    expect((await playVnf(bench)).failure).toBeUndefined();
    const begun = starts(bench);
    expect(begun.slice(0, 2)).toEqual([0, 13]);
    const gaps = begun.slice(1).map((time, index) => time - (begun[index] ?? 0));
    // Registered while the second host was being asked about: from the third on it counts.
    expect(gaps.every((gap) => gap >= 13)).toBe(true);
  });
});

describe('whom the limits protect', () => {
  it('also projects that do not listen, and are moved unasked', async () => {
    const bench = crowded(3, { unsubscribedProjects: 'MIGRATE' });
    bench.unsubscribed = ['project-1'];
    await registerGroup(bench, 'group', ids(3), { recoverySeconds: 60 });
    expect((await playVnf(bench)).failure).toBeUndefined();
    expect(starts(bench)).toEqual([0, 63, 126]);
    expect(bench.notices.filter(({ projectId }) => projectId === 'project-1')).toEqual([]);
  });

  it('also an instance that came to the host when it was being emptied: it is asked about, and has its turn', async () => {
    const bench = crowded(2);
    await registerGroup(bench, 'group', ids(3), { recoverySeconds: 60 });
    let came = false;
    bench.manager = (notice, self) => {
      const [id] = notice.payload['instance_ids'] as readonly string[];
      if (isAboutHost(notice) && id === 'app-1' && !came) {
        came = true;
        self.cloud.addInstance('app-3', 'compute-1');
      }
      return obliging(notice, self);
    };
    expect((await playVnf(bench)).failure).toBeUndefined();
    expect(starts(bench)).toEqual([0, 63, 126]);
    expect(
      bench.notices.flatMap((notice) => (isAboutHost(notice) ? notice.payload['instance_ids'] : [])),
    ).toContain('app-3');
  });

  it('and they are read again when the store was away for a moment', async () => {
    const bench = crowded(2);
    await registerGroup(bench, 'group', ids(2), { recoverySeconds: 60 });
    const find = bench.constraints.find.bind(bench.constraints);
    let away = 2;
    bench.constraints.find = (kind, ids) =>
      (away -= 1) >= 0 ? Promise.reject(new Error('the database is away')) : find(kind, ids);
    expect((await playVnf(bench)).failure).toBeUndefined();
    expect(starts(bench)).toEqual([0, 63]);
  });

  it('and where they cannot be read the session fails, with nothing touched', async () => {
    const bench = crowded(2);
    bench.constraints.find = () => Promise.reject(new Error('the database is away'));
    const session = await playVnf(bench);
    expect(session.failure).toBe('the constraints cannot be read: the database is away');
    expect(bench.cloud.records).toEqual([]);
  });
});

describe('max_interruption_time', () => {
  it('breaks a live migration off that takes longer; then a cold one follows where that is registered', async () => {
    const bench = crowded(1);
    bench.action = 'LIVE_MIGRATE';
    bench.cloud.liveSeconds = 200;
    await registerGroup(bench, 'group', ids(1));
    await registerGroup(bench, 'theirs', ['other'], { projectId: 'project-2' });
    expect((await playVnf(bench)).failure).toBeUndefined();
    const [live, cold] = impacts(bench).filter(({ id }) => id === 'app-1');
    expect(((live?.to ?? 0) - (live?.from ?? 0)) / 1000).toBe(120);
    expect(cold).toBeDefined();
  });
});
