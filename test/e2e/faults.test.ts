import { describe, expect, it } from 'vitest';
import type { SessionDetail } from '../../src/demo/follow-session.ts';
import { place, remove } from '../../src/lab/model/boot.ts';
import type { Change } from '../../src/lab/model/change-log.ts';
import type { Server } from '../../src/lab/model/types.ts';
import { expectEachNoticeOnce, problemsOf, questionsTo } from '../support/stage-notices.ts';
import { expectAllWell, instanceNames } from '../support/stage-outcome.ts';
import { acceptedCalls, migrationsOf, movesOf } from '../support/stage-records.ts';
import {
  allHostsEnabled,
  failureOf,
  openSession,
  playToDone,
  startTestStage,
  type TestStage,
} from '../support/stage.ts';

/** A lost call is looked up again after one call's time. */
const shortCalls = { FENIX_KEYSTONE_REQUEST_TIMEOUT_SECONDS: '1' };

/** Does something once, when the cloud changes in the way that is meant. */
function onceAt({ lab }: TestStage, isMeant: (change: Change) => boolean, act: () => void): void {
  const end = lab.onChange((change) => {
    if (!isMeant(change)) return;
    end();
    act();
  });
}

const strikes = ({ lab }: TestStage) => lab.changes().filter(({ type }) => type === 'fault').length;

/** Servers of the same project that come and go behind the application's back, at once. */
function neighbours({ lab }: TestStage) {
  const { id: userId, projectId } = lab.users['doctor']!;
  const [flavor] = lab.cloud.flavors;
  const by = { userId, projectId, requestId: 'req-of-the-neighbours' };
  const owner = { userId, projectId, flavor: flavor!, imageId: lab.imageId, groupId: null };
  let there: readonly Server[] = [];
  return {
    arrive: (count: number) => {
      there = Array.from({ length: count }, (_, n) =>
        place(lab.cloud, { name: `neighbour_${n}`, ...owner }, by),
      );
    },
    leave: () => there.forEach((server) => remove(lab.cloud, server, by)),
  };
}

const rowOf = (detail: SessionDetail, instanceId: string | undefined) =>
  detail.instances.find(({ instance_id }) => instance_id === instanceId);

describe.concurrent('a session goes on when', () => {
  it('Nova is not there for a while', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished);
    const before = instanceNames(stage);
    onceAt(
      stage,
      ({ type }) => type === 'server.moved',
      () => stage.lab.setFault({ kind: 'unavailable', service: 'nova', times: 6 }),
    );
    await expectAllWell(stage, before, await playToDone(stage.admin));
    await expectEachNoticeOnce(stage);
    expect(strikes(stage)).toBe(6);
    expect(acceptedCalls(stage.lab, 'migrate')).toBe(movesOf(stage.lab).length);
  });

  it('Keystone is not there for a while, and its own token is refused', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished);
    const before = instanceNames(stage);
    onceAt(
      stage,
      ({ type }) => type === 'server.moved',
      () => {
        stage.lab.revokeTokens();
        stage.lab.setFault({ kind: 'unavailable', service: 'keystone', times: 3 });
      },
    );
    await expectAllWell(stage, before, await playToDone(stage.admin));
    await expectEachNoticeOnce(stage);
    expect(strikes(stage)).toBe(3);
  });

  it.for([true, false])(
    'the answer to a migrate call is lost (carried out: %s)',
    async (carried_out, { onTestFinished }) => {
      const stage = await startTestStage(onTestFinished, { server: shortCalls });
      const before = instanceNames(stage);
      stage.lab.setFault({ kind: 'lost_call', call: 'migrate', carried_out, times: 1 });
      await expectAllWell(stage, before, await playToDone(stage.admin));
      await expectEachNoticeOnce(stage);
      expect(strikes(stage)).toBe(1);
      const taken = stage.lab.cloud.migrations.map(({ serverId, source }) => `${serverId} from ${source}`);
      expect(new Set(taken).size).toBe(taken.length);
      expect(acceptedCalls(stage.lab, 'migrate')).toBe(taken.length - (carried_out ? 1 : 0));
    },
  );

  it('the answers to the closing of a host and to a confirmation are lost', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { server: shortCalls });
    const before = instanceNames(stage);
    stage.lab.setFault({ kind: 'lost_call', call: 'os-services.update', carried_out: true, times: 1 });
    stage.lab.setFault({ kind: 'lost_call', call: 'confirmResize', carried_out: true, times: 1 });
    await expectAllWell(stage, before, await playToDone(stage.admin));
    expect(strikes(stage)).toBe(2);
    expect(migrationsOf(stage.lab).filter((migration) => !migration.endsWith(': confirmed'))).toEqual([]);
  });

  it('a live migration fails once', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { action: 'LIVE_MIGRATE' } });
    const before = instanceNames(stage);
    stage.lab.setFault({ kind: 'fail', operation: 'live_migrate', times: 1 });
    await expectAllWell(stage, before, await playToDone(stage.admin));
    expect(migrationsOf(stage.lab).filter((migration) => migration.endsWith(': failed'))).toHaveLength(1);
  });

  it('somebody takes the room for the first host: it asks for more', async ({ onTestFinished }) => {
    let scaleIns = 0;
    const stage: TestStage = await startTestStage(onTestFinished, {
      vnfm: {
        onEvent: (event) => {
          if (event.kind !== 'received') return;
          if (event.state === 'PREPARE_MAINTENANCE' && scaleIns === 1) others.arrive(1);
          if (event.state === 'SCALE_IN' && (scaleIns += 1) === 2) others.leave();
        },
      },
    });
    const others = neighbours(stage);
    const before = instanceNames(stage);
    await expectAllWell(stage, before, await playToDone(stage.admin));
    expect(questionsTo(stage).filter((state) => state === 'SCALE_IN')).toHaveLength(2);
    const [refused] = stage.lab.cloud.migrations;
    expect(refused).toMatchObject({ status: 'error', target: null });
  });
});

describe.concurrent('a session fails, and names instance, host and reason, when', () => {
  it('a cold migration fails on the host', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished);
    stage.lab.setFault({ kind: 'fail', operation: 'cold_migrate', message: 'the disk is full', times: 1 });
    const { reason, detail } = await failureOf(stage.admin, await openSession(stage.admin));
    const broken = stage.lab.servers().filter(({ status }) => status === 'ERROR');
    expect(broken).toHaveLength(1);
    const [{ id, name, host } = { id: '', name: '', host: '' }] = broken;
    expect(reason).toContain(`instance ${name} (${id}) could not leave host ${host} by MIGRATE`);
    expect(reason).toContain('the disk is full');
    expect(rowOf(detail, id)).toMatchObject({ host, action: 'MIGRATE', action_outcome: 'failed' });
    expect(rowOf(detail, id)?.action_error).toContain('the disk is full');
    await allHostsEnabled(stage);
    // What was under way beside it was brought to its end.
    const rest = stage.lab.servers().filter((server) => server.id !== id && server.status !== 'ACTIVE');
    expect(rest).toEqual([]);
    expect(problemsOf(stage)).toEqual([]);
  });

  it('no host takes an instance', async ({ onTestFinished }) => {
    let asked = false;
    const stage: TestStage = await startTestStage(onTestFinished, {
      vnfm: {
        onEvent: (event) => {
          if (asked || event.kind !== 'received' || event.state !== 'PLANNED_MAINTENANCE') return;
          asked = true;
          others.arrive(2);
        },
      },
    });
    const others = neighbours(stage);
    const { reason, detail } = await failureOf(stage.admin, await openSession(stage.admin));
    const failed = detail.instances.filter(({ action_outcome }) => action_outcome === 'failed');
    expect(failed.length).toBeGreaterThan(0);
    for (const { instance_id, instance_name, host, action_error } of failed) {
      expect(reason).toContain(`instance ${instance_name} (${instance_id}) could not leave host ${host}`);
      expect(action_error).toContain('No valid host was found');
    }
    expect(reason).toContain('No valid host was found');
    await allHostsEnabled(stage);
    expect(stage.lab.servers().filter(({ status }) => status !== 'ACTIVE')).toEqual([]);
  });

  it('the cloud does not come back in time', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, {
      server: { FENIX_WORKFLOW_CLOUD_PATIENCE_SECONDS: '1' },
    });
    // Only the server is meant: it alone lists services.
    const fault = stage.lab.setFault({ kind: 'unavailable', call: 'os-services.list' });
    const { reason } = await failureOf(stage.admin, await openSession(stage.admin));
    expect(reason).toMatch(/^the cloud cannot be seen: .*503/);
    fault.clear();
    await playToDone(stage.admin);
  });
});
