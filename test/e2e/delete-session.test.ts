import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/lab/model/change-log.ts';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import { dataOf } from '../../src/sdk/index.ts';
import { heardOfHosts } from '../support/stage-notices.ts';
import { acceptedCalls } from '../support/stage-records.ts';
import {
  allHostsEnabled,
  eventually,
  failureOf,
  openSession,
  startTestStage,
  type TestStage,
} from '../support/stage.ts';

/** Resolves at the first change of the cloud that is meant. */
function nextChange({ lab }: TestStage, isMeant: (change: Change) => boolean): Promise<Change> {
  return new Promise((resolve) => {
    const end = lab.onChange((change) => {
      if (!isMeant(change)) return;
      end();
      resolve(change);
    });
  });
}

const pathOf = (session_id: string) => ({ params: { path: { session_id } } });

async function statuses({ admin }: TestStage, sessionId: string): Promise<readonly number[]> {
  const answers = [
    await admin.GET('/v1/maintenance/{session_id}', pathOf(sessionId)),
    await admin.GET('/v1/maintenance/{session_id}/detail', pathOf(sessionId)),
    await admin.DELETE('/v1/maintenance/{session_id}', pathOf(sessionId)),
  ];
  return answers.map(({ response }) => response.status);
}

const listed = async ({ admin }: TestStage) => dataOf(await admin.GET('/v1/maintenance')).sessions;

describe.concurrent('a session that is deleted', () => {
  it('in mid-move is gone at once; the move is finished and every host opened', async ({
    onTestFinished,
  }) => {
    const stage = await startTestStage(onTestFinished, {
      lab: { ...doctorScenario(), durations: { cold_migrate: 3 } },
      server: { FENIX_WORKFLOW_MAX_SESSIONS: '1' },
    });
    const { lab, admin } = stage;
    const moving = nextChange(
      stage,
      (change) => change.type === 'migration' && change.status === 'migrating',
    );
    const sessionId = await openSession(admin);
    await moving;
    const { response, data } = await admin.DELETE('/v1/maintenance/{session_id}', pathOf(sessionId));
    expect([response.status, data]).toEqual([200, {}]);
    // It did not wait for the move.
    expect(lab.cloud.migrations.filter(({ status }) => /migrating/.test(status))).not.toEqual([]);
    expect(await statuses(stage, sessionId)).toEqual([404, 404, 404]);
    expect(await listed(stage)).toEqual([]);

    const begun = acceptedCalls(lab, 'migrate');
    await eventually(() =>
      expect(lab.cloud.migrations.filter(({ status }) => status !== 'confirmed')).toEqual([]),
    );
    await allHostsEnabled(stage);
    expect(lab.servers().filter(({ status }) => status !== 'ACTIVE')).toEqual([]);
    expect(acceptedCalls(lab, 'migrate')).toBe(begun);
    expect(acceptedCalls(lab, 'confirmResize')).toBe(begun);
    expect(lab.cloud.migrations).toHaveLength(begun);
  });

  it('does not count any more: another one may be opened at once', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, {
      server: { FENIX_WORKFLOW_MAX_SESSIONS: '1' },
    });
    const { admin } = stage;
    const first = await openSession(admin, { inSeconds: 60 });
    await expect(openSession(admin, { inSeconds: 60 })).rejects.toMatchObject({ status: 509 });
    await admin.DELETE('/v1/maintenance/{session_id}', pathOf(first));
    const second = await openSession(admin, { inSeconds: 60 });
    expect(await listed(stage)).toEqual([second]);
  });

  it('while a host is being maintained leaves that one closed, and Nova tells why', async ({
    onTestFinished,
  }) => {
    const stage = await startTestStage(onTestFinished, {
      server: { FENIX_WORKFLOW_HOST_MAINTENANCE_SECONDS: '600' },
    });
    const { lab, admin } = stage;
    const hosts = lab.hosts().map(({ name }) => name);
    const sessionId = await openSession(admin, { hosts });
    await eventually(() => expect(heardOfHosts(stage)).toHaveLength(1));
    const [{ host: held } = { host: '' }] = heardOfHosts(stage);
    expect(lab.hosts().filter(({ status }) => status === 'disabled').length).toBe(4);

    const { response } = await admin.DELETE('/v1/maintenance/{session_id}', pathOf(sessionId));
    expect(response.status).toBe(200);
    await eventually(() =>
      expect(lab.hosts().filter(({ status }) => status === 'disabled')).toMatchObject([
        {
          name: held,
          disabledReason: `maintenance session ${sessionId}: its maintenance began and did not end`,
        },
      ]),
    );
    expect(await statuses(stage, sessionId)).toEqual([404, 404, 404]);
    const logged = stage.serverLog.map((line) => JSON.stringify(line)).filter((line) => line.includes(held));
    expect(logged.some((line) => line.includes('its maintenance began and did not end'))).toBe(true);
  });

  it('before it began leaves no trace in the cloud', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { silent: 'MAINTENANCE' } });
    const sessionId = await openSession(stage.admin, { inSeconds: 60 });
    await eventually(() => expect(stage.vnfm.log.some(({ kind }) => kind === 'silent')).toBe(true));
    const { response } = await stage.admin.DELETE('/v1/maintenance/{session_id}', pathOf(sessionId));
    expect(response.status).toBe(200);
    expect(await statuses(stage, sessionId)).toEqual([404, 404, 404]);
    expect(stage.lab.changes().filter(({ type }) => type.startsWith('host.'))).toEqual([]);
  });
});

describe('a failed session', () => {
  it('stays to be seen until it is deleted', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { refuse: 'MAINTENANCE' } });
    const sessionId = await openSession(stage.admin);
    await failureOf(stage.admin, sessionId);
    expect(await listed(stage)).toEqual([sessionId]);
    expect(await statuses(stage, sessionId)).toEqual([200, 200, 200]);
    expect(await statuses(stage, sessionId)).toEqual([404, 404, 404]);
    expect(await listed(stage)).toEqual([]);
  });
});
