/** Services of the cloud that are away for minutes. */
import { expect } from 'vitest';
import type { Session } from '../../../src/domain/session.ts';
import { CloudError } from '../../../src/engine/ports.ts';
import { doctorScenario, EngineBench } from '../../support/engine-bench.ts';
import { situation } from '../../support/situation.ts';

/** Every call to the cloud: those to Nova by their names in the port, to Keystone and to Aodh. */
const calls = [
  'observe',
  'closeHost',
  'openHost',
  'moveBaseline',
  'startMove',
  'watchMove',
  'abortMove',
  'confirmMove',
  'watchDeparture',
  'infrastructureProjectId',
  'subscribedProjects',
] as const;
type Call = (typeof calls)[number];

/** Which actions of the projects lead to the call. */
const actionOf = (call: Call): EngineBench['action'] =>
  call === 'watchDeparture' ? 'OWN_ACTION' : call === 'abortMove' ? 'LIVE_MIGRATE' : 'MIGRATE';

/** Lets all of the cloud be away for so many seconds from the given call on. */
function awayFrom(
  bench: EngineBench,
  call: Call,
  which: number,
  seconds: number,
): { readonly since?: number } {
  const outage: { since?: number } = {};
  let count = 0;
  const check = (name: string) => {
    if (name === call && (count += 1) === which) outage.since = bench.clock.now();
    if (outage.since !== undefined && bench.clock.now() < outage.since + seconds * 1000)
      throw new CloudError('unavailable', 'connection refused');
  };
  const { cloud } = bench;
  cloud.fault = check;
  const checked = <A extends readonly unknown[], R>(name: Call, work: (...args: A) => Promise<R>) =>
    async function call(...args: A): Promise<R> {
      check(name);
      return work(...args);
    };
  cloud.watchMove = checked('watchMove', cloud.watchMove.bind(cloud));
  cloud.watchDeparture = checked('watchDeparture', cloud.watchDeparture.bind(cloud));
  bench.subscribedProjects = checked('subscribedProjects', bench.subscribedProjects.bind(bench));
  bench.infrastructureProjectId = checked(
    'infrastructureProjectId',
    bench.infrastructureProjectId.bind(bench),
  );
  return outage;
}

/** The application takes its instances away itself, once it is asked to. */
function departs(bench: EngineBench): void {
  const answer = bench.answer.bind(bench);
  bench.answer = async (notice) => {
    await answer(notice);
    if (!/^(PREPARE|PLANNED)_/.test(notice.state)) return;
    const { visit } = bench.engine.get(String(notice.payload['session_id']));
    for (const { id } of bench.cloud.on(visit.host ?? '')) bench.cloud.delete(id);
  };
}

async function play(call: Call, which: number, seconds: number) {
  const bench = new EngineBench({ liveMigrationSeconds: 60 });
  doctorScenario(bench);
  bench.action = actionOf(call);
  if (call === 'watchDeparture') departs(bench);
  if (call === 'abortMove') bench.cloud.liveSeconds = 100_000;
  const outage = awayFrom(bench, call, which, seconds);
  await bench.engine.start();
  const sessionId = await bench.open({ maintenanceAt: bench.clock.now() + 1_800_000 });
  const session = await bench.finish(sessionId);
  return { bench, sessionId, session, outage };
}

function expectOnce(bench: EngineBench, session: Session, label: object): void {
  expect({ ...label, failure: session.failure, state: session.state }).toEqual({
    ...label,
    failure: undefined,
    state: 'MAINTENANCE_DONE',
  });
  const told = bench.hostNotices.map(({ host, state }) => `${host} ${state}`);
  expect([...new Set(told)]).toEqual(told);
  const started = bench.cloud.records.filter(({ what }) => what === 'move_started');
  expect(bench.cloud.records.filter(({ what }) => what === 'moved')).toHaveLength(started.length);
}

situation(
  'Nova, Keystone or Aodh are away for minutes, at whatever call',
  'The call is tried again, after 0.5 s and then with pauses that double up to 15 s, and the session goes on as if ' +
    'nothing had been; each try stands in the detail with its reason. Limits of moves stand still meanwhile.',
  async () => {
    for (const call of calls.filter((one) => one !== 'abortMove')) {
      for (const which of [1, 2, 4]) {
        const { bench, session, outage } = await play(call, which, 240);
        expectOnce(bench, session, { call, which });
        if (outage.since === undefined) continue;
        const { retries } = session;
        expect({ call, which, any: retries.length > 0 }).toEqual({ call, which, any: true });
        const [first] = retries;
        const own = retries.filter(({ commandId }) => commandId === first?.commandId);
        const pauses = own.map(({ pauseMilliseconds }) => pauseMilliseconds);
        expect(pauses.slice(0, 7)).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
        expect(own[0]?.error.message).toContain('connection refused');
      }
    }
  },
  { timeout: 60_000 },
);

situation(
  'Nova is away when a live migration is to be broken off',
  'That is tried again until Nova is back, and the session goes on from there.',
  async () => {
    const { session, outage } = await play('abortMove', 1, 120);
    expect(outage.since).toBeDefined();
    expect(session.retries.map(({ kind }) => kind)).toContain('abort_move');
    expect(session.failure).not.toMatch(/connection refused/);
  },
);

situation(
  'the cloud is away for longer than cloud_patience_seconds',
  'The session fails with the reason, opens its hosts as soon as it can, and goes on where it failed when it is continued.',
  async () => {
    for (const call of calls.filter((one) => one !== 'abortMove')) {
      const { bench, sessionId, session, outage } = await play(call, 1, 900);
      if (outage.since === undefined) throw new Error(`${call} was never made`);
      expect({ call, state: session.state }).toEqual({ call, state: 'MAINTENANCE_FAILED' });
      expect(session.failure).toContain('connection refused');
      const back = outage.since + 900_000;
      bench.clock.at(back + 120_000, () => undefined);
      await bench.clock.runUntil(() => bench.clock.now() >= back + 120_000);
      expect([...bench.cloud.hosts.values()].filter(({ open }) => !open)).toEqual([]);
      await bench.engine.continue(sessionId);
      expectOnce(bench, await bench.finish(sessionId), { call, continued: true });
    }
  },
  { timeout: 60_000 },
);

situation(
  'the broker is away for minutes',
  'Notifications wait for it; a reply window begins when the question could be handed over.',
  async () => {
    for (const state of ['MAINTENANCE', 'SCALE_IN', 'PREPARE_MAINTENANCE', 'MAINTENANCE_COMPLETE']) {
      const bench = new EngineBench();
      doctorScenario(bench);
      const notify = bench.notify.bind(bench);
      let away = false;
      let over = false;
      bench.notify = async (notification, signal) => {
        if (notification.payload['state'] === state && !over && !away) {
          away = true;
          bench.clock.at(bench.clock.now() + 600_000, () => (over = true));
        }
        while (away && !over)
          await new Promise<void>((resolve) => bench.clock.at(bench.clock.now() + 1000, resolve));
        await notify(notification, signal);
      };
      await bench.engine.start();
      const session = await bench.finish(await bench.open({ maintenanceAt: bench.clock.now() + 1_800_000 }));
      expectOnce(bench, session, { state });
      expect(over).toBe(true);
    }
  },
);
