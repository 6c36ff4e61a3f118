import { describe, expect, it } from 'vitest';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import type { components, MaintenanceClient } from '../../src/sdk/index.ts';
import { dataOf } from '../../src/sdk/index.ts';
import { playWithKills } from '../support/kills.ts';
import { expectAllWell, instanceNames } from '../support/stage-outcome.ts';
import {
  endOf,
  expectDone,
  failureOf,
  openSession,
  playToDone,
  startTestStage,
  type AtEnd,
} from '../support/stage.ts';

type Body = components['schemas']['ContinueRequest'];

const put = (admin: MaintenanceClient, sessionId: string, body: Body = {}) =>
  admin.PUT('/v1/maintenance/{session_id}', { params: { path: { session_id: sessionId } }, body });

/** A session that failed since live migrations do: nothing was moved, and nothing is broken. */
async function failed(atEnd: AtEnd) {
  const stage = await startTestStage(atEnd, {
    lab: doctorScenario({ empty: 2 }),
    vnfm: { action: 'LIVE_MIGRATE' },
  });
  const before = instanceNames(stage);
  const fault = stage.lab.setFault({ kind: 'fail', operation: 'live_migrate' });
  const sessionId = await openSession(stage.admin);
  const { detail } = await failureOf(stage.admin, sessionId);
  return { stage, before, fault, sessionId, detail };
}

describe.concurrent('PUT of a session', () => {
  it('continues one that failed where it failed, once the cloud is mended', async ({ onTestFinished }) => {
    const { stage, before, fault, sessionId, detail } = await failed(onTestFinished);
    fault.clear();
    const answer = dataOf(await put(stage.admin, sessionId));
    expect(answer).toMatchObject({ session_id: sessionId, state: detail.session.prev_state });
    await expectAllWell(stage, before, expectDone(await endOf(stage.admin, sessionId)));
  });

  it('continues it at the state that is given, and again when it fails again', async ({ onTestFinished }) => {
    const { stage, before, fault, sessionId } = await failed(onTestFinished);
    expect(dataOf(await put(stage.admin, sessionId, { state: 'MAINTENANCE' }))).toMatchObject({
      state: 'MAINTENANCE',
    });
    await failureOf(stage.admin, sessionId);
    fault.clear();
    dataOf(await put(stage.admin, sessionId, { state: 'START_MAINTENANCE' }));
    await expectAllWell(stage, before, expectDone(await endOf(stage.admin, sessionId)));
  });

  it('is refused while the session runs and once it is done, with the state as the reason', async ({
    onTestFinished,
  }) => {
    const stage = await startTestStage(onTestFinished, { lab: doctorScenario({ empty: 2 }) });
    const later = await openSession(stage.admin, { hosts: ['compute-1'], inSeconds: 600 });
    const running = await put(stage.admin, later);
    expect(running.response.status).toBe(409);
    expect(running.error).toMatchObject({ code: 'session_not_failed' });
    await stage.admin.DELETE('/v1/maintenance/{session_id}', { params: { path: { session_id: later } } });
    const { session_id: done } = (await playToDone(stage.admin)).session;
    expect((await put(stage.admin, done)).response.status).toBe(409);
    expect((await put(stage.admin, later)).response.status).toBe(404);
  });

  it.for(['MAINTENANCE_DONE', 'MAINTENANCE_FAILED', 'NONSENSE'])(
    'is refused with a state in which nothing is done: %s',
    async (state, { onTestFinished }) => {
      const { stage, sessionId } = await failed(onTestFinished);
      const refused = await put(stage.admin, sessionId, { state } as Body);
      expect(refused.response.status).toBe(422);
      expect((await endOf(stage.admin, sessionId)).state).toBe('MAINTENANCE_FAILED');
    },
  );

  it('is refused while another session has its hosts', async ({ onTestFinished }) => {
    const { stage, before, fault, sessionId } = await failed(onTestFinished);
    fault.clear();
    const other = await openSession(stage.admin, { hosts: ['compute-2'], inSeconds: 600 });
    const refused = await put(stage.admin, sessionId);
    expect(refused.response.status).toBe(409);
    expect(refused.error).toMatchObject({ code: 'host_in_session' });
    expect(JSON.stringify(refused.error)).toContain('compute-2');
    await stage.admin.DELETE('/v1/maintenance/{session_id}', { params: { path: { session_id: other } } });
    dataOf(await put(stage.admin, sessionId));
    await expectAllWell(stage, before, expectDone(await endOf(stage.admin, sessionId)));
  });

  it('counts although the server is killed right after it', async ({ onTestFinished }) => {
    const { clients, before, sessionId } = await playWithKills(onTestFinished, {
      lab: doctorScenario({ empty: 2 }),
      steps: [{ act: (lab) => void lab.setFault({ kind: 'fail', operation: 'live_migrate' }) }],
      vnfm: { action: 'LIVE_MIGRATE' },
      afterwards: {
        steps: [
          { act: (lab) => lab.clearFaults() },
          {
            when: (signal) => 'log' in signal && signal.log.event?.type === 'session_continued',
            act: 'kill',
          },
        ],
        // Asked again by the client where the answer was lost: it is 409 then, for the session runs.
        act: ({ clients: { admin }, sessionId: failedId }) => put(admin, failedId),
      },
    });
    await expectAllWell(clients, before, expectDone(await endOf(clients.admin, sessionId)));
  });
});
