import { describe, expect, it, type TestContext } from 'vitest';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { Change } from '../../src/lab/model/change-log.ts';
import type { VnfmEvent } from '../../src/vnfm/vnfm-event.ts';
import type { VnfmOptions } from '../../src/vnfm/vnfm-options.ts';
import { questionsTo, repliesOf } from '../support/stage-notices.ts';
import { expectAllWell, instanceNames } from '../support/stage-outcome.ts';
import { prepareServer, startClients, startServerProcess, type Clients } from '../support/stage-process.ts';
import { acceptedCalls } from '../support/stage-records.ts';
import { endOf, expectDone, openSession } from '../support/stage.ts';

/** A moment of a session, seen from outside: by a change of the cloud, or by what happens to the application. */
type Moment =
  { readonly change: (change: Change) => boolean } | { readonly event: (event: VnfmEvent) => boolean };

interface Play {
  /** The server is killed at each of these moments, one after the other, and started again. */
  readonly moments: readonly Moment[];
  readonly vnfm?: Omit<VnfmOptions, 'credentials'>;
  readonly prepare?: (lab: Lab) => void;
}

/** Plays a session to its good end, and checks that nothing was done twice for the kills. */
async function playWithKills(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  { moments, vnfm, prepare }: Play,
): Promise<Clients> {
  const serverless = await prepareServer(onTestFinished, {
    lab: { ...doctorScenario(), durations: { disable_service: 0.1 } },
    server: { FENIX_KEYSTONE_REQUEST_TIMEOUT_SECONDS: '1' },
  });
  const { lab } = serverless;
  let server = await startServerProcess(onTestFinished, serverless);
  let alive = true;
  const waiting = [...moments];
  const killAt = (isNow: (moment: Moment) => boolean) => {
    if (!alive || waiting[0] === undefined || !isNow(waiting[0])) return;
    waiting.shift();
    alive = false;
    server.child.kill('SIGKILL');
  };
  lab.onChange((change) => killAt((moment) => 'change' in moment && moment.change(change)));
  const clients = await startClients(onTestFinished, serverless, {
    ...vnfm,
    onEvent: (event) => killAt((moment) => 'event' in moment && moment.event(event)),
  });
  prepare?.(lab);
  const before = instanceNames(clients);
  const sessionId = await openSession(clients.admin);
  for (const _ of moments) {
    expect(await server.ended).toEqual([null, 'SIGKILL']);
    server = await startServerProcess(onTestFinished, serverless);
    alive = true;
  }

  const detail = expectDone(await endOf(clients.admin, sessionId));
  await expectAllWell(clients, before, detail);
  expectNothingTwice(clients);
  return clients;
}

/** No instance was moved twice for one host, and the application scaled and answered each thing once. */
function expectNothingTwice(clients: Clients): void {
  const { lab, vnfm } = clients;
  const moves = lab.cloud.migrations.map(({ serverId, source }) => `${serverId} from ${source}`);
  expect(moves.length).toBeGreaterThan(0);
  expect([...new Set(moves)]).toEqual(moves);
  expect(lab.cloud.migrations.filter(({ status }) => status !== 'confirmed')).toEqual([]);
  expect(acceptedCalls(lab, 'migrate')).toBe(moves.length);
  const scaled = vnfm.log.filter(({ kind }) => kind === 'scaled_in');
  expect(scaled).toHaveLength(questionsTo(clients).filter((state) => state === 'SCALE_IN').length);
  const ids = vnfm.log.flatMap((event) => (event.kind === 'replied' ? [event.messageId] : []));
  expect(new Set(ids).size).toBe(ids.length);
}

const migration = (status: string): Moment => ({
  change: (change) => change.type === 'migration' && change.status === status,
});
const cloud = (type: Change['type']): Moment => ({ change: (change) => change.type === type });

describe.concurrent('a session whose server is killed', () => {
  it('just before Nova takes on a move goes on', async (context) => {
    const { lab } = await playWithKills(context, {
      moments: [cloud('fault')],
      prepare: (lab) => lab.setFault({ kind: 'lost_call', call: 'migrate', carried_out: false, times: 1 }),
    });
    expect(lab.calls().filter(({ name, status }) => name === 'migrate' && status === null)).toHaveLength(1);
  });

  it('just after Nova took on a move goes on, and does not ask for it again', async (context) => {
    await playWithKills(context, { moments: [migration('pre-migrating')] });
  });

  it('between a move and its confirmation goes on, and again while that is under way', async (context) => {
    await playWithKills(context, { moments: [migration('finished'), migration('confirming')] });
  });

  it('while hosts are being closed goes on, and again while one is being opened', async (context) => {
    await playWithKills(context, { moments: [cloud('host.closed'), cloud('host.opened')] });
  });

  it('while a project is to reply goes on with the reply', async (context) => {
    const clients = await playWithKills(context, {
      moments: [
        { event: (event) => event.kind === 'received' && event.state === 'SCALE_IN' },
        { event: (event) => event.kind === 'received' && event.state === 'PLANNED_MAINTENANCE' },
      ],
      vnfm: { delaySeconds: 0.2 },
    });
    expect(repliesOf(clients)).toEqual(questionsTo(clients).map((state) => `ACK_${state}`));
  });
});
