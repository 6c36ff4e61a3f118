/** The server is killed before and after each kind of call that it makes outside. */
import { describe, expect, it } from 'vitest';
import {
  aroundCall,
  change,
  expectNothingTwice,
  kill,
  onceIssued,
  onceSucceeded,
  playWell,
  type Play,
  type Signal,
} from '../support/kills.ts';

const received =
  (state: string) =>
  (signal: Signal): boolean =>
    'event' in signal && signal.event.kind === 'received' && signal.event.state === state;

const replied =
  (state: string) =>
  (signal: Signal): boolean =>
    'event' in signal && signal.event.kind === 'replied' && signal.event.state === state;

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
  // Two sessions: this is looked up once, in our own store, and may be done before the first kill takes hold.
  ['when it is about to find out who listens', { steps: onceIssued('check_subscriptions') }],
  ['when it has found out who listens', { steps: onceSucceeded('check_subscriptions') }],
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

describe.concurrent('a session whose server is killed', { timeout: 300_000 }, () => {
  it.for(cold)('%s ends well, and nothing is done twice', async ([, play], context) => {
    const played = await playWell(context, play);
    expectNothingTwice(played, 'migrate', 'confirmed');
    expect(played.clients.lab.cloud.migrations.length).toBeGreaterThan(0);
  });
});
