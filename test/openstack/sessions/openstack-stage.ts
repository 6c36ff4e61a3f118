/** A server with the `oslo` driver, our VNFM and our inspector, over the real cloud that up.sh started. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startInspector } from '../../../src/inspector/inspector.ts';
import { createKeystoneTokens, createMaintenanceClient } from '../../../src/sdk/index.ts';
import type { VnfmOptions } from '../../../src/vnfm/vnfm-options.ts';
import { startVnfm } from '../../../src/vnfm/vnfm.ts';
import { readOpenstackEnv } from '../ports/openstack-env.ts';
import { connectNova } from './nova-records.ts';
import { startServerProcess } from './server-process.ts';

const seed = join(import.meta.dirname, '../cloud/seed.sh');

export interface OpenstackStageOptions {
  readonly vnfm?: Omit<VnfmOptions, 'credentials'>;
  /** Options of the server, as environment variables. */
  readonly server?: Readonly<Record<string, string>>;
}

/** Seeds Doctor's scenario anew and starts everything. */
export async function startOpenstackStage({ vnfm = {}, server: extra = {} }: OpenstackStageOptions = {}) {
  await promisify(execFile)(seed);
  const env = await readOpenstackEnv();
  const folder = await mkdtemp(join(tmpdir(), 'fenix-openstack-test-'));
  const { hostname, port } = new URL(env.endpoints.maintenance);
  const variables = {
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
    ...extra,
  };
  const server = await startServerProcess(variables);
  const inspector = await startInspector({ credentials: env.admin });
  const manager = await startVnfm({ credentials: env.doctor, ...vnfm });
  const tokens = createKeystoneTokens(env.admin);
  const admin = createMaintenanceClient({ endpoint: env.endpoints.maintenance, token: tokens.token });
  return {
    server,
    /** How the server was told everything. */
    variables,
    inspector,
    vnfm: manager,
    admin,
    nova: await connectNova(env.admin),
    computes: env.computes,
    async stop() {
      await manager.stop();
      await inspector.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type OpenstackStage = Awaited<ReturnType<typeof startOpenstackStage>>;
