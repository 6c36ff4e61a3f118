/** Instances that do not stay as they were. */
import { describe, expect } from 'vitest';
import type { ModelInstance } from '../../../src/simulation/model-instances.ts';
import { situation } from '../../support/situation.ts';
import {
  commandsAbout,
  finishBadly,
  finishWell,
  smallCloud,
  toldDone,
  untilMoving,
  whenPrepared,
  type SmallCloud,
} from '../../support/small-cloud.ts';

const change = ({ bench }: SmallCloud, patch: Partial<ModelInstance>, id = 'app-1') =>
  Object.assign(bench.cloud.instances.get(id)!, patch);

/** `app-1` as it is before the session comes to it. */
async function withInstance(patch: Partial<ModelInstance>): Promise<SmallCloud> {
  const story = await smallCloud();
  change(story, patch);
  return story;
}

const movesOf = (story: SmallCloud, id = 'app-1') =>
  commandsAbout(story, id).filter((what) => what !== 'confirm_move');

describe('instances that come and go', () => {
  situation(
    'an instance that appears on the host while it is emptied',
    'It is moved too (cold, which every instance bears, as its project could not say anything about it).',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.action = 'LIVE_MIGRATE';
      await untilMoving(story);
      bench.cloud.addInstance('late', 'compute-1');
      await finishWell(story);
      expect(movesOf(story, 'late')[0]).toBe('MIGRATE');
    },
  );

  situation(
    'an instance of another project that appears when it is too late to tell that project of the session',
    'Its project is asked before the instance is moved, as all the others are; the session does not fail for it.',
    async () => {
      const story = await smallCloud();
      const { bench, sessionId } = story;
      const { maintenanceAt } = bench.engine.get(sessionId).request;
      bench.clock.at(maintenanceAt - 1_000, () => bench.cloud.addInstance('late', 'compute-1', 'project-2'));
      await finishWell(story);
      const asked = bench.notices.filter(({ projectId }) => projectId === 'project-2');
      expect(asked[0]?.state).toBe('PREPARE_MAINTENANCE');
      expect(movesOf(story, 'late')[0]).toBe('MIGRATE');
    },
  );

  situation(
    'an instance of another project that appears on the host while it is emptied',
    'Its project is asked before the instance is moved, as all the others were.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      await untilMoving(story);
      bench.cloud.addInstance('stranger', 'compute-1', 'project-2');
      await finishWell(story);
      const asked = bench.notices
        .filter(({ projectId }) => projectId === 'project-2')
        .map(({ state }) => state);
      expect(asked[0]).toBe('PREPARE_MAINTENANCE');
      expect(movesOf(story, 'stranger')[0]).toBe('MIGRATE');
    },
  );

  situation(
    'an instance that is rebuilt elsewhere under the same name, with a new id',
    'That is what OWN_ACTION is for: the host is empty once the old one is gone. The new one inherits what was decided ' +
      'for the old one.',
    async () => {
      const story = await smallCloud({}, { withOutside: true });
      const { bench, sessionId } = story;
      bench.action = 'OWN_ACTION';
      whenPrepared(story, () => {
        bench.clock.at(bench.clock.now() + 30_000, () => {
          bench.cloud.delete('app-1');
          bench.cloud.addInstance('app-1b', 'outside', 'project-1', 1, 'app-1');
        });
      });
      await bench.clock.runUntil(() => bench.engine.get(sessionId).instances.get('app-1b') !== undefined);
      expect(bench.engine.get(sessionId).instances.get('app-1b')).toMatchObject({
        name: 'app-1',
        action: 'OWN_ACTION',
        actionOutcome: 'done',
      });
    },
  );

  situation(
    'an instance that is rebuilt on the host that is being emptied, with a new id',
    'It inherits the answer that was given for the old one: its application is waited for until that too has gone.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.action = 'OWN_ACTION';
      whenPrepared(story, () => {
        bench.clock.at(bench.clock.now() + 30_000, () => {
          bench.cloud.delete('app-1');
          bench.cloud.addInstance('app-1b', 'compute-1', 'project-1', 1, 'app-1');
        });
        bench.clock.at(bench.clock.now() + 60_000, () => bench.cloud.delete('app-1b'));
      });
      await bench.clock.runUntil(() => bench.hostNotices.length > 0);
      expect(bench.hostNotices[0]).toMatchObject({ host: 'compute-1', state: 'IN_MAINTENANCE' });
      expect(movesOf(story, 'app-1b')).toEqual([]);
      expect(bench.cloud.on('compute-1')).toEqual([]);
    },
  );

  situation(
    'an application that does not take its instance away',
    'After `workflow.own_action_seconds` the session fails and names the instances that are still there.',
    async () => {
      const story = await smallCloud();
      story.bench.action = 'OWN_ACTION';
      expect(await finishBadly(story)).toMatch(
        /app-1.* could not leave host compute-1 by OWN_ACTION: the own action did not end within 240 s/,
      );
    },
  );
});

describe('instances to which something is being done', () => {
  situation(
    'an instance that is rebuilt in place by its owner',
    'Nova refuses to move it meanwhile: it is asked again with growing pauses, each of which the detail shows.',
    async () => {
      const story = await smallCloud();
      const { bench, sessionId } = story;
      whenPrepared(story, () => {
        change(story, { task: 'rebuilding' });
        bench.clock.at(bench.clock.now() + 60_000, () => change(story, { task: null }));
      });
      await finishWell(story);
      const retries = bench.engine.get(sessionId).retries.filter(({ subject }) => subject === 'app-1');
      expect(retries.map(({ pauseMilliseconds }) => pauseMilliseconds).slice(0, 4)).toEqual([
        500, 1000, 2000, 4000,
      ]);
      expect(new Set(retries.map(({ error }) => error.code))).toEqual(new Set(['busy']));
    },
  );

  situation(
    'an instance that its owner resizes, and confirms in time',
    'It is waited for, and then moved.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      whenPrepared(story, () => {
        change(story, { state: 'resized' });
        bench.clock.at(bench.clock.now() + 100_000, () => change(story, { state: 'active' }));
      });
      await finishWell(story);
    },
  );

  situation(
    'an instance that waits for its owner to confirm a resize',
    'Whether to confirm or to revert is its owner’s decision, never ours: after `workflow.move_seconds` the session ' +
      'fails with that reason.',
    async () => {
      const story = await withInstance({ state: 'resized' });
      expect(await finishBadly(story)).toMatch(
        /app-1.*vm_state resized; its owner has to confirm or revert the resize$/,
      );
      expect(commandsAbout(story, 'app-1')).toEqual(['MIGRATE']);
      expect(story.bench.cloud.instances.get('app-1')?.state).toBe('resized');
      expect(toldDone(story)).toEqual([]);
    },
  );
});

describe('instances that do not run', () => {
  situation(
    'a stopped instance that is to be moved live',
    'Nova moves only running instances live: it is moved cold, which harms nobody, and stays stopped.',
    async () => {
      const story = await withInstance({ state: 'stopped' });
      story.bench.action = 'LIVE_MIGRATE';
      await finishWell(story);
      expect(commandsAbout(story, 'app-1').slice(0, 2)).toEqual(['MIGRATE', 'confirm_move']);
      expect(story.bench.cloud.instances.get('app-1')?.state).toBe('stopped');
    },
  );

  situation(
    'an instance that is stopped just before it is moved live',
    'The refusal is followed by a look at the cloud, and then it is moved cold.',
    async () => {
      const story = await smallCloud();
      const { bench } = story;
      bench.action = 'LIVE_MIGRATE';
      whenPrepared(story, () => change(story, { state: 'stopped' }));
      await finishWell(story);
      expect(commandsAbout(story, 'app-1').slice(0, 3)).toEqual(['LIVE_MIGRATE', 'MIGRATE', 'confirm_move']);
    },
  );

  situation(
    'a paused instance that is to be moved cold',
    'Nova moves a paused instance only live, with its memory: so it is, and it stays paused.',
    async () => {
      const story = await withInstance({ state: 'paused' });
      await finishWell(story);
      expect(movesOf(story)[0]).toBe('LIVE_MIGRATE');
      expect(story.bench.cloud.instances.get('app-1')?.state).toBe('paused');
    },
  );

  situation(
    'an instance that is suspended, in rescue, or shelved and still on the host',
    'Nova moves none of them in any way: the session fails before anything is moved off the host, names the instance and ' +
      'says what to do (resume, end the rescue, offload). `PUT /v1/maintenance/{id}` goes on.',
    async () => {
      for (const [state, obstacle] of [
        ['suspended', 'is suspended: resume it'],
        ['shelved', 'is shelved and still on the host: offload it'],
        ['rescued', 'is in rescue: end that'],
      ] as const) {
        const story = await withInstance({ state });
        expect(await finishBadly(story)).toBe(
          `instance app-1 (app-1) cannot leave host compute-1: it ${obstacle}, then continue the session`,
        );
        expect(commandsAbout(story, 'app-1')).toEqual([]);
        change(story, state === 'shelved' ? { state: 'shelved_offloaded', host: '' } : { state: 'active' });
        await story.bench.engine.continue(story.sessionId);
        await finishWell(story);
      }
    },
  );

  situation(
    'an instance that is shelved and offloaded',
    'No host holds it: it takes no part in the session.',
    async () => {
      const story = await withInstance({ state: 'shelved_offloaded', host: '' });
      await finishWell(story);
      expect(commandsAbout(story, 'app-1')).toEqual([]);
    },
  );

  situation(
    'an instance in ERROR',
    'Nova moves none: before anything is moved off its host the session fails and names it. Its owner mends or deletes ' +
      'it, and `PUT /v1/maintenance/{id}` goes on.',
    async () => {
      const story = await withInstance({ state: 'error' });
      const { bench, sessionId } = story;
      bench.cloud.addInstance('app-4', 'compute-1');
      expect(await finishBadly(story)).toBe(
        'instance app-1 (app-1) cannot leave host compute-1: it is in ERROR: mend or delete it, then continue the session',
      );
      expect(commandsAbout(story, 'app-4')).toEqual([]);
      change(story, { state: 'active' });
      await bench.engine.continue(sessionId);
      await finishWell(story);
    },
  );

  situation(
    'an instance in ERROR that its application takes away itself',
    'With OWN_ACTION its state does not matter: it is waited for until it has gone.',
    async () => {
      const story = await withInstance({ state: 'error' });
      const { bench } = story;
      bench.action = 'OWN_ACTION';
      whenPrepared(story, () => {
        bench.clock.at(bench.clock.now() + 30_000, () => bench.cloud.delete('app-1'));
      });
      await bench.clock.runUntil(() => bench.hostNotices.length > 0);
      expect(bench.hostNotices[0]).toMatchObject({ host: 'compute-1', state: 'IN_MAINTENANCE' });
    },
  );
});
