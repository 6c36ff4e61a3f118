import { describe, expect, it } from 'vitest';
import type { SessionState } from '../../../src/domain/session.ts';
import { HostsTaken, SessionNotFailed, SessionNotFound } from '../../../src/engine/maintenance-service.ts';
import { CloudError } from '../../../src/engine/ports.ts';
import { doctorScenario, EngineBench, obliging } from '../../support/engine-bench.ts';

interface Failure {
  readonly state: SessionState;
  readonly cause: (bench: EngineBench) => void;
}

const silentIn = (state: string) => (bench: EngineBench) => {
  bench.manager = (notice, self) => (notice.state === state ? undefined : obliging(notice, self));
};
const refusing = (state: string) => (bench: EngineBench) => {
  bench.manager = (notice, self) => (notice.state === state ? `NACK_${state}` : obliging(notice, self));
};
const refusedCall =
  (call: string, after = 0) =>
  (bench: EngineBench) => {
    let calls = 0;
    bench.cloud.fault = (name) => {
      if (name === call && (calls += 1) > after) throw new CloudError('failed', `${call} is refused`);
    };
  };

/** Each state of the default workflow, and what makes a session fail in it. */
const failures: readonly Failure[] = [
  { state: 'MAINTENANCE', cause: silentIn('MAINTENANCE') },
  { state: 'MAINTENANCE', cause: refusedCall('observe') },
  { state: 'SCALE_IN', cause: refusing('SCALE_IN') },
  { state: 'PREPARE_MAINTENANCE', cause: refusedCall('startMove') },
  { state: 'PREPARE_MAINTENANCE', cause: refusedCall('confirmMove') },
  { state: 'START_MAINTENANCE', cause: refusedCall('closeHost', 1) },
  { state: 'PLANNED_MAINTENANCE', cause: refusing('PLANNED_MAINTENANCE') },
  { state: 'PLANNED_MAINTENANCE', cause: refusedCall('startMove', 3) },
  { state: 'MAINTENANCE_COMPLETE', cause: silentIn('MAINTENANCE_COMPLETE') },
];

function mend(bench: EngineBench): void {
  bench.manager = obliging;
  bench.cloud.fault = () => undefined;
  // Nova leaves an instance whose cold migration failed in ERROR: the admin resets it.
  for (const instance of bench.cloud.instances.values())
    if (instance.state === 'error') instance.state = 'active';
}

async function failed({ state, cause }: Failure) {
  const bench = new EngineBench();
  doctorScenario(bench);
  cause(bench);
  await bench.engine.start();
  const sessionId = await bench.open();
  const session = await bench.finish(sessionId);
  expect({ state: session.state, previous: session.previousState }).toEqual({
    state: 'MAINTENANCE_FAILED',
    previous: state,
  });
  return { bench, sessionId, session };
}

/** Done, and nothing of it twice. */
async function expectAllDone(bench: EngineBench, sessionId: string, before: number): Promise<void> {
  const session = await bench.finish(sessionId);
  expect(session.failure).toBeUndefined();
  expect(session.state).toBe('MAINTENANCE_DONE');
  const told = bench.hostNotices.map(({ host, state }) => `${host} ${state}`);
  expect([...new Set(told)]).toEqual(told);
  expect(told).toHaveLength(2 * bench.cloud.hosts.size);
  await bench.clock.runUntil(() => [...bench.cloud.hosts.values()].every(({ open }) => open));
  const deleted = bench.cloud.records.filter(({ what }) => what === 'deleted').length;
  expect(bench.cloud.instances.size).toBe(before - deleted);
  expect([...bench.cloud.instances.values()].filter(({ source }) => source !== undefined)).toEqual([]);
}

const ids = () => {
  const bench = new EngineBench();
  doctorScenario(bench);
  return bench.cloud.instances.size;
};

describe('a failed session that is continued once its cause is mended', () => {
  it.for(failures.map((failure, index) => [`${index + 1}: ${failure.state}`, failure] as const))(
    'goes on where it failed and ends well (%s)',
    async ([, failure]) => {
      const { bench, sessionId } = await failed(failure);
      mend(bench);
      const session = await bench.engine.continue(sessionId);
      expect(session.state).toBe(failure.state);
      expect(session.endedAt).toBeUndefined();
      await expectAllDone(bench, sessionId, ids());
    },
  );

  it.for(failures.map((failure, index) => [`${index + 1}: ${failure.state}`, failure] as const))(
    'does so after it was tidied up, and long after its maintenance was to begin (%s)',
    async ([, failure]) => {
      const { bench, sessionId } = await failed(failure);
      mend(bench);
      const later = bench.clock.now() + 7_200_000;
      bench.clock.at(later, () => undefined);
      await bench.clock.runUntil(() => bench.clock.now() >= later);
      await bench.engine.continue(sessionId);
      await expectAllDone(bench, sessionId, ids());
    },
  );

  it('goes on at the state that the admin gives', async () => {
    const { bench, sessionId } = await failed(failures[6]!);
    mend(bench);
    expect((await bench.engine.continue(sessionId, 'MAINTENANCE')).state).toBe('MAINTENANCE');
    await expectAllDone(bench, sessionId, ids());
    expect(bench.notices.filter(({ state }) => state === 'MAINTENANCE')).toHaveLength(2);
  });

  it('does not end well over hosts that are not maintained, whatever state the admin gives', async () => {
    const { bench, sessionId } = await failed(failures[6]!);
    mend(bench);
    await bench.engine.continue(sessionId, 'MAINTENANCE_COMPLETE');
    const session = await bench.finish(sessionId);
    expect(session.state).toBe('MAINTENANCE_FAILED');
    expect(session.failure).toMatch(/compute-\d.* not maintained: continue the session at START_MAINTENANCE/);
  });

  it('tells whoever follows it, and asks the projects anew', async () => {
    const { bench, sessionId } = await failed(failures[6]!);
    mend(bench);
    const told = bench.sessionNotices.length;
    await bench.engine.continue(sessionId);
    await bench.finish(sessionId);
    expect(bench.sessionNotices[told]).toBe('PLANNED_MAINTENANCE');
    expect(bench.engine.get(sessionId).projects['project-1']?.subscribed).toBe(true);
  });

  it('does not ask to scale in where the room was made meanwhile', async () => {
    const { bench, sessionId } = await failed(failures[2]!);
    mend(bench);
    for (const id of ['app-1', 'app-2']) bench.cloud.delete(id);
    const asked = bench.notices.filter(({ state }) => state === 'SCALE_IN').length;
    await bench.engine.continue(sessionId);
    await expectAllDone(bench, sessionId, ids());
    expect(bench.notices.filter(({ state }) => state === 'SCALE_IN')).toHaveLength(asked);
  });

  it('does not ask a project to scale out that did so before', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    bench.cloud.addInstance('other-1', 'compute-4', 'project-2');
    bench.cloud.delete('app-6');
    bench.manager = (notice, self) =>
      notice.state === 'MAINTENANCE_COMPLETE' && notice.projectId === 'project-2'
        ? undefined
        : obliging(notice, self);
    await bench.engine.start();
    const sessionId = await bench.open();
    expect((await bench.finish(sessionId)).previousState).toBe('MAINTENANCE_COMPLETE');
    mend(bench);
    await bench.engine.continue(sessionId);
    expect((await bench.finish(sessionId)).failure).toBeUndefined();
    const asked = bench.notices.filter(({ state }) => state === 'MAINTENANCE_COMPLETE');
    expect(asked.map(({ projectId }) => projectId).sort()).toEqual(['project-1', 'project-2', 'project-2']);
  });

  it('maintains a host again whose maintenance was broken off', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    bench.plugins.fail('firmware', 'no such firmware');
    await bench.engine.start();
    const sessionId = await bench.open({ actions: [{ plugin: 'firmware', type: 'compute', metadata: {} }] });
    const session = await bench.finish(sessionId);
    expect(session.previousState).toBe('START_MAINTENANCE');
    const [host] = session.hosts.filter(({ progress }) => progress === 'in_maintenance');
    await bench.clock.runUntil(
      () => bench.cloud.hosts.get(host!.name)?.reason?.includes('did not end') === true,
    );
    bench.plugins.play = () => Promise.resolve();
    await bench.engine.continue(sessionId);
    expect((await bench.finish(sessionId)).failure).toBeUndefined();
    const told = bench.hostNotices.filter((notice) => notice.host === host!.name).map(({ state }) => state);
    expect(told).toEqual(['IN_MAINTENANCE', 'IN_MAINTENANCE', 'MAINTENANCE_COMPLETE']);
    expect([...bench.cloud.hosts.values()].every(({ open }) => open)).toBe(true);
  });

  it('finds out anew who listens', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    bench.unsubscribed = ['project-1'];
    await bench.engine.start();
    const sessionId = await bench.open();
    expect((await bench.finish(sessionId)).failure).toMatch(/no alarm for maintenance.scheduled/);
    bench.unsubscribed = [];
    await bench.engine.continue(sessionId);
    await expectAllDone(bench, sessionId, ids());
  });

  it('goes on after a kill at any moment after it was continued', async () => {
    const { bench: whole, sessionId: wholeId } = await failed(failures[6]!);
    const at = whole.journal.events(wholeId).length;
    mend(whole);
    await whole.engine.continue(wholeId);
    await whole.finish(wholeId);
    const length = whole.journal.events(wholeId).length;
    for (let events = at + 1; events < length; events += 1) {
      const { bench, sessionId } = await failed(failures[6]!);
      mend(bench);
      await bench.engine.continue(sessionId);
      await bench.clock.runUntil(() => bench.journal.events(sessionId).length >= events);
      await bench.crash();
      await expectAllDone(bench, sessionId, ids());
    }
  });
});

describe('continuing is refused', () => {
  it('while the session runs, and once it is done', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    await bench.engine.start();
    const sessionId = await bench.open();
    await expect(bench.engine.continue(sessionId)).rejects.toBeInstanceOf(SessionNotFailed);
    await bench.finish(sessionId);
    await expect(bench.engine.continue(sessionId)).rejects.toBeInstanceOf(SessionNotFailed);
  });

  it('to the second of two admins who do it at the same time', async () => {
    const { bench, sessionId } = await failed(failures[6]!);
    mend(bench);
    const both = await Promise.allSettled([
      bench.engine.continue(sessionId),
      bench.engine.continue(sessionId),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expectAllDone(bench, sessionId, ids());
  });

  it('when another session has its hosts now', async () => {
    const { bench, sessionId } = await failed(failures[6]!);
    mend(bench);
    const second = await bench.open({ hosts: ['compute-2'] });
    await expect(bench.engine.continue(sessionId)).rejects.toThrow(new HostsTaken(['compute-2']).message);
    await bench.engine.delete(second);
    await bench.engine.continue(sessionId);
    expect((await bench.finish(sessionId)).failure).toBeUndefined();
  });

  it('when it was deleted', async () => {
    const { bench, sessionId } = await failed(failures[6]!);
    await bench.engine.delete(sessionId);
    await expect(bench.engine.continue(sessionId)).rejects.toBeInstanceOf(SessionNotFound);
  });
});
