/** A lab and a server in this process, without any client of ours: for clients that others wrote. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverVariables } from '../../src/demo/stage.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import type { LabConfigInput } from '../../src/lab/lab-config.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { startServer } from '../../src/server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { quickServer, type AtEnd } from './stage.ts';

export interface ServerOnLab {
  readonly lab: Lab;
  /** Where the server is, without `/v1`. */
  readonly url: string;
}

/** Starts both, as the catalog of the lab tells; they are stopped at the end of the test. */
export async function startServerOnLab(
  atEnd: AtEnd,
  options: { readonly lab?: LabConfigInput; readonly server?: Readonly<Record<string, string>> } = {},
): Promise<ServerOnLab> {
  const folder = await mkdtemp(join(tmpdir(), 'fenix-server-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const lab = await startLab({ config: options.lab ?? doctorScenario() });
  atEnd(() => lab.stop());
  const env = { ...serverVariables(lab, folder), ...quickServer, ...options.server };
  const server = await startServer(loadConfig({ env }), createLogger({ level: 'silent' }));
  atEnd(() => server.stop());
  lab.setEndpoint('maintenance', `${server.url}/v1`);
  lab.setEndpoint('alarming', server.url);
  return { lab, url: server.url };
}
