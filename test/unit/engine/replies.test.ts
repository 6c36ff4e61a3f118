import { describe, expect, it } from 'vitest';
import type { SessionRequest } from '../../../src/domain/session.ts';
import type { WorkflowSettings } from '../../../src/domain/settings.ts';
import { ActionsMissing } from '../../../src/engine/maintenance-service.ts';
import { doctorScenario, EngineBench, obliging, type Manager } from '../../support/engine-bench.ts';

async function play(
  manager: Manager,
  change: Partial<SessionRequest> = {},
  settings: Partial<WorkflowSettings> = {},
) {
  const bench = new EngineBench(settings);
  doctorScenario(bench);
  bench.manager = manager;
  await bench.engine.start();
  const opened = bench.clock.now();
  const sessionId = await bench.open(change);
  return { bench, opened, sessionId };
}

const silentIn = (state: string, times = Infinity): Manager => {
  let left = times;
  return (notice, bench) => (notice.state === state && left-- > 0 ? undefined : obliging(notice, bench));
};

describe('a project that refuses', () => {
  it.each(['MAINTENANCE', 'SCALE_IN', 'PREPARE_MAINTENANCE', 'PLANNED_MAINTENANCE', 'MAINTENANCE_COMPLETE'])(
    'fails the session at once in %s, and every host is opened again',
    async (state) => {
      const { bench, sessionId } = await play((notice, self) =>
        notice.state === state ? `NACK_${state}` : obliging(notice, self),
      );
      const session = await bench.finish(sessionId);
      expect(session.state).toBe('MAINTENANCE_FAILED');
      expect(session.failure).toBe(`project project-1 refused ${state}`);
      await bench.clock.runUntil(() => [...bench.cloud.hosts.values()].every(({ open }) => open));
    },
  );

  it('is noticed though another project is silent', async () => {
    const { bench, opened, sessionId } = await play((notice) =>
      notice.projectId === 'project-1' ? undefined : `NACK_${notice.state}`,
    );
    bench.cloud.addInstance('other', 'compute-1', 'project-2');
    const session = await bench.finish(sessionId);
    expect(session.failure).toBe('project project-2 refused MAINTENANCE');
    expect(session.endedAt).toBeLessThan(opened + 1_000);
  });
});

describe('a silent project', () => {
  it('is reminded of PLANNED_MAINTENANCE twice, 40 s apart, and then the session fails', async () => {
    const { bench, sessionId } = await play(silentIn('PLANNED_MAINTENANCE'));
    const session = await bench.finish(sessionId);
    expect(session.failure).toBe('project project-1 did not reply to PLANNED_MAINTENANCE in time');
    const sent = bench.notices.filter(({ state }) => state === 'PLANNED_MAINTENANCE');
    expect(sent.map(({ at }) => at - sent[0]!.at)).toEqual([0, 40_000, 80_000]);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(3);
    expect(session.endedAt).toBe(sent[0]!.at + 120_000);
  });

  it('may still answer a reminder', async () => {
    const { bench, sessionId } = await play(silentIn('PREPARE_MAINTENANCE', 2));
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
  });

  it.each(['SCALE_IN', 'MAINTENANCE_COMPLETE'])(
    'is told of %s once: clients scale again on a repeat',
    async (state) => {
      const { bench, sessionId } = await play(silentIn(state));
      const session = await bench.finish(sessionId);
      expect(session.failure).toBe(`project project-1 did not reply to ${state} in time`);
      const sent = bench.notices.filter((notice) => notice.state === state);
      expect(sent).toHaveLength(1);
      expect(session.endedAt).toBe(sent[0]!.at + 400_000);
    },
  );

  it('is not waited for beyond maintenance_at', async () => {
    const { bench, opened, sessionId } = await play(silentIn('MAINTENANCE'));
    const session = await bench.finish(sessionId);
    expect(session.failure).toBe('project project-1 did not reply to MAINTENANCE in time');
    expect(session.endedAt).toBe(opened + 30_000);
    expect(bench.notices).toHaveLength(1);
  });

  it('is reminded of MAINTENANCE as long as there is time', async () => {
    const { bench, opened, sessionId } = await play(silentIn('MAINTENANCE'), {
      maintenanceAt: Date.UTC(2026, 10, 3, 2, 1, 30),
    });
    const session = await bench.finish(sessionId);
    expect(bench.notices.map(({ at }) => at - opened)).toEqual([0, 40_000, 80_000]);
    expect(session.endedAt).toBe(opened + 90_000);
  });
});

describe('what a notice says', () => {
  it('names the end of the reply window, and for MAINTENANCE the start', async () => {
    const { bench, sessionId } = await play(obliging);
    await bench.finish(sessionId);
    const byState = (state: string) => bench.notices.find((notice) => notice.state === state)!.payload;
    const url = `http://maintenance.example.net:12347/v1/maintenance/${sessionId}/project-1`;
    expect(byState('MAINTENANCE')).toEqual({
      service: 'fenix',
      session_id: sessionId,
      project_id: 'project-1',
      state: 'MAINTENANCE',
      instance_ids: url,
      reply_url: url,
      allowed_actions: [],
      actions_at: '2026-11-03 02:00:30',
      reply_at: '2026-11-03 02:00:30',
      metadata: { release: 'Epoxy' },
    });
    expect(byState('PREPARE_MAINTENANCE')).toMatchObject({
      instance_ids: url,
      allowed_actions: ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'],
      actions_at: '2026-11-03 02:01:10',
      reply_at: '2026-11-03 02:01:10',
    });
    const done = byState('INSTANCE_ACTION_DONE');
    expect(done).toMatchObject({ allowed_actions: [], actions_at: null, reply_at: null, metadata: {} });
    expect(done['instance_ids']).toHaveLength(1);
  });

  it('goes out once for each finished move', async () => {
    const { bench, sessionId } = await play(obliging);
    await bench.finish(sessionId);
    const told = bench.notices.filter(({ state }) => state === 'INSTANCE_ACTION_DONE');
    expect(told).toHaveLength(bench.cloud.records.filter(({ what }) => what === 'moved').length);
  });
});

describe('odd replies', () => {
  it('have no effect when they come late, twice, or answer nothing that was asked', async () => {
    const { bench, sessionId } = await play((notice, self) => {
      const answer = obliging(notice, self);
      const reply = (state: string) => self.engine.reply(sessionId, notice.projectId, { state });
      void reply('NACK_MAINTENANCE_COMPLETE').catch(() => undefined);
      void reply('ACK_INSTANCE_ACTION_DONE').catch(() => undefined);
      setImmediate(() => void reply(`NACK_${notice.state}`).catch(() => undefined));
      return notice.state === 'MAINTENANCE_COMPLETE' ? 'ACK_MAINTENANCE_COMPLETE' : answer;
    });
    const session = await bench.finish(sessionId);
    expect(session.failure).toMatch(/refused MAINTENANCE_COMPLETE/);
    expect(session.previousState).toBe('MAINTENANCE_COMPLETE');
  });

  it('are refused when an ACK leaves out an instance of the host', async () => {
    const { bench, sessionId } = await play((notice) =>
      notice.state === 'PREPARE_MAINTENANCE' ? undefined : obliging(notice, bench),
    );
    await bench.clock.runUntil(() => bench.notices.some(({ state }) => state === 'PREPARE_MAINTENANCE'));
    const reply = { state: 'ACK_PREPARE_MAINTENANCE', instanceActions: {} };
    await expect(bench.engine.reply(sessionId, 'project-1', reply)).rejects.toBeInstanceOf(ActionsMissing);
  });

  it('have no effect when they repeat what was said for the host before', async () => {
    let last: Record<string, 'MIGRATE'> = {};
    const { bench, sessionId } = await play((notice, self) => {
      if (notice.state === 'PLANNED_MAINTENANCE') {
        const reply = { state: 'ACK_PLANNED_MAINTENANCE', instanceActions: last };
        if (Object.keys(last).length > 0) void self.engine.reply(sessionId, notice.projectId, reply);
        const ids = self.engine.projectInstanceIds(sessionId, notice.projectId);
        last = Object.fromEntries(ids.map((id) => [id, 'MIGRATE' as const]));
      }
      return obliging(notice, self);
    });
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
    const replies = bench.journal.events(sessionId).filter(({ type }) => type === 'reply_received');
    expect(replies.length).toBeGreaterThan(
      bench.notices.filter(({ state }) => state !== 'INSTANCE_ACTION_DONE').length,
    );
  });

  it('may come one by one for each instance', async () => {
    const { bench, sessionId } = await play((notice, self) => {
      if (!/PREPARE|PLANNED/.test(notice.state)) return obliging(notice, self);
      const ids = self.engine.projectInstanceIds(sessionId, notice.projectId);
      void (async () => {
        for (const id of ids) {
          await self.engine.replyForInstance(sessionId, notice.projectId, id, {
            state: `ACK_${notice.state}`,
            instanceAction: 'LIVE_MIGRATE',
          });
        }
      })();
      return undefined;
    });
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
    expect(bench.cloud.records.some(({ what }) => what === 'confirmed')).toBe(false);
  });
});

describe('a start in the past', () => {
  it('is at once when it lies within a reply window', async () => {
    const { bench, opened, sessionId } = await play(obliging, {
      maintenanceAt: Date.UTC(2026, 10, 3, 1, 59, 50),
    });
    await bench.clock.runUntil(() => bench.sessionNotices.includes('SCALE_IN'));
    expect(bench.clock.now()).toBeLessThan(opened + 1_000);
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
  });

  it('fails the session when it lies further back', async () => {
    const { bench, sessionId } = await play(obliging, { maintenanceAt: Date.UTC(2026, 10, 3, 1, 59, 19) });
    const session = await bench.finish(sessionId);
    expect(session.failure).toMatch(/maintenance_at lies 41 s before/);
    expect(bench.notices).toEqual([]);
  });
});

describe('a project without an alarm', () => {
  it('fails the session before anybody is told', async () => {
    const { bench, sessionId } = await play(obliging);
    bench.unsubscribed = ['project-1'];
    const session = await bench.finish(sessionId);
    expect(session.failure).toMatch(/no alarm for maintenance.scheduled in project project-1/);
    expect(bench.notices).toEqual([]);
  });

  it('is handled without interaction where the option says so', async () => {
    const { bench, sessionId } = await play(obliging, {}, { unsubscribedProjects: 'LIVE_MIGRATE' });
    bench.cloud.delete('app-6');
    bench.cloud.delete('app-5');
    bench.unsubscribed = ['project-1'];
    const session = await bench.finish(sessionId);
    expect(session.state).toBe('MAINTENANCE_DONE');
    expect(bench.notices).toEqual([]);
    expect(bench.cloud.records.some(({ what }) => what === 'moved')).toBe(true);
    expect(bench.cloud.records.some(({ what }) => what === 'confirmed')).toBe(false);
  });
});
