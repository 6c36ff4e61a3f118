/** A clock that is set while a session runs. */
import { expect } from 'vitest';
import type { Session, SessionState } from '../../../src/domain/session.ts';
import { CloudError } from '../../../src/engine/ports.ts';
import { doctorScenario, EngineBench, obliging, settings } from '../../support/engine-bench.ts';
import { situation } from '../../support/situation.ts';

const hours = 3_600_000;
const jumps = [-5 * hours, 5 * hours];

async function opened(startsIn = 3_600_000) {
  const bench = new EngineBench();
  doctorScenario(bench);
  await bench.engine.start();
  return { bench, sessionId: await bench.open({ maintenanceAt: bench.clock.now() + startsIn }) };
}

/** Everything was done, and nothing of it twice. */
function expectOnce(bench: EngineBench, session: Session): void {
  expect(session.failure).toBeUndefined();
  expect(session.state).toBe('MAINTENANCE_DONE');
  const told = bench.hostNotices.map(({ host, state }) => `${host} ${state}`);
  expect([...new Set(told)]).toEqual(told);
  const started = bench.cloud.records.filter(({ what }) => what === 'move_started');
  expect(bench.cloud.records.filter(({ what }) => what === 'moved')).toHaveLength(started.length);
  const ids = bench.notices.map(({ messageId }) => messageId);
  expect([...new Set(ids)]).toEqual(ids);
}

/** A project that answers this state only when it is told to, and everything else at once. */
function holdReply(bench: EngineBench, state: SessionState): () => Promise<void> {
  let held = true;
  bench.manager = (notice, self) => (held && notice.state === state ? undefined : obliging(notice, self));
  return async () => {
    held = false;
    const notice = bench.notices.findLast((one) => one.state === state);
    if (notice === undefined) throw new Error(`nobody was asked ${state}`);
    await bench.answer(notice);
  };
}

/** Lets so many seconds pass, whatever the clock says. */
async function pass(bench: EngineBench, seconds: number): Promise<void> {
  let over = false;
  bench.clock.at(bench.clock.now() + seconds * 1000, () => (over = true));
  await bench.clock.runUntil(() => over);
}

const asked = [
  'MAINTENANCE',
  'SCALE_IN',
  'PREPARE_MAINTENANCE',
  'PLANNED_MAINTENANCE',
  'MAINTENANCE_COMPLETE',
] as const;

situation(
  'the clock is set while a project is to reply',
  'It keeps the reply window that it had, to the second, whether the clock was set back or forward by hours.',
  async () => {
    for (const state of asked) {
      for (const jump of jumps) {
        const { bench, sessionId } = await opened();
        const reply = holdReply(bench, state);
        await bench.clock.runUntil(() => bench.notices.some((notice) => notice.state === state));
        const window = settings.replySeconds[state];
        await pass(bench, window / 2);
        await bench.clock.jump(jump);
        // Not yet over, and nobody was asked again.
        await pass(bench, window / 2 - 2);
        const sent = bench.notices.filter((notice) => notice.state === state).length;
        expect({ state, jump, sent }).toEqual({ state, jump, sent: 1 });
        expect(bench.engine.get(sessionId).failure).toBeUndefined();
        await reply();
        expectOnce(bench, await bench.finish(sessionId));
      }
    }
  },
);

situation(
  'the clock is set and a project stays silent',
  'Its window ends when it would have, and the session fails for it then, not hours later.',
  async () => {
    for (const jump of jumps) {
      const { bench, sessionId } = await opened();
      holdReply(bench, 'SCALE_IN');
      await bench.clock.runUntil(() => bench.notices.some(({ state }) => state === 'SCALE_IN'));
      await pass(bench, 10);
      await bench.clock.jump(jump);
      await pass(bench, settings.replySeconds.SCALE_IN - 9);
      expect(bench.engine.get(sessionId).failure).toMatch(/did not reply to SCALE_IN in time/);
    }
  },
);

situation(
  'the clock is set back while a session waits for its start',
  'maintenance_at is a moment of the clock: it begins when the clock as it is now says so, after a fresh look.',
  async () => {
    const { bench, sessionId } = await opened();
    const startAt = bench.engine.get(sessionId).request.maintenanceAt;
    await pass(bench, 600);
    await bench.clock.jump(-5 * hours);
    await bench.clock.runUntil(() => bench.notices.some(({ state }) => state === 'SCALE_IN'));
    expect(bench.clock.now()).toBeGreaterThanOrEqual(startAt);
    expect(bench.clock.now()).toBeLessThan(startAt + 10_000);
    expectOnce(bench, await bench.finish(sessionId));
  },
);

situation(
  'the clock is set forward past the start of a session',
  'It begins at once, after a fresh look; a project that has not answered yet keeps its window.',
  async () => {
    const { bench, sessionId } = await opened();
    await pass(bench, 600);
    await bench.clock.jump(5 * hours);
    await pass(bench, 1);
    expect(bench.engine.get(sessionId).state).not.toBe('MAINTENANCE');
    expectOnce(bench, await bench.finish(sessionId));
  },
);

situation(
  'the clock is set while instances are moved',
  'Moves, their limits and the pauses between tries are as long as they were; nothing is asked for twice.',
  async () => {
    for (const jump of jumps) {
      const { bench, sessionId } = await opened();
      bench.cloud.moveSeconds = 200;
      await bench.clock.runUntil(() => bench.cloud.records.some(({ what }) => what === 'move_started'));
      await pass(bench, 20);
      await bench.clock.jump(jump);
      expectOnce(bench, await bench.finish(sessionId));
    }
  },
);

situation(
  'the clock is set while a host is held in maintenance',
  'It is held as long as was configured.',
  async () => {
    for (const jump of jumps) {
      const bench = new EngineBench({ hostMaintenanceSeconds: 600 });
      doctorScenario(bench);
      await bench.engine.start();
      const sessionId = await bench.open();
      await bench.clock.runUntil(() => bench.hostNotices.length === 1);
      await pass(bench, 60);
      await bench.clock.jump(jump);
      await pass(bench, 530);
      expect(bench.hostNotices).toHaveLength(1);
      await pass(bench, 20);
      expect(bench.hostNotices.length).toBeGreaterThan(1);
      expectOnce(bench, await bench.finish(sessionId));
    }
  },
);

situation(
  'the clock is set while the cloud is away',
  'It is tried again as long as was configured, neither given up at once nor for hours.',
  async () => {
    for (const jump of jumps) {
      const { bench, sessionId } = await opened();
      let tries = 0;
      bench.cloud.fault = (call) => {
        if (call === 'observe') tries += 1;
        throw new CloudError('unavailable', 'connection refused');
      };
      await bench.clock.runUntil(() => tries > 3);
      await bench.clock.jump(jump);
      await pass(bench, 280);
      expect(bench.engine.get(sessionId).failure).toBeUndefined();
      await pass(bench, 40);
      expect(bench.engine.get(sessionId).failure).toBe('the cloud cannot be seen: connection refused');
    }
  },
);

situation(
  'the clock is set and the server is killed',
  'The next one takes the sessions up: a lease that was taken before the clock was set back holds nobody up.',
  async () => {
    for (const jump of jumps) {
      for (const first of ['kill', 'set'] as const) {
        const { bench, sessionId } = await opened();
        bench.cloud.moveSeconds = 60;
        await bench.clock.runUntil(() => bench.cloud.records.some(({ what }) => what === 'move_started'));
        // A killed server gives no lease back.
        bench.journal.releaseLease = () => Promise.resolve();
        // Killed before it is set: nobody is there to notice, and the windows that ran are counted by the new clock.
        if (first === 'set') await bench.clock.jump(jump);
        await bench.crash(first === 'kill' ? () => bench.clock.jump(jump) : undefined);
        const restarted = bench.clock.now();
        expectOnce(bench, await bench.finish(sessionId));
        expect(bench.clock.now() - restarted).toBeLessThan(hours);
      }
    }
  },
);

situation(
  'the clock is set after a session failed whose hosts could not be opened',
  'They are tried again when they would have been.',
  async () => {
    for (const jump of jumps) {
      const { bench, sessionId } = await opened();
      bench.cloud.fault = (call) => {
        if (call === 'openHost' || call === 'startMove') throw new CloudError('failed', 'no');
      };
      await bench.finish(sessionId);
      await pass(bench, 10);
      bench.cloud.fault = () => undefined;
      await bench.clock.jump(jump);
      await pass(bench, 60);
      expect([...bench.cloud.hosts.values()].filter(({ open }) => !open)).toEqual([]);
    }
  },
);
