import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import { expectEachNoticeOnce, questionsTo } from '../support/stage-notices.ts';
import { expectAllWell, instanceNames } from '../support/stage-outcome.ts';
import { migrationsOf, movesOf } from '../support/stage-records.ts';
import { playToDone, startTestStage, type AtEnd } from '../support/stage.ts';

describe.concurrent('a session', () => {
  it('moves instances live where their project wants it', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { action: 'LIVE_MIGRATE' } });
    const before = instanceNames(stage);
    await expectAllWell(stage, before, await playToDone(stage.admin));
    await expectEachNoticeOnce(stage);
    expect(movesOf(stage.lab).length).toBeGreaterThan(0);
    expect(new Set(movesOf(stage.lab).map(({ how }) => how))).toEqual(new Set(['live']));
  });

  it('waits for projects that take their instances away by their own action', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { action: 'OWN_ACTION' } });
    const before = instanceNames(stage);
    await expectAllWell(stage, before, await playToDone(stage.admin));
    await expectEachNoticeOnce(stage);
    expect(migrationsOf(stage.lab)).toEqual([]);
    expect(stage.vnfm.log.filter(({ kind }) => kind === 'replaced').length).toBeGreaterThan(0);
  });

  it('leaves hosts alone that were not given', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { lab: doctorScenario({ empty: 2 }) });
    const before = instanceNames(stage);
    const hosts = ['compute-1', 'compute-3'];
    const detail = await playToDone(stage.admin, { hosts });
    await expectAllWell(stage, before, detail);
    await expectEachNoticeOnce(stage);
    expect(detail.hosts.map(({ hostname }) => hostname)).toEqual(hosts);
    expect(questionsTo(stage)).not.toContain('SCALE_IN');
    const closed = stage.lab
      .changes()
      .flatMap((change) => (change.type === 'host.closed' ? [change.host] : []));
    expect(new Set(closed)).toEqual(new Set(hosts));
    expect(movesOf(stage.lab).filter(({ from }) => !hosts.includes(from))).toEqual([]);
  });

  it('runs on JWS tokens, and refuses a forged one without asking Keystone', async ({ onTestFinished }) => {
    const folder = await keyFolder(onTestFinished);
    const stage = await startTestStage(onTestFinished, {
      lab: { ...doctorScenario(), tokens: { format: 'jws', key_folder: folder } },
      server: { FENIX_AUTH_JWS_KEY_FOLDER: folder },
    });
    const before = instanceNames(stage);
    await expectAllWell(stage, before, await playToDone(stage.admin));
    await expectEachNoticeOnce(stage);

    const validations = () => stage.lab.calls().filter(({ name }) => name === 'identity.validate').length;
    const list = (token: string) =>
      fetch(`${stage.server.url}/v1/maintenance`, { headers: { 'X-Auth-Token': token } });
    const asked = validations();
    const good = stage.lab.token('admin');
    const [head = '', claims = '', signature = ''] = good.split('.');
    const forged = `${head}.${claims}.${signature.split('').reverse().join('')}`;
    expect((await list(forged)).status).toBe(401);
    expect(validations()).toBe(asked);
    expect((await list(good)).status).toBe(200);
    expect(validations()).toBeGreaterThan(asked);
    stage.lab.rotateSigningKey();
    expect((await list(stage.lab.token('admin'))).status).toBe(200);
  });

  it('moves the instances of a project that listens to nothing, where that is wanted', async ({
    onTestFinished,
  }) => {
    const stage = await startTestStage(onTestFinished, {
      lab: doctorScenario({ empty: 2 }),
      server: { FENIX_WORKFLOW_UNSUBSCRIBED_PROJECTS: 'migrate' },
    });
    await stage.vnfm.stop();
    const before = instanceNames(stage);
    const detail = await playToDone(stage.admin);
    await expectAllWell(stage, before, detail);
    expect(detail.projects).toMatchObject([{ subscribed: false, last_reply: null }]);
    expect(questionsTo(stage)).toEqual([]);
    expect(movesOf(stage.lab).length).toBeGreaterThan(0);
  });
});

async function keyFolder(atEnd: AtEnd): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fenix-keys-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
