import { describe, expect, it } from 'vitest';
import { ActionsMissing } from '../../../src/engine/maintenance-service.ts';
import {
  askedInstance,
  doctorScenario,
  EngineBench,
  obliging,
  type Notice,
} from '../../support/engine-bench.ts';
import { mostImpacted, registerGroup } from '../../support/registered-limits.ts';

/** Doctor's scenario with Doctor's limits. */
async function doctor(): Promise<EngineBench> {
  const bench = new EngineBench();
  doctorScenario(bench);
  await registerGroup(bench, 'ha', ['ha-1', 'ha-2'], {
    antiAffinity: true,
    maxInstancesPerHost: 1,
    recoverySeconds: 4,
  });
  await registerGroup(bench, 'non-ha', appsOf(bench), { maxImpactedMembers: 2, recoverySeconds: 2 });
  return bench;
}

/** Two instances on one host, and room for them elsewhere. */
async function pair(): Promise<EngineBench> {
  const bench = new EngineBench();
  bench.cloud.addHost('compute-1', 2);
  bench.cloud.addHost('compute-2', 2);
  bench.cloud.addInstance('app-1', 'compute-1');
  bench.cloud.addInstance('app-2', 'compute-1');
  await registerGroup(bench, 'apps', ['app-1', 'app-2'], { maxImpactedMembers: 2 });
  return bench;
}

async function play(bench: EngineBench) {
  await bench.engine.start();
  return bench.finish(await bench.open({ workflow: 'vnf' }));
}

const aboutHost = ({ state }: Notice) => state === 'PREPARE_MAINTENANCE' || state === 'PLANNED_MAINTENANCE';
const seconds = (from: unknown, to: unknown) =>
  (Date.parse(`${String(to)}Z`) - Date.parse(`${String(from)}Z`)) / 1000;

describe('a vnf session over Doctor’s scenario', () => {
  it('goes through the states of `default` to MAINTENANCE_DONE', async () => {
    const bench = await doctor();
    const session = await play(bench);
    expect(session.failure).toBeUndefined();
    const told = bench.sessionNotices;
    expect(told.slice(0, 3)).toEqual(['MAINTENANCE', 'SCALE_IN', 'PREPARE_MAINTENANCE']);
    expect(told.slice(-2)).toEqual(['MAINTENANCE_COMPLETE', 'MAINTENANCE_DONE']);
    // PREPARE until a host is maintained, then PLANNED while notices are pending, else START.
    expect(new Set(told.slice(3, -2))).toEqual(new Set(['PLANNED_MAINTENANCE', 'START_MAINTENANCE']));
  });

  it('asks about each instance by itself, and about everything else by project', async () => {
    const bench = await doctor();
    await play(bench);
    const base = 'http://maintenance.example.net:12347/v1/maintenance/session-1/project-1';
    const asked = bench.notices.filter(aboutHost);
    expect(asked.length).toBeGreaterThanOrEqual(6);
    for (const { payload, at } of asked) {
      const [id] = payload['instance_ids'] as readonly string[];
      expect(payload).toMatchObject({
        instance_ids: [id],
        reply_url: `${base}/${id}`,
        allowed_actions: expect.arrayContaining(['MIGRATE', 'LIVE_MIGRATE']) as unknown,
        metadata: { release: 'Epoxy' },
      });
      // The lead time of the instance's constraint.
      const sent = new Date(at).toISOString().slice(0, 19).replace('T', ' ');
      expect(seconds(sent, payload['reply_at'])).toBe(25);
      expect(payload['actions_at']).toBe(payload['reply_at']);
    }
    for (const { payload, state } of bench.notices.filter((notice) => !aboutHost(notice))) {
      expect(payload['reply_url']).toBe(base);
      if (state === 'INSTANCE_ACTION_DONE') expect(payload['instance_ids']).toEqual([expect.any(String)]);
      else expect(payload['instance_ids']).toBe(base);
    }
  });

  it('takes an instance without constraints for one of a careful group', async () => {
    const bench = await doctor();
    bench.manager = (notice, self) => {
      // As Doctor's VNFM does at its scaling out: an instance of which it registers nothing.
      if (notice.state === 'SCALE_IN')
        self.cloud.instances.set('late', { ...instanceLike(self), id: 'late', name: 'late' });
      return obliging(notice, self);
    };
    const session = await play(bench);
    expect(session.failure).toBeUndefined();
    expect(bench.cloud.records.some(({ what, subject }) => what === 'moved' && subject === 'late')).toBe(
      true,
    );
  });

  it('killed after any event of its journal ends all the same, moves nothing twice, and breaks no limit', async () => {
    const undisturbed = await doctor();
    await play(undisturbed);
    const length = undisturbed.journal.events('session-1').length;
    for (let events = 1; events < length; events += 1) {
      const bench = await doctor();
      await bench.engine.start();
      const sessionId = await bench.open({ workflow: 'vnf' });
      await bench.clock.runUntil(() => bench.journal.events(sessionId).length >= events);
      await bench.crash();
      await bench.clock.runUntil(() => bench.engine.list().length > 0);
      const { failure } = await bench.finish(sessionId);
      const asked = bench.journal
        .events(sessionId)
        .filter((event) => event.type === 'command_issued' && event.command.kind === 'move_instance');
      const started = bench.cloud.records.filter(({ what }) => what === 'move_started');
      expect({ events, failure, started: started.length }).toEqual({
        events,
        failure: undefined,
        started: asked.length,
      });
      expect(mostImpacted(bench, ['ha-1', 'ha-2'], 4)).toBe(1);
      expect(mostImpacted(bench, appsOf(bench), 2)).toBeLessThanOrEqual(2);
    }
  }, 120_000);
});

const appsOf = ({ cloud }: EngineBench) => [...cloud.instances.keys()].filter((id) => id.startsWith('app-'));

function instanceLike(bench: EngineBench) {
  const [one] = [...bench.cloud.instances.values()].filter(({ id }) => id.startsWith('app-'));
  if (one === undefined) throw new Error('no instance');
  return one;
}

describe('the reply window of an instance', () => {
  it('is its lead time, anew with each reminder; a silent one fails the session by name', async () => {
    const bench = await pair();
    bench.manager = (notice, self) =>
      askedInstance(notice) === 'app-2' ? undefined : obliging(notice, self);
    const session = await play(bench);
    expect(session.state).toBe('MAINTENANCE_FAILED');
    expect(session.failure).toBe(
      'project project-1, for instance app-2 (app-2), did not reply to PLANNED_MAINTENANCE in time',
    );
    const times = bench.notices
      .filter((notice) => askedInstance(notice) === 'app-2')
      .map(({ payload }) => payload['reply_at']);
    expect(times).toHaveLength(3);
    expect([seconds(times[0], times[1]), seconds(times[1], times[2])]).toEqual([25, 25]);
    expect(bench.notices.filter((notice) => askedInstance(notice) === 'app-1')).toHaveLength(1);
  });

  it('is that of the configuration where nothing is registered', async () => {
    const bench = await pair();
    bench.constraints.clear();
    bench.manager = (notice, self) => (aboutHost(notice) ? undefined : obliging(notice, self));
    await play(bench);
    const times = bench.notices
      .filter((notice) => askedInstance(notice) === 'app-1')
      .map(({ payload }) => payload['reply_at']);
    expect(seconds(times[0], times[1])).toBe(40);
  });

  it('ends with a NACK: the session fails, and names instance and project', async () => {
    const bench = await pair();
    bench.manager = (notice, self) =>
      askedInstance(notice) === 'app-2' ? `NACK_${notice.state}` : obliging(notice, self);
    const session = await play(bench);
    expect(session.failure).toBe(
      'project project-1, for instance app-2 (app-2), refused PLANNED_MAINTENANCE',
    );
    const touched = bench.cloud.records.filter(
      ({ what, subject }) => what === 'move_started' && subject === 'app-2',
    );
    expect(touched).toEqual([]);
  });

  it('moves nobody from a host before all that it carries have agreed: their places are reserved together', async () => {
    const bench = await pair();
    let startedBefore: readonly string[] = [];
    bench.manager = (notice, self) => {
      if (askedInstance(notice) !== 'app-2') return obliging(notice, self);
      if (bench.notices.filter((one) => askedInstance(one) === 'app-2').length < 2) return undefined;
      startedBefore = self.cloud.records
        .filter(({ what }) => what === 'move_started')
        .map(({ subject }) => subject);
      return obliging(notice, self);
    };
    const session = await play(bench);
    expect(session.failure).toBeUndefined();
    expect(startedBefore).toEqual([]);
  });
});

describe('a reply in vnf', () => {
  /** Runs until both instances are asked about, and nobody has replied. */
  async function asked() {
    const bench = await pair();
    bench.manager = (notice, self) => (aboutHost(notice) ? undefined : obliging(notice, self));
    await bench.engine.start();
    const sessionId = await bench.open({ workflow: 'vnf' });
    await bench.clock.runUntil(() => bench.notices.filter(aboutHost).length === 2);
    const answers = () =>
      Object.fromEntries(
        [...bench.engine.get(sessionId).instances.values()].map(({ id, question }) => [id, question?.answer]),
      );
    const ack = { state: 'ACK_PLANNED_MAINTENANCE' };
    return { bench, sessionId, answers, ack };
  }

  it('without an action uses what is registered', async () => {
    const bench = await pair();
    bench.namesActions = false;
    await registerGroup(bench, 'apps', ['app-1', 'app-2'], { maxImpactedMembers: 2 });
    const session = await play(bench);
    expect(session.failure).toBeUndefined();
    expect([...session.instances.values()].map(({ action }) => action)).toEqual(['MIGRATE', 'MIGRATE']);
  });

  it('without an action is refused where nothing is registered', async () => {
    const { bench, sessionId, answers, ack } = await asked();
    bench.constraints.clear();
    await bench.clock.runUntil(() => bench.engine.get(sessionId).endedAt !== undefined);
    await bench.engine.continue(sessionId);
    await bench.clock.runUntil(() =>
      [...bench.engine.get(sessionId).instances.values()].every(
        ({ question }) => question?.deliveredAt !== undefined,
      ),
    );
    await expect(bench.engine.replyForInstance(sessionId, 'project-1', 'app-1', ack)).rejects.toThrow(
      ActionsMissing,
    );
    expect(answers()).toEqual({ 'app-1': undefined, 'app-2': undefined });
    await bench.engine.replyForInstance(sessionId, 'project-1', 'app-1', {
      ...ack,
      instanceAction: 'LIVE_MIGRATE',
    });
    expect(answers()).toEqual({ 'app-1': 'ACK', 'app-2': undefined });
  });

  it('sent to the project counts for the instances that it names, else for the only one that is asked about', async () => {
    const { bench, sessionId, answers, ack } = await asked();
    await bench.engine.reply(sessionId, 'project-1', ack);
    expect(answers()).toEqual({ 'app-1': undefined, 'app-2': undefined });
    await bench.engine.reply(sessionId, 'project-1', { ...ack, instanceActions: { 'app-2': 'MIGRATE' } });
    expect(answers()).toEqual({ 'app-1': undefined, 'app-2': 'ACK' });
    await bench.engine.reply(sessionId, 'project-1', { ...ack, instanceActions: { unknown: 'MIGRATE' } });
    expect(answers()).toEqual({ 'app-1': undefined, 'app-2': 'ACK' });
    await bench.engine.reply(sessionId, 'project-1', ack);
    expect(answers()).toEqual({ 'app-1': 'ACK', 'app-2': 'ACK' });
  });

  it('has no effect when it comes twice, late, contrary, or to INSTANCE_ACTION_DONE', async () => {
    const bench = await pair();
    bench.manager = (notice, self) => {
      const instanceId = askedInstance(notice);
      if (instanceId === undefined) return obliging(notice, self);
      const sessionId = String(notice.payload['session_id']);
      const again = (state: string) =>
        setImmediate(
          () => void self.engine.replyForInstance(sessionId, notice.projectId, instanceId, { state }),
        );
      for (const state of [
        `ACK_${notice.state}`,
        `NACK_${notice.state}`,
        'ACK_MAINTENANCE',
        'ACK_INSTANCE_ACTION_DONE',
      ])
        again(state);
      return obliging(notice, self);
    };
    const answer = bench.answer.bind(bench);
    bench.answer = async (notice) => {
      await answer(notice);
      if (notice.state === 'INSTANCE_ACTION_DONE')
        await bench.engine.reply(String(notice.payload['session_id']), notice.projectId, {
          state: 'ACK_INSTANCE_ACTION_DONE',
        });
    };
    const session = await play(bench);
    expect(session.failure).toBeUndefined();
    expect(bench.notices.filter(aboutHost)).toHaveLength(2);
  });
});
