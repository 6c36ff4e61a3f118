/** novaclient: the calls of Fenix and of Doctor's programs (facts 3.4), on the lab's Nova and on the real one. */
import { beforeAll, describe, expect, it } from 'vitest';
import { client } from '../../support/client.ts';
import { onBothClouds, type BothClouds } from './clouds.ts';
import { installedVersion } from './installed-version.ts';
import { recordSteps } from './python.ts';
import { recordOf } from './same-in-both.ts';

const facts = client({
  name: 'python-novaclient',
  version: '18.1.0 (Debian 12)',
  ran: 'the calls of Fenix and Doctor at microversions 2.34, 2.53 and the newest: services listed, disabled with a reason, enabled, forced down; servers, hypervisors, server groups; cold migration with confirmation, live migration, its abortion; migrations and actions',
  against: 'the lab, real Nova 26',
  result: 'the same answers, those to wrong calls too',
});

let played: BothClouds<ReturnType<typeof recordOf>>;

beforeAll(async () => {
  const lab = {
    flavors: [{ name: 'fenix-1', vcpus: 1, ram_mb: 256, disk_gb: 1 }],
    // Long enough to be caught in the middle of a move.
    durations: { cold_migrate: 2, live_migrate: 3 },
  };
  played = await onBothClouds({ freeSlots: 2, lab }, async ({ admin, doctor }) =>
    recordOf(await recordSteps('novaclient_driver', { admin, doctor })),
  );
});

it('is the version that the table tells', async () => {
  expect(facts.version).toContain(await installedVersion('python3-novaclient'));
});

describe.each(['lab', 'real'] as const)('%s', (name) => {
  it('agrees on a microversion', () => {
    expect(played[name]).toMatchObject({
      negotiated: '2.92',
      'a version that is none': { raised: 'NotAcceptable', status: 406 },
    });
  });

  it('closes and opens a compute', () => {
    expect(played[name]).toMatchObject({
      disabled: { status: 'disabled', disabled_reason: 'maintenance' },
      'servers on a closed host': ['MAINTENANCE'],
      enabled: { status: 'enabled', disabled_reason: null },
      'forced down': { state: 'down', forced_down: true },
      'services as a member': { raised: 'Forbidden', status: 403 },
    });
  });

  it('moves a server', () => {
    expect(played[name]).toMatchObject({
      resized: { status: 'VERIFY_RESIZE' },
      'migrate what is to be confirmed': { raised: 'Conflict', status: 409 },
      confirmed: { status: 'ACTIVE' },
      'moved away': true,
      'statuses of all moves': ['cancelled', 'completed', 'confirmed'],
    });
  });
});

it('sees the same in the lab as in real Nova', () => {
  expect(played.lab).toEqual(played.real);
});
