/** The whole product on the loopback for end-to-end tests: lab, server, VNFM and inspector, quick and with records. */
import { createServer, type AddressInfo } from 'node:net';
import { expect, vi } from 'vitest';
import { followSession, type SessionDetail } from '../../src/demo/follow-session.ts';
import { startStage, type Stage, type StageOptions } from '../../src/demo/stage.ts';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import { dataOf, type components, type MaintenanceClient } from '../../src/sdk/index.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

/** Registers what is to be done at the end of a test: `onTestFinished` of the test's context. */
export type AtEnd = (stop: () => Promise<void>) => void;

/** Looks of the server at the cloud follow each other as fast as the lab's operations do. */
export const quickServer = {
  FENIX_SERVER_VALIDATE_RESPONSES: 'true',
  FENIX_NOVA_FIRST_LOOK_MILLISECONDS: '20',
  FENIX_NOVA_LONGEST_LOOK_MILLISECONDS: '100',
} as const;

export const quickVnfm = { pollSeconds: 0.02 } as const;

export interface TestStage extends Stage {
  /** The lines of the server's log, parsed. */
  readonly serverLog: readonly Readonly<Record<string, unknown>>[];
}

/** Starts Doctor's scenario, or another lab; all of it is stopped at the end of the test. */
export async function startTestStage(atEnd: AtEnd, options: Partial<StageOptions> = {}): Promise<TestStage> {
  const serverLog: Record<string, unknown>[] = [];
  const logger = createLogger(
    { level: 'info' },
    { write: (line) => serverLog.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const stage = await startStage({
    lab: doctorScenario(),
    logger,
    ...options,
    server: { ...quickServer, ...options.server },
    vnfm: { ...quickVnfm, ...options.vnfm },
  });
  atEnd(() => stage.stop());
  return { ...stage, serverLog };
}

export interface SessionWish {
  /** All when absent. */
  readonly hosts?: readonly string[];
  /** When it begins. The default lies in the past: it begins as soon as everybody has answered. */
  readonly inSeconds?: number;
  readonly actions?: components['schemas']['SessionRequest']['actions'];
  readonly download?: components['schemas']['SessionRequest']['download'];
}

export const sessionMetadata = { openstack_version: 'Epoxy', note: "the admin's" };

/** Opens a `default` session. @returns its id */
export async function openSession(
  admin: MaintenanceClient,
  { hosts = [], inSeconds = -1, actions, download }: SessionWish = {},
): Promise<string> {
  const maintenanceAt = new Date(Date.now() + inSeconds * 1000).toISOString().slice(0, 23).replace('T', ' ');
  const body: components['schemas']['SessionRequest'] = {
    state: 'MAINTENANCE',
    workflow: 'default',
    maintenance_at: maintenanceAt,
    metadata: sessionMetadata,
    hosts: [...hosts],
    ...(actions && { actions }),
    ...(download && { download }),
  };
  return dataOf(await admin.POST('/v1/maintenance', { body })).session_id;
}

/** Waits for the end of a session, good or bad. */
export function endOf(admin: MaintenanceClient, sessionId: string): Promise<SessionDetail> {
  return followSession(admin, sessionId, () => undefined);
}

/** Plays a session to its end, which must be the good one. */
export async function playToDone(admin: MaintenanceClient, wish?: SessionWish): Promise<SessionDetail> {
  return expectDone(await endOf(admin, await openSession(admin, wish)));
}

export function expectDone(detail: SessionDetail): SessionDetail {
  expect({ state: detail.state, reason: detail.failure_reason }).toEqual({
    state: 'MAINTENANCE_DONE',
    reason: null,
  });
  return detail;
}

/** Waits for the bad end of a session. @returns its reason, and the detail */
export async function failureOf(
  admin: MaintenanceClient,
  sessionId: string,
): Promise<{ readonly reason: string; readonly detail: SessionDetail }> {
  const detail = await endOf(admin, sessionId);
  expect(detail.state).toBe('MAINTENANCE_FAILED');
  expect(detail.failure_reason).toEqual(expect.any(String));
  return { reason: detail.failure_reason ?? '', detail };
}

/** Waits until something holds; 20 s at most. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { interval: 20, timeout: 20_000 });
}

/** Waits until every compute service of the lab is enabled. */
export async function allHostsEnabled({ lab }: Pick<Stage, 'lab'>): Promise<void> {
  await eventually(() => expect(lab.hosts().filter(({ status }) => status !== 'enabled')).toEqual([]));
}

/** A port that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
