import { describe, expect, it, type TestContext } from 'vitest';
import type { Change } from '../../src/lab/model/change-log.ts';
import {
  afterCall,
  aroundCall,
  beforeCall,
  onceIssued,
  onceSucceeded,
  playWithKills,
  type Play,
  type Played,
  type Signal,
  type Step,
} from '../support/kills.ts';
import { questionsTo, repliesOf } from '../support/stage-notices.ts';
import { expectAllWell } from '../support/stage-outcome.ts';
import { acceptedCalls } from '../support/stage-records.ts';
import { expectDone } from '../support/stage.ts';

const change =
  (type: Change['type'], status?: string) =>
  (signal: Signal): boolean =>
    'change' in signal &&
    signal.change.type === type &&
    (status === undefined || (signal.change.type === 'migration' && signal.change.status === status));

const received =
  (state: string) =>
  (signal: Signal): boolean =>
    'event' in signal && signal.event.kind === 'received' && signal.event.state === state;

const replied =
  (state: string) =>
  (signal: Signal): boolean =>
    'event' in signal && signal.event.kind === 'replied' && signal.event.state === state;

const kill = (when: (signal: Signal) => boolean): Step => ({ when, act: 'kill' });

/** Kinds of calls outside, and the sessions in which the server is killed before and after them. */
const cold: readonly (readonly [name: string, play: Play])[] = [
  [
    'while it asks for the names of hosts, and looks at the cloud',
    {
      steps: [...aroundCall('os-services.list'), ...aroundCall('os-hypervisors.detail')],
      wish: { hosts: ['compute-1', 'compute-2', 'compute-3', 'compute-4', 'controller-1'] },
    },
  ],
  [
    'while it gets a token',
    {
      // The token of a server that was killed went with it: the next one must get another before it can look.
      steps: [...onceIssued('observe_cloud'), ...aroundCall('identity.authenticate')],
    },
  ],
  [
    'while it finds out who listens',
    { steps: [...onceIssued('check_subscriptions'), ...onceSucceeded('check_subscriptions')] },
  ],
  [
    'while it closes hosts',
    {
      steps: [...aroundCall('os-services.update'), kill(change('host.closed'))],
    },
  ],
  [
    'while it opens hosts',
    { steps: [...onceIssued('open_host'), kill(change('host.opened')), ...onceSucceeded('open_host')] },
  ],
  [
    'while it notes where the records of an instance stand, and asks for its move',
    { steps: [...aroundCall('os-instance-actions.list'), ...aroundCall('migrate')] },
  ],
  [
    'while an instance is moved, and its move is confirmed',
    {
      steps: [
        kill(change('migration', 'pre-migrating')),
        kill(change('migration', 'finished')),
        ...aroundCall('confirmResize'),
        kill(change('migration', 'confirming')),
      ],
    },
  ],
  [
    'while it tells a project something, and before and after its reply',
    {
      steps: [
        ...onceIssued('notify_project', 'MAINTENANCE'),
        kill(received('SCALE_IN')),
        kill(replied('ACK_PREPARE_MAINTENANCE')),
        ...onceSucceeded('notify_project', 'PLANNED_MAINTENANCE'),
      ],
      vnfm: { delaySeconds: 0.2 },
    },
  ],
  [
    'while it tells of hosts and of itself',
    {
      steps: [
        ...onceIssued('notify_session', 'SCALE_IN'),
        ...onceSucceeded('notify_session', 'PREPARE_MAINTENANCE'),
        ...onceIssued('notify_host', 'IN_MAINTENANCE'),
        ...onceSucceeded('notify_host', 'MAINTENANCE_COMPLETE'),
      ],
    },
  ],
];

/** No instance was moved twice for one host, and the application scaled and answered each thing once. */
function expectNothingTwice({ clients, detail }: Played, call: string, end: string): void {
  const { lab, vnfm } = clients;
  const moves = lab.cloud.migrations.map(({ serverId, source }) => `${serverId} from ${source}`);
  expect([...new Set(moves)]).toEqual(moves);
  expect(lab.cloud.migrations.filter(({ status }) => status !== end)).toEqual([]);
  expect(acceptedCalls(lab, call)).toBe(moves.length);
  const scaled = vnfm.log.filter(({ kind }) => kind === 'scaled_in');
  expect(scaled).toHaveLength(questionsTo(clients).filter((state) => state === 'SCALE_IN').length);
  const ids = vnfm.log.flatMap((event) => (event.kind === 'replied' ? [event.messageId] : []));
  expect(new Set(ids).size).toBe(ids.length);
  expect(repliesOf(clients)).toEqual(questionsTo(clients).map((state) => `ACK_${state}`));
  expect(detail.hosts.every(({ maintained }) => maintained)).toBe(true);
}

async function playWell(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  play: Play,
): Promise<Played> {
  const played = await playWithKills(onTestFinished, play);
  await expectAllWell(played.clients, played.before, expectDone(played.detail));
  return played;
}

describe.concurrent('a session whose server is killed', () => {
  it.for(cold)('%s ends well, and nothing is done twice', async ([, play], context) => {
    const played = await playWell(context, play);
    expectNothingTwice(played, 'migrate', 'confirmed');
    expect(played.clients.lab.cloud.migrations.length).toBeGreaterThan(0);
  });

  it('while an instance is moved live ends well, and nothing is done twice', async (context) => {
    const played = await playWell(context, {
      steps: [
        ...beforeCall('os-migrateLive'),
        ...afterCall('os-migrateLive'),
        kill(change('migration', 'running')),
      ],
      vnfm: { action: 'LIVE_MIGRATE' },
    });
    expectNothingTwice(played, 'os-migrateLive', 'completed');
  });

  it('while a project takes its instances away ends well, and nothing is done twice', async (context) => {
    const played = await playWell(context, {
      steps: [
        ...onceIssued('watch_departure'),
        kill(change('server.deleted')),
        ...onceSucceeded('watch_departure'),
      ],
      vnfm: { action: 'OWN_ACTION' },
    });
    expectNothingTwice(played, 'migrate', '');
    const replaced = played.clients.vnfm.log.flatMap((event) =>
      event.kind === 'replaced' ? [event.oldId] : [],
    );
    expect([...new Set(replaced)]).toEqual(replaced);
  });
});
