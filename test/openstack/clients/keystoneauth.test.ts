/** keystoneauth: logs in, finds our server in the catalog, reads its versions and calls it, as Tacker and Doctor do. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { client } from '../../support/client.ts';
import { onBothClouds, type BothClouds, type CloudWish } from './clouds.ts';
import { installedVersion } from './installed-version.ts';
import { recordSteps } from './python.ts';
import { recordOf } from './same-in-both.ts';

const facts = client({
  name: 'keystoneauth',
  version: '5.0.0 (Debian 12)',
  ran: 'v3password session: catalog lookup of type `maintenance` by region and interface, version discovery at `/` and `/v1`, constraints and sessions through an adapter, a token revoked and one expired',
  against: 'our server with the lab, our server with real Keystone 22',
  result:
    'the same answers. It cannot read the text of our errors ("Unrecognized schema in response body"), which have the form of Fenix; status and class of the exception are right',
});

type Record = ReturnType<typeof recordOf>;

async function playOnBoth(wish: CloudWish): Promise<BothClouds<Record>> {
  return onBothClouds(wish, async ({ admin, doctor, maintenanceUrl }) =>
    recordOf(
      await recordSteps('keystoneauth_driver', {
        admin,
        doctor,
        maintenance_url: maintenanceUrl,
        group_id: randomUUID(),
        instance_id: randomUUID(),
      }),
    ),
  );
}

let played: BothClouds<Record>;

beforeAll(async () => {
  played = await playOnBoth({});
});

it('is the version that the table tells', async () => {
  expect(facts.version).toContain(await installedVersion('python3-keystoneauth1'));
});

describe.each(['lab', 'real'] as const)('%s', (name) => {
  const v1 = { url: '<address>/v1', catalog_url: '<address>/v1', api_version: [1, 0] };

  it('finds our server in the catalog', () => {
    expect(played[name]).toMatchObject({
      project: true,
      'endpoint public': '<address>/v1',
      'endpoint internal': '<address>/v1',
      'endpoint in another region': { raised: 'EndpointNotFound' },
      'service types': ['alarming', 'compute', 'identity', 'maintenance'],
    });
  });

  it('reads our versions', () => {
    expect(played[name]).toMatchObject({
      data: v1,
      'data from 1': v1,
      'data of 1.latest': v1,
      'data of 2': null,
      'major version': [1, 0],
      'versions at /': [['(1, 0)', '<address>/v1']],
      'versions at /v1': [['(1, 0)', '<address>/v1']],
      'versions at /v1/': [['(1, 0)', '<address>/v1']],
    });
  });

  it('sets, shows and removes constraints, and lists sessions', () => {
    const noSessions = [200, expect.objectContaining({ sessions: [], session_id: [] })];
    expect(played[name]).toMatchObject({
      'PUT instance': [200, { migration_type: 'MIGRATE', lead_time: 120 }],
      'GET instance_group': [200, { group_name: 'tacker_nonha_app_group_vnf' }],
      'PUT of another project': { raised: 'Forbidden', status: 403 },
      'DELETE once more': [200, {}],
      'GET what is gone': { raised: 'NotFound', status: 404 },
      sessions: noSessions,
      'sessions as a member': { raised: 'Forbidden', status: 403 },
      'sessions by a filter': noSessions,
      'sessions through an adapter with versions': noSessions,
    });
  });

  it('keeps its token as long as it is good, and gets another then', () => {
    expect(played[name]).toMatchObject({
      'token kept': true,
      'sessions with a revoked token': [200, {}],
      'token renewed after the revocation': true,
      'sessions with an expired token': [200, {}],
      'token renewed after its end': true,
      'sessions without a token': { raised: 'Unauthorized', status: 401 },
    });
  });
});

it('sees the same with the lab as with real Keystone', () => {
  expect(played.lab).toEqual(played.real);
});
