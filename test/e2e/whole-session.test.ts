import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionDetail } from '../../src/demo/follow-session.ts';
import { credentialsOf } from '../../src/demo/stage.ts';
import {
  createKeystoneTokens,
  createMaintenanceClient,
  listenForAlarms,
  subscribe,
  type SessionNotification,
} from '../../src/sdk/index.ts';
import {
  expectEmptyBetweenNotices,
  expectEachNoticeOnce,
  heardOfHosts,
  milliseconds,
  questionsTo,
} from '../support/stage-notices.ts';
import { expectAllWell, instanceNames } from '../support/stage-outcome.ts';
import { acceptedCalls, boundDuring, migrationsOf, movesOf } from '../support/stage-records.ts';
import {
  endOf,
  eventually,
  expectDone,
  openSession,
  sessionMetadata,
  startTestStage,
  type TestStage,
} from '../support/stage.ts';

describe('a session over all hosts of a full cloud', () => {
  const stops: (() => Promise<void>)[] = [];
  const sessionNotices: SessionNotification[] = [];
  let stage: TestStage;
  let before: readonly string[];
  let sessionId: string;
  let detail: SessionDetail;

  beforeAll(async () => {
    stage = await startTestStage((stop) => stops.push(stop), {
      server: { FENIX_WORKFLOW_HOST_MAINTENANCE_SECONDS: '1' },
    });
    before = instanceNames(stage);
    await hearOfSessions();
    sessionId = await openSession(stage.admin, { inSeconds: 5 });
    detail = expectDone(await endOf(stage.admin, sessionId));
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  async function hearOfSessions(): Promise<void> {
    const { lab, server } = stage;
    const alarms = await listenForAlarms({
      onNotification: (notification) => {
        if (notification.eventType === 'maintenance.session') sessionNotices.push(notification);
      },
    });
    stops.push(() => alarms.close());
    const { token } = createKeystoneTokens(credentialsOf(lab, 'admin'));
    const alarming = createMaintenanceClient({ endpoint: server.url, token });
    await subscribe(alarming, { eventType: 'maintenance.session', url: alarms.url, name: 'session-log' });
  }

  it('does not begin before its time', () => {
    const start = milliseconds(detail.session.maintenance_at);
    const touched = stage.lab.changes().find(({ type }) => type === 'host.closed' || type === 'server.moved');
    expect(touched?.at).toBeGreaterThanOrEqual(start);
    expect(milliseconds(detail.session.ended_at)).toBeGreaterThan(start);
  });

  it('keeps every host empty between the two notices about it', () => {
    expect(heardOfHosts(stage).filter(({ host }) => host.startsWith('compute-'))).toHaveLength(8);
    expectEmptyBetweenNotices(stage);
    // The records do show instances on these hosts at other times.
    const [first, last] = [stage.lab.changes()[0]?.at ?? NaN, Date.now()];
    for (const { name } of stage.lab.hosts())
      expect(boundDuring(stage.lab, name, first, last).length).toBeGreaterThan(0);
  });

  it('leaves all hosts enabled, and all instances active, apart and as many as before', async () => {
    await expectAllWell(stage, before, detail);
  });

  it('tells the application each thing once, and moves no instance unasked', async () => {
    await expectEachNoticeOnce(stage);
    expect(questionsTo(stage).slice(0, 2)).toEqual(['MAINTENANCE', 'SCALE_IN']);
    expect(migrationsOf(stage.lab).every((migration) => migration.endsWith(': confirmed'))).toBe(true);
    expect(acceptedCalls(stage.lab, 'migrate')).toBe(movesOf(stage.lab).length);
  });

  it('tells who follows the session of every state, once and in order', async () => {
    await eventually(() => expect(sessionNotices.at(-1)?.state).toBe('MAINTENANCE_DONE'));
    const emptied = questionsTo(stage).filter((state) => /PREPARE|PLANNED/.test(state));
    expect(sessionNotices.map(({ state }) => state)).toEqual([
      'MAINTENANCE',
      'SCALE_IN',
      ...emptied.flatMap((state) => [state, 'START_MAINTENANCE']),
      'MAINTENANCE_COMPLETE',
      'MAINTENANCE_DONE',
    ]);
    const percents = sessionNotices.map(({ percentDone }) => percentDone ?? NaN);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
  });

  it('shows the whole truth in its detail', () => {
    const projectId = stage.vnfm.projectId;
    expect(detail).toMatchObject({
      session_id: sessionId,
      percent_done: 100,
      session: {
        workflow: 'default',
        state: 'MAINTENANCE_DONE',
        prev_state: 'MAINTENANCE_COMPLETE',
        meta: `{'openstack_version': 'Epoxy', 'note': "${sessionMetadata.note}"}`,
      },
      projects: [
        {
          project_id: projectId,
          subscribed: true,
          last_reply: 'ACK_MAINTENANCE_COMPLETE',
        },
      ],
    });
    expect(detail.hosts.map(({ hostname, type }) => `${type} ${hostname}`).sort()).toEqual([
      'compute compute-1',
      'compute compute-2',
      'compute compute-3',
      'compute compute-4',
      'controller controller-1',
    ]);
    for (const host of detail.hosts) {
      expect(host).toMatchObject({ maintained: true, disabled: false, activity: 'maintained' });
      const held = milliseconds(host.maintenance_ended_at) - milliseconds(host.maintenance_started_at);
      expect(held).toBeGreaterThanOrEqual(1000);
    }
    const hostById = new Map(stage.lab.servers().map(({ id, host }) => [id, host]));
    const movedIds = new Set(movesOf(stage.lab).map(({ serverId }) => serverId));
    expect(detail.instances.map(({ instance_name }) => instance_name).sort()).toEqual(before);
    for (const { instance_id: id, gone, host, action_outcome, action } of detail.instances) {
      expect(gone).toBe(!hostById.has(id));
      expect(host).toBe(hostById.get(id) ?? null);
      if (movedIds.has(id)) expect([action, action_outcome]).toEqual(['MIGRATE', 'done']);
    }
  });
});
