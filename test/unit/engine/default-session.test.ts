import { describe, expect, it } from 'vitest';
import { doctorScenario, EngineBench, obliging } from '../../support/engine-bench.ts';

describe('a default session over Doctor’s scenario', () => {
  it('goes through its states to MAINTENANCE_DONE', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    await bench.engine.start();
    const session = await bench.finish(await bench.open());
    expect(session.failure).toBeUndefined();
    expect(session.state).toBe('MAINTENANCE_DONE');
    expect(bench.sessionNotices).toEqual([
      'MAINTENANCE',
      'SCALE_IN',
      'PREPARE_MAINTENANCE',
      'START_MAINTENANCE',
      ...Array.from({ length: 3 }, () => ['PLANNED_MAINTENANCE', 'START_MAINTENANCE']).flat(),
      'MAINTENANCE_COMPLETE',
      'MAINTENANCE_DONE',
    ]);
  });

  it('empties each host before its maintenance and opens it afterwards', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    const carriedAtStart: Record<string, number> = {};
    const notify = bench.notify.bind(bench);
    bench.notify = async (notification, signal) => {
      const host = String(notification.payload['host']);
      if (notification.payload['state'] === 'IN_MAINTENANCE') {
        carriedAtStart[host] = bench.cloud.on(host).length;
        if (host !== 'controller-1') expect(bench.cloud.hosts.get(host)?.open).toBe(false);
      }
      await notify(notification, signal);
    };
    await bench.engine.start();
    await bench.finish(await bench.open());
    expect(carriedAtStart).toEqual({
      'controller-1': 0,
      'compute-1': 0,
      'compute-2': 0,
      'compute-3': 0,
      'compute-4': 0,
    });
    expect([...bench.cloud.hosts.values()].every(({ open }) => open)).toBe(true);
    expect(bench.hostNotices.map(({ state }) => state)).toEqual(
      Array.from({ length: 5 }, () => ['IN_MAINTENANCE', 'MAINTENANCE_COMPLETE']).flat(),
    );
  });

  it('moves to finished hosts: no instance moves twice but those of the first host', async () => {
    const bench = new EngineBench();
    doctorScenario(bench, 8);
    await bench.engine.start();
    const session = await bench.finish(await bench.open());
    expect(session.state).toBe('MAINTENANCE_DONE');
    const moves = bench.cloud.records.filter(({ what }) => what === 'moved');
    // 16 instances less the two that were scaled in; those that leave the first host may move once more.
    expect(moves.length).toBeLessThanOrEqual(14 + 2);
  });

  it('works with live migration and with own action', async () => {
    for (const action of ['LIVE_MIGRATE', 'OWN_ACTION'] as const) {
      const bench = new EngineBench();
      doctorScenario(bench);
      bench.action = action;
      bench.manager = (notice, self) => {
        const answer = obliging(notice, self);
        if (action === 'OWN_ACTION' && /PREPARE|PLANNED/.test(notice.state)) {
          const ids = self.engine.projectInstanceIds(String(notice.payload['session_id']), notice.projectId);
          for (const id of ids) {
            self.cloud.delete(id);
          }
        }
        return answer;
      };
      await bench.engine.start();
      const session = await bench.finish(await bench.open());
      expect(session.failure).toBeUndefined();
      expect(bench.cloud.records.filter(({ what }) => what === 'confirmed')).toEqual([]);
    }
  });

  it('is done at once where there are no instances', async () => {
    const bench = new EngineBench();
    bench.cloud.addHost('compute-1', 2);
    bench.cloud.addHost('compute-2', 2);
    await bench.engine.start();
    const session = await bench.finish(await bench.open());
    expect(session.state).toBe('MAINTENANCE_DONE');
    expect(bench.notices).toEqual([]);
    expect(bench.hostNotices).toHaveLength(4);
  });

  it('starts with the empty host where there is one', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    bench.cloud.addHost('compute-5', 2);
    await bench.engine.start();
    const session = await bench.finish(await bench.open());
    expect(session.state).toBe('MAINTENANCE_DONE');
    expect(bench.sessionNotices.slice(0, 2)).toEqual(['MAINTENANCE', 'START_MAINTENANCE']);
    expect(bench.notices.map(({ state }) => state)).not.toContain('SCALE_IN');
  });

  it('does only the hosts that were named', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    bench.cloud.addHost('spare', 4);
    await bench.engine.start();
    const session = await bench.finish(await bench.open({ hosts: ['compute-2', 'compute-3'] }));
    expect(session.state).toBe('MAINTENANCE_DONE');
    expect(bench.hostNotices.map(({ host }) => host).sort()).toEqual([
      'compute-2',
      'compute-2',
      'compute-3',
      'compute-3',
    ]);
  });
});
