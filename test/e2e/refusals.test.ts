import { describe, expect, it } from 'vitest';
import { heardBy, heardOfHosts, questionsTo, repliesOf } from '../support/stage-notices.ts';
import { movesOf } from '../support/stage-records.ts';
import { allHostsEnabled, failureOf, openSession, startTestStage, type TestStage } from '../support/stage.ts';

/** A session that failed leaves a cloud in which everything works. */
async function expectCloudInOrder(stage: TestStage): Promise<void> {
  await allHostsEnabled(stage);
  expect(stage.lab.servers().filter(({ status }) => status !== 'ACTIVE')).toEqual([]);
}

const closedHosts = ({ lab }: TestStage) => lab.changes().filter(({ type }) => type === 'host.closed');
const instances = ({ lab }: TestStage) => lab.servers().length;

describe.concurrent('a project that refuses', () => {
  it('MAINTENANCE ends the session before anything was touched', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { refuse: 'MAINTENANCE' } });
    const { reason, detail } = await failureOf(stage.admin, await openSession(stage.admin));
    expect(reason).toBe(`project ${stage.vnfm.projectId} refused MAINTENANCE`);
    expect(detail.projects).toMatchObject([{ subscribed: true, last_reply: 'NACK_MAINTENANCE' }]);
    expect(questionsTo(stage)).toEqual(['MAINTENANCE']);
    expect(closedHosts(stage)).toEqual([]);
    expect(movesOf(stage.lab)).toEqual([]);
    expect(instances(stage)).toBe(8);
    await expectCloudInOrder(stage);
  });

  it('SCALE_IN ends the session before a host was closed', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { refuse: 'SCALE_IN' } });
    const { reason } = await failureOf(stage.admin, await openSession(stage.admin));
    expect(reason).toBe(`project ${stage.vnfm.projectId} refused SCALE_IN`);
    expect(closedHosts(stage)).toEqual([]);
    expect(instances(stage)).toBe(8);
  });

  it('PLANNED_MAINTENANCE ends the session; its hosts are opened again', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { refuse: 'PLANNED_MAINTENANCE' } });
    const { reason, detail } = await failureOf(stage.admin, await openSession(stage.admin));
    expect(reason).toBe(`project ${stage.vnfm.projectId} refused PLANNED_MAINTENANCE`);
    expect(detail.projects).toMatchObject([{ last_reply: 'NACK_PLANNED_MAINTENANCE' }]);
    expect(detail.session.prev_state).toBe('PLANNED_MAINTENANCE');
    expect(closedHosts(stage).length).toBeGreaterThan(1);
    await expectCloudInOrder(stage);
    // Nothing of the host in question was moved; the inspector knows how far the maintenance came.
    const emptied = new Set(movesOf(stage.lab).map(({ from }) => from));
    const maintained = detail.hosts.filter((host) => host.maintained).map(({ hostname }) => hostname);
    expect([...emptied].filter((host) => !maintained.includes(host))).toEqual([]);
    expect(stage.inspector.ignoredHosts).toEqual([]);
    expect(heardOfHosts(stage)).toHaveLength(2 * maintained.length);
  });
});

describe.concurrent('a project that is silent', () => {
  it('is told MAINTENANCE again, and ends the session', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, {
      vnfm: { silent: 'MAINTENANCE' },
      server: { FENIX_WORKFLOW_MAINTENANCE_REPLY_SECONDS: '1', FENIX_WORKFLOW_SENDS: '2' },
    });
    const { reason, detail } = await failureOf(
      stage.admin,
      await openSession(stage.admin, { inSeconds: 60 }),
    );
    expect(reason).toBe(`project ${stage.vnfm.projectId} did not reply to MAINTENANCE in time`);
    expect(detail.projects).toMatchObject([{ subscribed: true, last_reply: null }]);
    expect(questionsTo(stage)).toEqual(['MAINTENANCE', 'MAINTENANCE']);
    expect(closedHosts(stage)).toEqual([]);
  });

  it('is not waited for beyond the time at which the maintenance was to begin', async ({
    onTestFinished,
  }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { silent: 'MAINTENANCE' } });
    const { reason, detail } = await failureOf(stage.admin, await openSession(stage.admin, { inSeconds: 8 }));
    expect(reason).toBe(`project ${stage.vnfm.projectId} did not reply to MAINTENANCE in time`);
    expect(questionsTo(stage)).toEqual(['MAINTENANCE']);
    const late = Date.parse(`${detail.session.ended_at}Z`) - Date.parse(`${detail.session.maintenance_at}Z`);
    expect(late).toBeGreaterThanOrEqual(0);
    // A reply window would be 40 s.
    expect(late).toBeLessThan(5000);
  });

  it('is asked to scale in once only', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, {
      vnfm: { silent: 'SCALE_IN' },
      server: { FENIX_WORKFLOW_SCALE_IN_REPLY_SECONDS: '1' },
    });
    const { reason } = await failureOf(stage.admin, await openSession(stage.admin));
    expect(reason).toBe(`project ${stage.vnfm.projectId} did not reply to SCALE_IN in time`);
    expect(questionsTo(stage)).toEqual(['MAINTENANCE', 'SCALE_IN']);
    expect(closedHosts(stage)).toEqual([]);
  });

  it('in PLANNED_MAINTENANCE ends the session; its hosts are opened again', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, {
      vnfm: { silent: 'PLANNED_MAINTENANCE' },
      server: { FENIX_WORKFLOW_PLANNED_REPLY_SECONDS: '1', FENIX_WORKFLOW_SENDS: '3' },
    });
    const { reason, detail } = await failureOf(stage.admin, await openSession(stage.admin));
    expect(reason).toBe(`project ${stage.vnfm.projectId} did not reply to PLANNED_MAINTENANCE in time`);
    expect(detail.percent_done).toBeGreaterThan(0);
    const reminders = heardBy(stage).filter(({ state }) => state === 'PLANNED_MAINTENANCE');
    expect(reminders).toHaveLength(3);
    // A reminder is a new message: one that is told again only because of a fault would be dropped as a repeat.
    expect(new Set(reminders.map(({ messageId }) => messageId)).size).toBe(3);
    expect(repliesOf(stage)).not.toContain('ACK_PLANNED_MAINTENANCE');
    await expectCloudInOrder(stage);
  });
});

describe('a project that has no alarm', () => {
  it('ends the session at once, and the reason says what to do', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished);
    await stage.vnfm.stop();
    const { reason, detail } = await failureOf(
      stage.admin,
      await openSession(stage.admin, { inSeconds: 60 }),
    );
    expect(reason).toContain(`no alarm for maintenance.scheduled in project ${stage.vnfm.projectId}`);
    expect(reason).toContain('workflow.unsubscribed_projects');
    expect(detail.projects).toMatchObject([{ subscribed: false }]);
    expect(closedHosts(stage)).toEqual([]);
  });
});
