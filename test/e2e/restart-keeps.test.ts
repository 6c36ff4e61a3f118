import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { credentialsOf } from '../../src/demo/stage.ts';
import { createKeystoneTokens, createMaintenanceClient, dataOf } from '../../src/sdk/index.ts';
import { startServer, type Server } from '../../src/server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { heardBy, heardOfHosts, problemsOf, questionsTo } from '../support/stage-notices.ts';
import { instanceNames } from '../support/stage-outcome.ts';
import { prepareServer, startClients, type Clients, type Serverless } from '../support/stage-process.ts';
import { endOf, eventually, failureOf, openSession, playToDone, type AtEnd } from '../support/stage.ts';

/** A server in this process, which may be stopped before the end of the test. */
async function startHere(atEnd: AtEnd, { variables }: Serverless): Promise<Server> {
  const server = await startServer(loadConfig({ env: variables }), createLogger({ level: 'silent' }));
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= server.stop());
  atEnd(stop);
  return { url: server.url, stop };
}

/** Everything that the server keeps, as its clients see it. */
async function everythingKept(clients: Clients, { url }: Serverless, sessionIds: readonly string[]) {
  const { admin, lab, vnfm } = clients;
  const { token } = createKeystoneTokens(credentialsOf(lab, 'doctor'));
  const doctor = createMaintenanceClient({ endpoint: url, token });
  const registered = vnfm.log.findLast((event) => event.kind === 'registered')?.instances ?? [];
  const instances = await Promise.all(
    registered.map(async ({ id: instance_id }) =>
      dataOf(await doctor.GET('/v1/instance/{instance_id}', { params: { path: { instance_id } } })),
    ),
  );
  const groupIds = [...new Set(instances.map(({ group_id }) => group_id))];
  const groups = await Promise.all(
    groupIds.map(async (group_id) =>
      dataOf(await doctor.GET('/v1/instance_group/{group_id}', { params: { path: { group_id } } })),
    ),
  );
  return {
    instances,
    groups,
    alarmsOfAdmin: dataOf(await admin.GET('/v2/alarms')),
    alarmsOfDoctor: dataOf(await doctor.GET('/v2/alarms')),
    sessions: dataOf(await admin.GET('/v1/maintenance')).sessions,
    details: await Promise.all(sessionIds.map((sessionId) => endOf(admin, sessionId))),
  };
}

describe('a server that is started again on the same file', () => {
  it('knows constraints, alarms and ended sessions, and plays the next session', async ({
    onTestFinished,
  }) => {
    const prepared = await prepareServer(onTestFinished);
    const server = await startHere(onTestFinished, prepared);
    const clients = await startClients(onTestFinished, prepared);
    const { admin, lab } = clients;
    const names = instanceNames(clients);
    const { session_id: done } = await playToDone(admin);
    const failed = await openSession(admin, { inSeconds: -3600 });
    expect((await failureOf(admin, failed)).reason).toContain('maintenance_at');
    const deleted = await openSession(admin, { inSeconds: 3600 });
    dataOf(await admin.DELETE('/v1/maintenance/{session_id}', { params: { path: { session_id: deleted } } }));
    await eventually(() => expect(heardOfHosts(clients)).toHaveLength(10));

    const before = await everythingKept(clients, prepared, [done, failed]);
    expect(before.instances).toHaveLength(8);
    expect(before.groups).toHaveLength(2);
    expect([before.alarmsOfAdmin.length, before.alarmsOfDoctor.length]).toEqual([1, 1]);
    expect(before.sessions).toEqual([done, failed]);
    const heard = heardBy(clients).length;
    await server.stop();
    await startHere(onTestFinished, prepared);
    expect(await everythingKept(clients, prepared, [done, failed])).toEqual(before);

    await playToDone(admin);
    expect(problemsOf(clients)).toEqual([]);
    expect(instanceNames(clients)).toEqual(names);
    expect(lab.hosts().filter(({ status }) => status !== 'enabled')).toEqual([]);
    expect(questionsTo(clients).filter((state) => state === 'MAINTENANCE_COMPLETE')).toHaveLength(2);
    expect(heardBy(clients).length).toBeGreaterThan(heard);
    expect([...heardBy(clients), ...heardOfHosts(clients)].filter(({ repeated }) => repeated)).toEqual([]);
  });
});
