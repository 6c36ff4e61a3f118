/** Everything that a maintenance session needs, on free ports of the loopback: a lab, a server, a VNFM, an inspector. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { loadConfig } from '../config/load-config.ts';
import { startInspector, type Inspector, type InspectorOptions } from '../inspector/inspector.ts';
import { startLab, type Lab } from '../lab/lab.ts';
import type { LabConfigInput } from '../lab/lab-config.ts';
import { createKeystoneTokens, createMaintenanceClient, type MaintenanceClient } from '../sdk/index.ts';
import { startServer, type Server } from '../server.ts';
import { startVnfm, type Vnfm } from '../vnfm/vnfm.ts';
import type { VnfmOptions } from '../vnfm/vnfm-options.ts';

export interface StageOptions {
  readonly lab: LabConfigInput;
  readonly logger: Logger;
  /** Options of the server, as environment variables (docs/configuration.md), besides those that name the lab. */
  readonly server?: Readonly<Record<string, string>>;
  readonly vnfm?: Omit<VnfmOptions, 'credentials'>;
  readonly inspector?: Omit<InspectorOptions, 'credentials'>;
}

export interface Stage {
  readonly lab: Lab;
  readonly server: Server;
  readonly vnfm: Vnfm;
  readonly inspector: Inspector;
  /** The API, as the infrastructure admin. */
  readonly admin: MaintenanceClient;
  /** Stops all of it and removes what it kept on disk. */
  stop(): Promise<void>;
}

/** Starts everything in the order in which each needs the other; what was started is stopped when something fails. */
export async function startStage(options: StageOptions): Promise<Stage> {
  const { lab: labConfig, logger, server: extra = {} } = options;
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'fenix-stage-'));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const lab = await startLab({ config: labConfig });
    stops.push(() => lab.stop());
    const config = loadConfig({ env: { ...serverVariables(lab, folder), ...extra } });
    const server = await startServer(config, logger);
    stops.push(() => server.stop());
    lab.setEndpoint('maintenance', `${server.url}/v1`);
    lab.setEndpoint('alarming', server.url);
    const inspector = await startInspector({
      credentials: credentialsOf(lab, 'admin'),
      ...options.inspector,
    });
    stops.push(() => inspector.stop());
    const vnfm = await startVnfm({ credentials: credentialsOf(lab, 'doctor'), ...options.vnfm });
    stops.push(() => vnfm.stop());
    const tokens = createKeystoneTokens(credentialsOf(lab, 'admin'));
    const admin = createMaintenanceClient({ endpoint: server.url, token: tokens.token });
    return { lab, server, vnfm, inspector, admin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What tells a server to work on a lab. */
export function serverVariables(lab: Lab, folder: string): Record<string, string> {
  const { name, password, projectName } = accountOf(lab, 'fenix');
  return {
    FENIX_SERVER_PORT: '0',
    FENIX_AUTH_MODE: 'keystone',
    FENIX_KEYSTONE_AUTH_URL: lab.authUrl,
    FENIX_KEYSTONE_USERNAME: name,
    FENIX_KEYSTONE_PASSWORD: password,
    FENIX_KEYSTONE_PROJECT_NAME: projectName,
    FENIX_DATABASE_URL: `sqlite://${join(folder, 'fenix.sqlite')}`,
  };
}

/** How one of the lab's accounts logs in. */
export function credentialsOf(lab: Lab, user: string) {
  const { name, password, projectName } = accountOf(lab, user);
  return { authUrl: lab.authUrl, username: name, password, projectName };
}

function accountOf(lab: Lab, user: string) {
  const account = lab.users[user];
  if (account === undefined) throw new Error(`the lab has no account ${user}`);
  return account;
}
