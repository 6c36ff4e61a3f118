/** Hosts that are not as in the textbook. */
import { expect } from 'vitest';
import type { Session } from '../../../src/domain/session.ts';
import { HostsTaken, UnknownHosts } from '../../../src/engine/maintenance-service.ts';
import { CloudError } from '../../../src/engine/ports.ts';
import { doctorScenario, EngineBench, obliging } from '../../support/engine-bench.ts';
import { situation } from '../../support/situation.ts';

async function started(build: (bench: EngineBench) => void): Promise<EngineBench> {
  const bench = new EngineBench();
  build(bench);
  await bench.engine.start();
  return bench;
}

const done = (session: Session) => {
  expect({ state: session.state, failure: session.failure }).toEqual({
    state: 'MAINTENANCE_DONE',
    failure: undefined,
  });
  return session;
};

const closedHosts = (bench: EngineBench) =>
  [...bench.cloud.hosts.values()].filter(({ open }) => !open).map(({ name }) => name);

const allOpened = (bench: EngineBench) => bench.clock.runUntil(() => closedHosts(bench).length === 0);

const noticesOf = (bench: EngineBench, name: string) =>
  bench.hostNotices.filter(({ host }) => host === name).map(({ state }) => state);

const mine = ['compute-1', 'compute-2', 'compute-3', 'compute-4'];

/** Room enough outside the session: nobody need scale in. */
function withSpare(bench: EngineBench): void {
  doctorScenario(bench);
  bench.cloud.addHost('spare-1', 8);
  bench.cloud.addHost('spare-2', 8);
}

const once = ['IN_MAINTENANCE', 'MAINTENANCE_COMPLETE'];

situation(
  'a cloud without any host',
  'The session fails at its first look, for there is nothing to maintain; nobody is told anything.',
  async () => {
    const bench = await started(() => undefined);
    const session = await bench.finish(await bench.open());
    expect(session.failure).toBe('the cloud has no host: there is nothing to maintain');
    expect(bench.notices).toEqual([]);
  },
);

situation(
  'a cloud of controllers only',
  'They are maintained one after the other, without asking anybody, and the session is done.',
  async () => {
    const bench = await started(({ cloud }) => {
      cloud.addHost('controller-1', 0, 'controller');
      cloud.addHost('controller-2', 0, 'controller');
    });
    done(await bench.finish(await bench.open()));
    expect(noticesOf(bench, 'controller-2')).toEqual(once);
    expect(bench.cloud.records).toEqual([]);
  },
);

situation(
  'a host of another kind than compute and controller',
  'It is maintained where it is named in the request, after the controllers, and never closed or opened; a session ' +
    'over all hosts leaves it out.',
  async () => {
    const build = ({ cloud }: EngineBench) => {
      cloud.addHost('network-1', 0, 'other');
      cloud.addHost('controller-1', 0, 'controller');
      cloud.addHost('compute-1', 2);
    };
    const named = await started(build);
    done(await named.finish(await named.open({ hosts: ['compute-1', 'network-1', 'controller-1'] })));
    expect(
      named.hostNotices.filter(({ state }) => state === 'IN_MAINTENANCE').map(({ host }) => host),
    ).toEqual(['controller-1', 'network-1', 'compute-1']);
    expect(named.cloud.records.map(({ host }) => host)).not.toContain('network-1');
    const all = await started(build);
    done(await all.finish(await all.open()));
    expect(noticesOf(all, 'network-1')).toEqual([]);
  },
);

situation(
  'hosts that Nova does not know, while Nova answers',
  'Refused with 422 and their names.',
  async () => {
    const bench = await started(doctorScenario);
    await expect(bench.open({ hosts: ['compute-1', 'compute-99', 'typo'] })).rejects.toThrow(
      new UnknownHosts(['compute-99', 'typo']).message,
    );
    expect(bench.engine.list()).toEqual([]);
  },
);

situation(
  'hosts that Nova does not know, while Nova is away',
  'Accepted; the session fails at its first look, before anybody is told or anything is touched, and names them. Once ' +
    'they are there it can be continued.',
  async () => {
    const bench = await started(doctorScenario);
    const back = bench.clock.now() + 5_000;
    bench.cloud.fault = () => {
      if (bench.clock.now() < back) throw new CloudError('unavailable', 'connection refused');
    };
    const sessionId = await bench.open({ hosts: ['compute-1', 'compute-9'] });
    expect((await bench.finish(sessionId)).failure).toBe('the cloud has no host compute-9');
    expect(bench.notices).toEqual([]);
    expect(bench.cloud.records).toEqual([]);
    bench.cloud.addHost('compute-9', 2);
    await bench.engine.continue(sessionId);
    done(await bench.finish(sessionId));
    expect(noticesOf(bench, 'compute-9')).toEqual(once);
  },
);

situation(
  'hosts that another running session has',
  'Refused with 409 and their names; once that session has ended they are free.',
  async () => {
    const bench = await started(doctorScenario);
    const first = await bench.open({ hosts: ['compute-1', 'compute-2'] });
    await expect(bench.open({ hosts: ['compute-2', 'compute-3'] })).rejects.toThrow(
      new HostsTaken(['compute-2']).message,
    );
    await bench.finish(first);
    await bench.open({ hosts: ['compute-2', 'compute-3'] });
  },
);

situation(
  'two sessions that turn out to have a host in common at their first look',
  'The younger one fails before anybody is told; the older one goes on.',
  async () => {
    const bench = await started(doctorScenario);
    const older = await bench.open();
    const younger = await bench.open({ hosts: ['compute-3'] });
    expect((await bench.finish(younger)).failure).toBe('another running session has compute-3');
    done(await bench.finish(older));
  },
);

situation(
  'a compute that somebody had disabled before',
  'It is emptied and maintained as the others, nothing is moved to it, and it is left disabled as it was found: also ' +
    'when the session fails or is deleted.',
  async () => {
    for (const end of ['done', 'failed', 'deleted'] as const) {
      const bench = await started((self) => {
        doctorScenario(self);
        Object.assign(self.cloud.hosts.get('compute-2')!, { open: false, reason: 'a bad disk' });
      });
      if (end === 'failed') {
        bench.manager = (notice, self) =>
          notice.state === 'PLANNED_MAINTENANCE' ? 'NACK_PLANNED_MAINTENANCE' : obliging(notice, self);
      }
      const sessionId = await bench.open();
      if (end === 'deleted') {
        await bench.clock.runUntil(() => bench.notices.some(({ state }) => state === 'PLANNED_MAINTENANCE'));
        await bench.engine.delete(sessionId);
      } else {
        const session = await bench.finish(sessionId);
        expect(session.state).toBe(end === 'done' ? 'MAINTENANCE_DONE' : 'MAINTENANCE_FAILED');
        if (end === 'done') expect(noticesOf(bench, 'compute-2')).toEqual(once);
      }
      await bench.clock.runUntil(() => closedHosts(bench).join() === 'compute-2');
      expect(bench.cloud.hosts.get('compute-2')?.reason).toBe('a bad disk');
      expect(
        bench.cloud.records.filter(({ what, host }) => what === 'moved' && host === 'compute-2'),
      ).toEqual([]);
    }
  },
);

situation(
  'a compute that somebody disables while the session runs',
  'It is maintained all the same and left disabled, with the reason that was given.',
  async () => {
    for (const when of ['before we close it', 'after we closed it']) {
      const bench = await started(withSpare);
      const sessionId = await bench.open({ hosts: mine });
      const isTime = () =>
        when === 'before we close it'
          ? bench.notices.length > 0
          : bench.cloud.records.some(({ what, host }) => what === 'close' && host === 'compute-4');
      await bench.clock.runUntil(isTime);
      Object.assign(bench.cloud.hosts.get('compute-4')!, { open: false, reason: 'a bad disk' });
      done(await bench.finish(sessionId));
      expect(noticesOf(bench, 'compute-4')).toEqual(once);
      await bench.clock.runUntil(() => closedHosts(bench).join() === 'compute-4');
      expect(
        bench.cloud.records.some(({ what, subject }) => what === 'open' && subject === 'compute-4'),
      ).toBe(false);
      expect(bench.cloud.hosts.get('compute-4')?.reason).toBe('a bad disk');
    }
  },
);

situation(
  'a disabled compute that somebody enables while the session runs',
  'From then on it is closed, maintained and opened as the others.',
  async () => {
    const bench = await started((self) => {
      withSpare(self);
      Object.assign(self.cloud.hosts.get('compute-4')!, { open: false, reason: 'a bad disk' });
    });
    const sessionId = await bench.open({ hosts: mine });
    await bench.clock.runUntil(() => bench.notices.length > 0);
    Object.assign(bench.cloud.hosts.get('compute-4')!, { open: true, reason: undefined });
    done(await bench.finish(sessionId));
    await allOpened(bench);
    const touched = bench.cloud.records.filter(
      ({ host, subject }) => host === 'compute-4' && subject === host,
    );
    expect(touched.map(({ what }) => what)).toContain('close');
  },
);

situation(
  'one host whose instances have nowhere to go',
  'The project is asked to scale in as long as that frees something; with instances left the session fails and says so.',
  async () => {
    const build = ({ cloud }: EngineBench) => {
      cloud.addHost('compute-1', 4);
      for (const id of ['app-1', 'app-2', 'app-3']) cloud.addInstance(id, 'compute-1');
    };
    const bench = await started(build);
    bench.manager = (notice, self) => {
      const apps = [...self.cloud.instances.keys()];
      if (notice.state === 'SCALE_IN' && apps.length > 1) self.cloud.delete(apps[0]!);
      return `ACK_${notice.state}`;
    };
    const session = await bench.finish(await bench.open());
    expect(session.failure).toMatch(/^no project scaled in, and no host can be emptied/);
    expect(bench.notices.filter(({ state }) => state === 'SCALE_IN')).toHaveLength(3);
    await allOpened(bench);
    const giving = await started(build);
    done(await giving.finish(await giving.open()));
  },
);

situation(
  'hosts of unequal size',
  'Room is counted host by host: what fits nowhere else at once is asked to scale in, the rest is moved where it fits.',
  async () => {
    const bench = await started(({ cloud }) => {
      cloud.addHost('large', 8);
      cloud.addHost('middle', 4);
      cloud.addHost('small', 1);
      for (let n = 1; n <= 4; n += 1) cloud.addInstance(`app-${n}`, 'large');
      cloud.addInstance('app-5', 'middle');
      cloud.addInstance('big', 'large', 'project-1', 3);
    });
    done(await bench.finish(await bench.open()));
    expect(bench.cloud.instances.has('big')).toBe(true);
    expect(noticesOf(bench, 'large')).toEqual(once);
  },
);

situation(
  'a host with instances that is down',
  'It is left until nothing else is to be done; if it is still down then the session fails and names its instances. It ' +
    'can be continued when the host is back.',
  async () => {
    const bench = await started(doctorScenario);
    const sessionId = await bench.open();
    await bench.clock.runUntil(() => bench.notices.some(({ state }) => state === 'PREPARE_MAINTENANCE'));
    bench.cloud.hosts.get('compute-2')!.up = false;
    const session = await bench.finish(sessionId);
    expect(session.failure).toMatch(
      /^host compute-2 is down and carries .*ha-2 \(ha-2\).*nothing can be moved/,
    );
    expect(noticesOf(bench, 'compute-4')).toEqual(once);
    bench.cloud.hosts.get('compute-2')!.up = true;
    await bench.engine.continue(sessionId);
    done(await bench.finish(sessionId));
    await allOpened(bench);
  },
);

situation(
  'an empty host that is down',
  'It is maintained in its turn, as a host that is up; nothing is moved to it.',
  async () => {
    const bench = await started((self) => {
      doctorScenario(self);
      self.cloud.addHost('compute-9', 2);
      self.cloud.hosts.get('compute-9')!.up = false;
    });
    done(await bench.finish(await bench.open()));
    expect(noticesOf(bench, 'compute-9')).toEqual(once);
    expect(bench.cloud.records.filter(({ what, host }) => what === 'moved' && host === 'compute-9')).toEqual(
      [],
    );
  },
);

situation(
  'a host that goes down to which instances could be moved',
  'The next move goes to another host, where there is one.',
  async () => {
    const bench = await started((self) => {
      doctorScenario(self, 3);
      self.cloud.addHost('spare-1', 2);
      self.cloud.addHost('spare-2', 2);
    });
    bench.manager = (notice, self) => {
      if (notice.state !== 'MAINTENANCE') self.cloud.hosts.get('spare-1')!.up = false;
      return obliging(notice, self);
    };
    done(await bench.finish(await bench.open({ hosts: ['compute-1', 'compute-2', 'compute-3'] })));
    expect(bench.cloud.records.filter(({ what, host }) => what === 'moved' && host === 'spare-1')).toEqual(
      [],
    );
  },
);

situation(
  'a host that vanishes from Nova',
  'It is maintained in its turn like a host that is empty; there is nothing to close or open any more. One that comes ' +
    'back is treated as it is then.',
  async () => {
    const bench = await started((self) => {
      doctorScenario(self);
      self.cloud.addHost('compute-9', 2);
    });
    const sessionId = await bench.open();
    await bench.clock.runUntil(() => bench.notices.length > 0);
    bench.cloud.hosts.delete('compute-9');
    done(await bench.finish(sessionId));
    expect(noticesOf(bench, 'compute-9')).toEqual(once);
    await allOpened(bench);
  },
);
