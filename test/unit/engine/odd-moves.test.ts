/** Moves that go wrong. */
import { describe, expect } from 'vitest';
import { CloudError } from '../../../src/engine/ports.ts';
import { situation } from '../../support/situation.ts';
import {
  allOpen,
  commandsAbout,
  expectNothingHalfMoved,
  finishBadly,
  finishWell,
  smallCloud,
  toldDone,
  untilMoving,
  whenPrepared,
  withFallback,
} from '../../support/small-cloud.ts';

describe('a live migration', () => {
  situation(
    'a live migration that does not converge, and a cold one is allowed',
    'After `workflow.live_migration_seconds` it is broken off and the instance is moved cold, where the reply ' +
      '(`fallback_actions`) or the constraint (`migration_type`) says MIGRATE.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.action = 'LIVE_MIGRATE';
      withFallback(bench, 'MIGRATE');
      bench.cloud.secondsOf.set('app-1', 100_000);
      await untilMoving(story);
      const begun = bench.clock.now();
      await bench.clock.runUntil(() => commandsAbout(story, 'app-1').includes('abort_move'));
      expect(bench.clock.now() - begun).toBe(600_000);
      bench.cloud.secondsOf.clear();
      await finishWell(story);
      expect(commandsAbout(story, 'app-1').slice(0, 4)).toEqual([
        'LIVE_MIGRATE',
        'abort_move',
        'MIGRATE',
        'confirm_move',
      ]);
      expect(toldDone(story).filter((id) => id === 'app-1')).toHaveLength(2);
    },
  );

  situation(
    'a live migration that does not converge, and no cold one is allowed',
    'It is broken off; the instance runs on where it is, and the session fails with that reason.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.action = 'LIVE_MIGRATE';
      withFallback(bench, 'LIVE_MIGRATE');
      bench.cloud.secondsOf.set('app-1', 100_000);
      const reason = await finishBadly(story);
      expect(reason).toMatch(/app-1.* could not leave host compute-1 by LIVE_MIGRATE: .*was broken off/);
      expect(reason).toContain('neither the reply nor the constraints of its project allow a cold migration');
      expect(bench.cloud.instances.get('app-1')).toMatchObject({ host: 'compute-1', state: 'active' });
      expect(commandsAbout(story, 'app-1')).toEqual(['LIVE_MIGRATE', 'abort_move']);
      expect(toldDone(story)).toEqual([]);
      expectNothingHalfMoved(bench);
    },
  );

  situation(
    'a live migration that ends while it is being broken off',
    'It counts as done: nothing else is tried.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.action = 'LIVE_MIGRATE';
      withFallback(bench, 'MIGRATE');
      bench.cloud.secondsOf.set('app-1', 600.2);
      bench.cloud.fault = (call) => {
        if (call === 'abortMove' && bench.cloud.instances.get('app-1')?.incoming !== undefined)
          throw new CloudError('unavailable', 'the API is away for a moment');
      };
      await bench.clock.runUntil(() => commandsAbout(story, 'app-1').includes('abort_move'));
      bench.cloud.secondsOf.clear();
      await finishWell(story);
      expect(commandsAbout(story, 'app-1')).toEqual(['LIVE_MIGRATE', 'abort_move', 'LIVE_MIGRATE']);
      expect(toldDone(story).filter((id) => id === 'app-1')).toHaveLength(2);
    },
  );

  situation(
    'a live migration that cannot be broken off',
    'It is waited for as long again as a cold migration may take (`workflow.move_seconds`); then the session fails, ' +
      'names the instance, and says why it could not be broken off.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.action = 'LIVE_MIGRATE';
      bench.cloud.secondsOf.set('app-1', 100_000);
      bench.cloud.fault = (call) => {
        if (call === 'abortMove') throw new CloudError('failed', 'the policy forbids it');
      };
      const reason = await finishBadly(story);
      expect(reason).toContain('the move did not end within 840 s');
      expect(reason).toContain('it could not be broken off: the policy forbids it');
    },
  );

  situation(
    'an admin breaks a live migration off',
    'That is a decision of somebody who knows why: the session fails and says so, nothing else is tried.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.action = 'LIVE_MIGRATE';
      withFallback(bench, 'MIGRATE');
      await untilMoving(story);
      await bench.cloud.abortMove('app-1');
      expect(await finishBadly(story)).toMatch(/app-1.*was broken off/);
      expect(commandsAbout(story, 'app-1')).toEqual(['LIVE_MIGRATE']);
    },
  );

  situation(
    'a live migration that fails and rolls back',
    'It is tried again after a pause that doubles, `workflow.move_attempts` times in all; then cold where that is ' +
      'allowed, else the session fails.',
    async () => {
      const failing = () => new CloudError('failed', 'the driver failed');
      const first = await smallCloud();
      first.bench.action = 'LIVE_MIGRATE';
      let failures = 0;
      first.bench.cloud.outcome = () => ((failures += 1) < 3 ? failing() : undefined);
      await finishWell(first);
      expect(commandsAbout(first, 'app-1').slice(0, 3)).toEqual(Array(3).fill('LIVE_MIGRATE'));

      const second = await smallCloud();
      second.bench.action = 'LIVE_MIGRATE';
      withFallback(second.bench, 'MIGRATE');
      second.bench.cloud.outcome = ({ action }) => (action === 'LIVE_MIGRATE' ? failing() : undefined);
      await finishWell(second);
      expect(commandsAbout(second, 'app-1').slice(0, 5)).toEqual([
        ...Array<string>(3).fill('LIVE_MIGRATE'),
        'MIGRATE',
        'confirm_move',
      ]);

      const third = await smallCloud();
      third.bench.action = 'LIVE_MIGRATE';
      third.bench.cloud.outcome = failing;
      expect(await finishBadly(third)).toMatch(/app-1.* by LIVE_MIGRATE: the driver failed/);
      expect(commandsAbout(third, 'app-1')).toEqual(Array(3).fill('LIVE_MIGRATE'));
      expect(toldDone(third)).toEqual([]);
    },
  );

  situation(
    'the server is killed while a live migration is being broken off',
    'The next one goes on from there: the migration is broken off once, and then the cold one is tried.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.action = 'LIVE_MIGRATE';
      withFallback(bench, 'MIGRATE');
      bench.cloud.secondsOf.set('app-1', 100_000);
      let away = true;
      bench.cloud.fault = (call) => {
        if (call === 'abortMove' && away) throw new CloudError('unavailable', 'the API is away for a moment');
      };
      await bench.clock.runUntil(() => commandsAbout(story, 'app-1').includes('abort_move'));
      await bench.crash();
      away = false;
      bench.cloud.secondsOf.clear();
      await finishWell(story);
      expect(commandsAbout(story, 'app-1').slice(0, 4)).toEqual([
        'LIVE_MIGRATE',
        'abort_move',
        'MIGRATE',
        'confirm_move',
      ]);
    },
  );

  situation(
    'a session that is deleted while a live migration does not converge',
    'The migration is broken off at its time before the session goes: nothing is left half-moved.',
    async () => {
      const story = await smallCloud();
      const { bench, sessionId } = story;
      bench.action = 'LIVE_MIGRATE';
      bench.cloud.secondsOf.set('app-1', 100_000);
      await untilMoving(story);
      await bench.engine.delete(sessionId);
      await bench.clock.runUntil(() =>
        bench.journal.events(sessionId).some(({ type }) => type === 'session_closed'),
      );
      expect(commandsAbout(story, 'app-1')).toEqual(['LIVE_MIGRATE', 'abort_move']);
      expectNothingHalfMoved(bench);
      await allOpen(bench);
    },
  );
});

describe('a cold migration', () => {
  situation(
    'a cold migration that fails on the host',
    'The instance is in ERROR, and moving it again is for people to decide: the session fails with the reason of Nova. ' +
      'After it was mended, `PUT /v1/maintenance/{id}` goes on.',
    async () => {
      const story = await smallCloud();
      const { bench, sessionId } = story;
      bench.cloud.outcome = ({ instanceId }) =>
        instanceId === 'app-1' ? new CloudError('failed', 'the disk is full') : undefined;
      expect(await finishBadly(story)).toMatch(
        /app-1.* could not leave host compute-1 by MIGRATE: the disk is full/,
      );
      expect(commandsAbout(story, 'app-1')).toEqual(['MIGRATE']);
      expect(toldDone(story)).toEqual([]);
      bench.cloud.outcome = () => undefined;
      bench.cloud.instances.get('app-1')!.state = 'active';
      await bench.engine.continue(sessionId);
      await finishWell(story);
    },
  );

  situation(
    'a migration that is stuck in the middle',
    'After `workflow.move_seconds` the session fails and names the instance; nothing else is begun on that host. When ' +
      'it ends after all, within an hour, it is confirmed while the session is tidied up; continuing the session finds ' +
      'it moved.',
    async () => {
      const story = await smallCloud({ parallelMoves: 1 });
      const { bench, sessionId } = story;
      bench.cloud.addInstance('app-5', 'compute-1');
      bench.cloud.secondsOf.set('app-1', 1_000);
      const reason = await finishBadly(story);
      expect(reason).toMatch(/app-1.*the move did not end within 240 s; it may still be under way$/);
      expect(commandsAbout(story, 'app-5')).toEqual([]);
      expect(bench.cloud.instances.get('app-1')?.incoming).toBe('compute-2');
      await bench.clock.runUntil(() => bench.cloud.instances.get('app-1')?.host === 'compute-2');
      await bench.clock.runUntil(() => bench.cloud.instances.get('app-1')?.state === 'active');
      expectNothingHalfMoved(bench);
      bench.cloud.secondsOf.clear();
      await bench.engine.continue(sessionId);
      await finishWell(story);
    },
  );

  situation(
    'a session that is continued before the stuck migration has ended',
    'The instance is busy, which is waited for with growing pauses; once it has moved it is confirmed and the session ' +
      'goes on.',
    async () => {
      const story = await smallCloud();
      const { bench, sessionId } = story;
      bench.cloud.secondsOf.set('app-1', 300);
      await finishBadly(story);
      bench.cloud.secondsOf.clear();
      await bench.engine.continue(sessionId);
      await finishWell(story);
      expect(commandsAbout(story, 'app-1').slice(0, 3)).toEqual(['MIGRATE', 'MIGRATE', 'confirm_move']);
    },
  );

  situation(
    'a target that fills up meanwhile',
    'Nova finds no valid host for it; the second time it is asked without a target, and chooses another one.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.cloud.addHost('compute-3', 4);
      bench.cloud.addInstance('big', 'compute-3', 'project-1', 2);
      const moves: (string | undefined)[] = [];
      const start = bench.cloud.startMove.bind(bench.cloud);
      bench.cloud.startMove = (move) => {
        if (moves.length === 0) bench.cloud.addInstance('late', move.target!, 'project-2', 2);
        moves.push(move.target);
        return start(move);
      };
      await finishWell(story);
      expect(moves[0]).toMatch(/^compute-/);
      expect(moves[1]).toBeUndefined();
    },
  );

  situation(
    'server groups that leave no valid host',
    'The projects are asked to scale in; when nobody makes room, the session fails and names what could not be placed.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.cloud.addGroup('pair', ['app-1', 'app-2']);
      bench.manager = (notice) => `ACK_${notice.state}`;
      expect(await finishBadly(story)).toMatch(/no project scaled in, and no host can be emptied/);
      expect(bench.notices.map(({ state }) => state)).toContain('SCALE_IN');
      expect(commandsAbout(story, 'app-1')).toEqual([]);
    },
  );
});

describe('a confirmation', () => {
  situation(
    'the compute that an instance came from is down when the move is to be confirmed',
    'Nova cannot confirm then: it is asked again with growing pauses, each of which the detail shows.',
    async () => {
      const story = await smallCloud();
      const { bench, sessionId } = story;
      let back = Infinity;
      bench.cloud.fault = (call) => {
        if (call !== 'confirmMove') return;
        if (back === Infinity) back = bench.clock.now() + 120_000;
        if (bench.clock.now() < back) throw new CloudError('unavailable', 'the compute is down');
      };
      await finishWell(story);
      const pauses = bench.engine
        .get(sessionId)
        .retries.filter(({ kind, subject }) => kind === 'confirm_move' && subject === 'app-1')
        .map(({ pauseMilliseconds }) => pauseMilliseconds);
      expect(pauses.slice(0, 6)).toEqual([500, 1000, 2000, 4000, 8000, 15_000]);
    },
  );

  situation(
    'a confirmation that fails for long',
    'The session fails; while it is tidied up the confirmation is tried again each minute, until nothing is half-moved.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      let away = true;
      bench.cloud.fault = (call) => {
        if (call === 'confirmMove' && away) throw new CloudError('unavailable', 'the compute is down');
      };
      const reason = await finishBadly(story);
      expect(reason).toMatch(
        /app-1.* left host compute-1 by MIGRATE, and was not confirmed: .*the compute is down/,
      );
      away = false;
      await bench.clock.runUntil(() => bench.cloud.instances.get('app-1')?.state === 'active');
      expectNothingHalfMoved(bench);
    },
  );

  situation(
    'a session that is continued before its last move could be confirmed',
    'The move is confirmed first: until then the host that it came from does not count as empty.',
    async () => {
      const story = await smallCloud();
      const { bench, sessionId } = story;
      let away = true;
      bench.cloud.fault = (call) => {
        if (call === 'confirmMove' && away) throw new CloudError('unavailable', 'the compute is down');
      };
      await finishBadly(story);
      away = false;
      await bench.engine.continue(sessionId, 'START_MAINTENANCE');
      await finishWell(story);
      const events = bench.journal.events(sessionId);
      const continued = events.findIndex(({ type }) => type === 'session_continued');
      const confirmed = events.findIndex(
        (event, index) =>
          index > continued && event.type === 'command_issued' && event.command.kind === 'confirm_move',
      );
      expect(confirmed).toBeGreaterThan(continued);
      expect(confirmed).toBeLessThan(events.findIndex(({ type }) => type === 'host_maintenance_started'));
    },
  );

  situation(
    'a confirmation that puts the instance into ERROR',
    'The session fails, names the instance and says that it left its host; its project is not told that it went well. ' +
      'After it was mended, `PUT /v1/maintenance/{id}` goes on.',
    async () => {
      const story = await smallCloud();
      const { bench, sessionId } = story;
      bench.cloud.fault = (call, subject) => {
        if (call === 'confirmMove' && subject === 'app-1')
          bench.cloud.instances.get('app-1')!.state = 'error';
      };
      expect(await finishBadly(story)).toMatch(/app-1.* left host compute-1 .*not confirmed: .*ERROR/);
      expect(toldDone(story)).toEqual([]);
      expect(commandsAbout(story, 'app-1')).toEqual(['MIGRATE', 'confirm_move']);
      bench.cloud.fault = () => undefined;
      const instance = bench.cloud.instances.get('app-1')!;
      instance.state = 'active';
      delete instance.source;
      await bench.engine.continue(sessionId);
      await finishWell(story);
    },
  );

  situation('somebody else confirms a migration', 'That is as good: the session goes on.', async () => {
    const story = await smallCloud();
    const { bench } = story;
    bench.cloud.fault = (call, subject) => {
      const instance = bench.cloud.instances.get(subject);
      if (call !== 'confirmMove' || instance?.state !== 'resized') return;
      delete instance.source;
      instance.state = 'active';
    };
    await finishWell(story);
    expect(toldDone(story)).toContain('app-1');
  });

  situation(
    'somebody turns a migration back',
    'The instance is on its old host again, by a decision of somebody who knows why: the session fails and says so. ' +
      'Continued, it moves the instance again.',
    async () => {
      const story = await smallCloud();
      const { bench, sessionId } = story;
      bench.cloud.fault = (call, subject) => {
        if (call === 'confirmMove' && bench.cloud.instances.get(subject)?.state === 'resized')
          bench.cloud.revert(subject);
      };
      expect(await finishBadly(story)).toMatch(/app-1.*turned back by somebody/);
      expect(toldDone(story)).toEqual([]);
      bench.cloud.fault = () => undefined;
      await bench.engine.continue(sessionId);
      await finishWell(story);
    },
  );

  situation(
    'the server is killed while a move is being confirmed',
    'The confirmation is taken up again; two of one instance are never under way at the same time.',
    async () => {
      const story = await smallCloud();
      const { bench, sessionId } = story;
      bench.cloud.confirmSeconds = 20;
      await bench.clock.runUntil(() => bench.cloud.instances.get('app-1')?.task === 'confirming');
      const asked: string[] = [];
      bench.cloud.fault = (call, subject) => {
        if (call === 'confirmMove') asked.push(subject);
      };
      const back = bench.clock.now() + 21_000;
      await bench.crash();
      expect(bench.engine.get(sessionId).state).toBe('PREPARE_MAINTENANCE');
      bench.cloud.fault = (call, subject) => {
        // Nova answers "has not been resized" while a confirmation is on its way: it is then waited for.
        if (call === 'confirmMove' && subject === 'app-1' && bench.clock.now() < back)
          throw new CloudError('unavailable', 'a confirmation is on its way');
      };
      await finishWell(story);
      expect(
        bench.cloud.records.filter(({ what, subject }) => what === 'confirmed' && subject === 'app-1').length,
      ).toBeGreaterThan(0);
    },
  );
});

describe('an instance that goes', () => {
  situation(
    'an instance that is deleted by its owner while it is moved',
    'There is nothing left to move: the session goes on, and nobody is told that the move went well.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      await untilMoving(story);
      bench.cloud.delete('app-1');
      await finishWell(story);
      expect(toldDone(story)).not.toContain('app-1');
    },
  );

  situation(
    'an instance that is deleted by its owner before it is confirmed',
    'The same: the session goes on.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.cloud.fault = (call, subject) => {
        if (call === 'confirmMove' && subject === 'app-1') bench.cloud.delete('app-1');
      };
      await finishWell(story);
      expect(toldDone(story)).not.toContain('app-1');
    },
  );

  situation(
    'an instance that is deleted by its owner before it is moved',
    'The same: the session goes on.',
    async () => {
      const story = await smallCloud();
      whenPrepared(story, () => story.bench.cloud.delete('app-1'));
      await finishWell(story);
      expect(toldDone(story)).not.toContain('app-1');
    },
  );
});
