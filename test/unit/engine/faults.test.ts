import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../src/engine/ports.ts';
import { SessionNotFound, TooManySessions } from '../../../src/engine/maintenance-service.ts';
import { doctorScenario, EngineBench, obliging } from '../../support/engine-bench.ts';

async function opened(change: ConstructorParameters<typeof EngineBench>[0] = {}) {
  const bench = new EngineBench(change);
  doctorScenario(bench);
  await bench.engine.start();
  return { bench, sessionId: await bench.open() };
}

const allOpen = (bench: EngineBench) => [...bench.cloud.hosts.values()].every(({ open }) => open);

describe('a move that fails', () => {
  it('fails the session with instance, host and reason, and the hosts are opened', async () => {
    const { bench, sessionId } = await opened();
    bench.cloud.fault = (call, subject) => {
      if (call === 'startMove' && subject === 'ha-1') throw new CloudError('failed', 'the disk is on fire');
    };
    const session = await bench.finish(sessionId);
    expect(session.failure).toMatch(
      /instance ha-1 \(ha-1\) could not leave host compute-1 by MIGRATE: the disk is on fire/,
    );
    await bench.clock.runUntil(() => allOpen(bench));
    const unconfirmed = [...bench.cloud.instances.values()].filter(({ source }) => source !== undefined);
    expect(unconfirmed).toEqual([]);
  });

  it('is tried again without a target when the first finds no valid host', async () => {
    const { bench, sessionId } = await opened();
    let refused = 0;
    bench.cloud.fault = (call) => {
      if (call === 'startMove' && refused++ === 0)
        throw new CloudError('no_valid_host', 'No valid host was found');
    };
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
  });

  it('asks to scale in again when the first host finds no room, and fails when nobody gives any', async () => {
    const { bench, sessionId } = await opened();
    let scaled = false;
    bench.manager = (notice, self) => {
      if (notice.state !== 'SCALE_IN') return obliging(notice, self);
      if (!scaled) obliging(notice, self);
      scaled = true;
      return 'ACK_SCALE_IN';
    };
    bench.cloud.fault = (call) => {
      if (call === 'startMove') throw new CloudError('no_valid_host', 'No valid host was found');
    };
    const session = await bench.finish(sessionId);
    expect(bench.sessionNotices).toEqual([
      'MAINTENANCE',
      'SCALE_IN',
      'PREPARE_MAINTENANCE',
      'SCALE_IN',
      'MAINTENANCE_FAILED',
    ]);
    expect(session.failure).toMatch(/no project scaled in.*No valid host was found/);
  });

  it('ends when it takes too long', async () => {
    const { bench, sessionId } = await opened();
    bench.cloud.moveSeconds = 500;
    const session = await bench.finish(sessionId);
    expect(session.failure).toMatch(/the move did not end within 240 s/);
  });
});

describe('a scheduler that remembers where a live migration came from', () => {
  it('is not asked for what it would refuse, where another order will do', async () => {
    const { bench, sessionId } = await opened();
    bench.cloud.remembersSeconds = 120;
    bench.action = 'LIVE_MIGRATE';
    expect((await bench.finish(sessionId)).failure).toBeUndefined();
    const moved = bench.cloud.records.filter(({ what }) => what === 'moved').length;
    expect(bench.cloud.records.filter(({ what }) => what === 'move_started')).toHaveLength(moved);
  });

  it('is outlasted where there is no other way', async () => {
    const bench = new EngineBench();
    for (const host of ['compute-1', 'compute-2', 'compute-3']) bench.cloud.addHost(host, 1);
    bench.cloud.addInstance('ha-1', 'compute-1');
    bench.cloud.addInstance('ha-2', 'compute-2');
    bench.cloud.addGroup('ha', ['ha-1', 'ha-2']);
    bench.cloud.remembersSeconds = 120;
    bench.action = 'LIVE_MIGRATE';
    await bench.engine.start();
    const session = await bench.finish(await bench.open());
    expect(session.failure).toBeUndefined();
    const [first, last] = [
      bench.cloud.records.find(({ what }) => what === 'moved')!,
      bench.cloud.records.findLast(({ what }) => what === 'moved')!,
    ];
    expect(last.at - first.at).toBeGreaterThan(120_000);
    expect(last.at - first.at).toBeLessThan(140_000);
  });
});

describe('a project that acknowledges SCALE_IN and does nothing', () => {
  it('ends the session instead of being asked for ever', async () => {
    const { bench, sessionId } = await opened();
    bench.manager = (notice) => `ACK_${notice.state}`;
    const session = await bench.finish(sessionId);
    expect(session.failure).toMatch(/no project scaled in/);
    expect(bench.notices.filter(({ state }) => state === 'SCALE_IN')).toHaveLength(1);
  });
});

describe('a cloud that is away', () => {
  it('is tried again with growing pauses, and the session goes on', async () => {
    const { bench, sessionId } = await opened();
    const back = bench.clock.now() + 10_000;
    const calls: number[] = [];
    bench.cloud.fault = (call) => {
      if (bench.clock.now() > back) return;
      if (call === 'observe') calls.push(bench.clock.now());
      throw new CloudError('unavailable', 'connection refused');
    };
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
    expect(calls.slice(1).map((at, index) => at - calls[index]!)).toEqual([500, 1000, 2000, 4000]);
  });

  it('fails the session when it comes back too late to tell anybody', async () => {
    const { bench, sessionId } = await opened();
    const back = bench.clock.now() + 60_000;
    bench.cloud.fault = () => {
      if (bench.clock.now() < back) throw new CloudError('unavailable', 'connection refused');
    };
    const session = await bench.finish(sessionId);
    expect(session.failure).toBe('no time was left before maintenance_at to tell project project-1');
    expect(bench.notices).toEqual([]);
  });

  it('fails the session when it stays away', async () => {
    const { bench, sessionId } = await opened();
    bench.cloud.fault = () => {
      throw new CloudError('unavailable', 'connection refused');
    };
    expect((await bench.finish(sessionId)).failure).toBe('the cloud cannot be seen: connection refused');
  });

  it('is asked whether a move was taken on when the answer to it was lost', async () => {
    for (const carriedOut of [true, false]) {
      const { bench, sessionId } = await opened();
      let lost = false;
      const startMove = bench.cloud.startMove.bind(bench.cloud);
      bench.cloud.startMove = async (move) => {
        if (lost) return startMove(move);
        lost = true;
        if (carriedOut) await startMove(move);
        throw new CloudError('unknown_outcome', 'the connection was cut');
      };
      const session = await bench.finish(sessionId);
      expect(session.state).toBe('MAINTENANCE_DONE');
      const started = bench.cloud.records.filter(({ what }) => what === 'move_started').length;
      expect(started).toBe(bench.cloud.records.filter(({ what }) => what === 'moved').length);
    }
  });
});

describe('a broker that is away', () => {
  it('costs nobody the time to reply', async () => {
    const { bench, sessionId } = await opened();
    await bench.clock.runUntil(() => bench.sessionNotices.includes('SCALE_IN'));
    const notify = bench.notify.bind(bench);
    let held = true;
    bench.notify = async (notification, signal) => {
      while (held) await new Promise<void>((resolve) => bench.clock.at(bench.clock.now() + 1000, resolve));
      await notify(notification, signal);
    };
    const back = bench.clock.now() + 300_000;
    await bench.clock.runUntil(() => bench.clock.now() >= back);
    held = false;
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
  });
});

describe('a broker that refuses for good', () => {
  it('fails the session with its reason, and blames no project for being silent', async () => {
    const { bench, sessionId } = await opened();
    const notify = bench.notify.bind(bench);
    bench.notify = async (notification, signal) => {
      if (
        notification.payload['state'] === 'SCALE_IN' &&
        notification.eventType === 'maintenance.scheduled'
      ) {
        throw new Error('the exchange exists with other flags');
      }
      await notify(notification, signal);
    };
    expect((await bench.finish(sessionId)).failure).toBe(
      'project project-1 could not be told SCALE_IN: the exchange exists with other flags',
    );
  });
});

describe('a lease that is lost for a while', () => {
  it('interrupts nothing for good', async () => {
    const { bench, sessionId } = await opened();
    await bench.clock.runUntil(() => bench.cloud.records.some(({ what }) => what === 'move_started'));
    const acquire = bench.journal.acquireLease.bind(bench.journal);
    const back = bench.clock.now() + 30_000;
    bench.journal.acquireLease = (id, owner, now, until) =>
      now < back ? Promise.resolve(false) : acquire(id, owner, now, until);
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
    const started = bench.cloud.records.filter(({ what }) => what === 'move_started').length;
    expect(bench.cloud.records.filter(({ what }) => what === 'moved')).toHaveLength(started);
  });
});

describe('deleting a session', () => {
  it('finishes the move in flight, opens every host, and forgets the session', async () => {
    const { bench, sessionId } = await opened();
    await bench.clock.runUntil(() => bench.cloud.records.some(({ what }) => what === 'move_started'));
    await bench.engine.delete(sessionId);
    expect(() => bench.engine.get(sessionId)).toThrow(SessionNotFound);
    expect(bench.engine.list()).toEqual([]);
    await bench.clock.runUntil(() =>
      bench.journal.events(sessionId).some(({ type }) => type === 'session_closed'),
    );
    expect(allOpen(bench)).toBe(true);
    expect([...bench.cloud.instances.values()].every(({ source }) => source === undefined)).toBe(true);
    const { length: started } = bench.cloud.records.filter(({ what }) => what === 'move_started');
    expect(bench.cloud.records.filter(({ what }) => what === 'moved')).toHaveLength(started);
  });

  it('does not wait for a broker that is away', async () => {
    const { bench, sessionId } = await opened();
    bench.brokerAway = true;
    await bench.clock.runUntil(() =>
      bench.journal
        .events(sessionId)
        .some((event) => event.type === 'command_issued' && event.command.kind === 'notify_project'),
    );
    await bench.engine.delete(sessionId);
    await bench.clock.runUntil(() =>
      bench.journal.events(sessionId).some(({ type }) => type === 'session_closed'),
    );
  });

  it('leaves a host closed whose maintenance began and did not end, with the reason', async () => {
    const { bench, sessionId } = await opened({ hostMaintenanceSeconds: 60 });
    await bench.clock.runUntil(() => bench.hostNotices.some(({ host }) => host.startsWith('compute')));
    const { host } = bench.hostNotices.find(({ host: name }) => name.startsWith('compute'))!;
    await bench.engine.delete(sessionId);
    await bench.clock.runUntil(() =>
      bench.journal.events(sessionId).some(({ type }) => type === 'session_closed'),
    );
    const closed = [...bench.cloud.hosts.values()].filter(({ open }) => !open);
    expect(closed.map(({ name }) => name)).toEqual([host]);
    expect(closed[0]?.reason).toBe(`maintenance session ${sessionId}: its maintenance began and did not end`);
  });

  it('tries again later to open a host that could not be opened', async () => {
    const { bench, sessionId } = await opened();
    await bench.clock.runUntil(() => bench.cloud.records.some(({ what }) => what === 'move_started'));
    const back = bench.clock.now() + 1_000_000;
    bench.cloud.fault = (call) => {
      if (call === 'openHost' && bench.clock.now() < back) throw new CloudError('unavailable', 'away');
    };
    await bench.engine.delete(sessionId);
    await bench.clock.runUntil(() => allOpen(bench), 2_000_000);
  });
});

describe('several sessions', () => {
  it('are limited; ended and deleted ones do not count', async () => {
    const { bench, sessionId } = await opened();
    await bench.open();
    await bench.open();
    await expect(bench.open()).rejects.toBeInstanceOf(TooManySessions);
    await bench.engine.delete(sessionId);
    await bench.open();
  });

  it('may not have a host in common: the younger fails before anybody is told', async () => {
    const { bench, sessionId } = await opened();
    const second = await bench.open({ hosts: ['compute-3'] });
    expect((await bench.finish(second)).failure).toBe('another running session has compute-3');
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
  });

  it('wait until one that was deleted has opened its hosts, and then take them', async () => {
    const { bench, sessionId } = await opened();
    await bench.clock.runUntil(() => bench.cloud.records.some(({ what }) => what === 'move_started'));
    await bench.engine.delete(sessionId);
    const second = await bench.open();
    expect((await bench.finish(second)).failure).toBeUndefined();
    expect([...bench.cloud.hosts.values()].every(({ open }) => open)).toBe(true);
    expect(bench.engine.get(second).hosts.filter(({ foundClosed }) => foundClosed)).toEqual([]);
  });

  it('leave a host as it was found when somebody else had closed it', async () => {
    const { bench, sessionId } = await opened();
    bench.cloud.addHost('compute-9', 2);
    bench.cloud.hosts.get('compute-9')!.open = false;
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
    expect(bench.cloud.hosts.get('compute-9')?.open).toBe(false);
    expect(bench.hostNotices.filter(({ host }) => host === 'compute-9')).toHaveLength(2);
  });
});
