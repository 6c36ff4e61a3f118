/** Doctor's test driver (facts 3.8): against the API of Fenix, and against that of Doctor's own sample admin tool. */
import { expect, it } from 'vitest';
import { client } from '../../support/client.ts';
import { startServerOnLab } from '../../support/server-on-lab.ts';
import { sampleManager, startDoctorManager } from '../../support/strangers/doctor-app-manager.ts';
import { call } from '../../support/strangers/call.ts';
import { driveSession } from '../../support/strangers/doctor-test-driver.ts';
import { jsonHeaders, tokenOf } from '../../support/strangers/keystone.ts';

client({
  name: "Doctor's test driver",
  version: 'opnfv/doctor 72a1f8c (October 2020) as facts 3.8 and 8.2 tell it, scenario/maintenance.py',
  ran: 'played call by call: POST with twelve tries, polling of the state, DELETE at the end; in Fenix mode and in that of the sample admin tool (G0)',
  against: 'the lab, with alarms of our own',
});

it('drives a session of Fenix to its end and deletes it', async ({ onTestFinished }) => {
  const stage = await startServerOnLab(onTestFinished);
  const { lab, url } = stage;
  const handle = sampleManager(lab.servers().length);
  await startDoctorManager(onTestFinished, stage, { renewsToken: false, handle });
  const endpoint = `${url}/v1/maintenance`;

  const { sessionId, state, states } = await driveSession(lab, {
    endpoint,
    workflow: 'default',
    leadSeconds: 6,
    auth: true,
  });

  expect(state).toBe('MAINTENANCE_DONE');
  expect(states[0]).toBe('MAINTENANCE');
  const headers = { ...jsonHeaders, 'X-Auth-Token': await tokenOf(lab, 'admin', 'admin') };
  const gone = await call({ method: 'GET', url: `${endpoint}/${sessionId}`, headers });
  expect(gone.status).toBe(404);
});

it('raises where the session fails, after it has deleted it', async ({ onTestFinished }) => {
  const { lab, url } = await startServerOnLab(onTestFinished);
  const endpoint = `${url}/v1/maintenance`;
  const drive = () => driveSession(lab, { endpoint, workflow: 'default', leadSeconds: 6, auth: true });
  // Nobody listens for the project: the session fails without a notice.
  await expect(drive()).rejects.toThrow(/^maintenance .* failed$/);
  const headers = { ...jsonHeaders, 'X-Auth-Token': await tokenOf(lab, 'admin', 'admin') };
  expect(JSON.parse((await call({ method: 'GET', url: endpoint, headers })).text)).toMatchObject({
    sessions: [],
  });
});

it('finds the sample admin tool where there is no authentication', async ({ onTestFinished }) => {
  const stage = await startServerOnLab(onTestFinished, { server: { FENIX_AUTH_MODE: 'none' } });
  const { lab, url } = stage;
  const manager = await startDoctorManager(onTestFinished, stage, {
    renewsToken: false,
    sendsToken: false,
    handle: sampleManager(lab.servers().length),
  });

  const { state } = await driveSession(lab, {
    endpoint: `${url}/maintenance`,
    workflow: 'default',
    leadSeconds: 6,
    auth: false,
  });

  expect(state).toBe('MAINTENANCE_DONE');
  expect(manager.raised).toEqual([]);
  expect(manager.replies.map(({ answer }) => answer.status)).toEqual(manager.replies.map(() => 200));
});
