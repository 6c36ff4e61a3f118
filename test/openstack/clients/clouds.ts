/** The two clouds that each client is run against, with our server on each. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '../../../src/config/load-config.ts';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import type { LabConfigInput } from '../../../src/lab/lab-config.ts';
import { startServer } from '../../../src/server.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { startServerOnLab } from '../../support/server-on-lab.ts';
import { quickServer, type AtEnd } from '../../support/stage.ts';
import { readOpenstackEnv, type OpenstackAccount } from '../ports/openstack-env.ts';

/** An account in the words of Python's clients. */
export interface CloudAccount {
  readonly auth_url: string;
  readonly username: string;
  readonly password: string;
  readonly project_name: string;
  readonly project_id: string;
  readonly region_name: string;
}

export interface ClientCloud {
  readonly admin: CloudAccount;
  readonly doctor: CloudAccount;
  /** Our server, without `/v1`. */
  readonly maintenanceUrl: string;
}

export interface CloudWish {
  /** Whether servers are wanted; the number of slots that stay free then. None are booted anew when absent. */
  readonly freeSlots?: number;
  /** What of the lab's configuration is not Doctor's. */
  readonly lab?: Partial<LabConfigInput>;
}

/** A token that Keystone does not take any more must not be good for a minute with us: clients are watched renewing it. */
const ourServer = { ...quickServer, FENIX_AUTH_TOKEN_CACHE_SECONDS: '0' } as const;

async function startLabCloud(atEnd: AtEnd, { freeSlots = 0, lab: extra }: CloudWish): Promise<ClientCloud> {
  const config = { ...doctorScenario({ empty: freeSlots }), ...extra };
  const { lab, url } = await startServerOnLab(atEnd, { lab: config, server: ourServer });
  const account = (name: string): CloudAccount => {
    const user = lab.users[name];
    if (user === undefined) throw new Error(`the lab has no account ${name}`);
    return {
      auth_url: lab.authUrl,
      username: user.name,
      password: user.password,
      project_name: user.projectName,
      project_id: user.projectId,
      region_name: lab.region,
    };
  };
  return {
    admin: account('admin'),
    doctor: account('doctor'),
    maintenanceUrl: url,
  };
}

const seed = join(import.meta.dirname, '../cloud/seed.sh');

/** Our server at the place that the catalog names; seeded anew when servers are wanted. */
async function startRealCloud(atEnd: AtEnd, { freeSlots }: CloudWish): Promise<ClientCloud> {
  if (freeSlots !== undefined) await promisify(execFile)(seed, ['--empty', String(freeSlots)]);
  const env = await readOpenstackEnv();
  const folder = await mkdtemp(join(tmpdir(), 'fenix-clients-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const { hostname, port } = new URL(env.endpoints.maintenance);
  const config = loadConfig({
    env: {
      ...ourServer,
      FENIX_SERVER_HOST: hostname,
      FENIX_SERVER_PORT: port,
      FENIX_AUTH_MODE: 'keystone',
      FENIX_KEYSTONE_AUTH_URL: env.service.authUrl,
      FENIX_KEYSTONE_USERNAME: env.service.username,
      FENIX_KEYSTONE_PASSWORD: env.service.password,
      FENIX_KEYSTONE_PROJECT_NAME: env.service.projectName,
      FENIX_KEYSTONE_REGION_NAME: env.region_name,
      FENIX_NOTIFICATIONS_DRIVER: 'oslo',
      FENIX_NOTIFICATIONS_TRANSPORT_URL: env.transport_url,
      FENIX_DATABASE_URL: `sqlite://${join(folder, 'fenix.sqlite')}`,
    },
  });
  const server = await startServer(config, createLogger({ level: 'silent' }));
  atEnd(() => server.stop());
  const account = ({ authUrl, username, password, projectName, projectId }: OpenstackAccount) => ({
    auth_url: authUrl,
    username,
    password,
    project_name: projectName,
    project_id: projectId,
    region_name: env.region_name,
  });
  return {
    admin: account(env.admin),
    doctor: account(env.doctor),
    maintenanceUrl: server.url,
  };
}

const clouds = { lab: startLabCloud, real: startRealCloud } as const;

/** What came of something on the lab, and on the real services. */
export type BothClouds<Result> = Readonly<Record<keyof typeof clouds, Result>>;

/** Starts the lab and the real cloud with our server on each, does the same on both side by side, and stops them. */
export async function onBothClouds<Result>(
  wish: CloudWish,
  play: (cloud: ClientCloud) => Promise<Result>,
): Promise<BothClouds<Result>> {
  const playOn = async (start: (typeof clouds)[keyof typeof clouds]) => {
    const stops: (() => Promise<void>)[] = [];
    try {
      return await play(await start((stop) => void stops.push(stop), wish));
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  };
  // Both to their end, also when one fails: nothing may go on after the test.
  const [lab, real] = await Promise.allSettled([playOn(clouds.lab), playOn(clouds.real)]);
  if (lab.status === 'rejected') throw lab.reason;
  if (real.status === 'rejected') throw real.reason;
  return { lab: lab.value, real: real.value };
}
