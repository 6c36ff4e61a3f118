import { afterEach, describe, expect, it } from 'vitest';
import {
  followSession,
  openSession,
  sessionRequest,
  type SessionDetail,
  type SessionWish,
} from '../../../src/demo/follow-session.ts';
import type { InspectorEvent } from '../../../src/inspector/inspector.ts';
import { dataOf, planSession } from '../../../src/sdk/index.ts';
import type { VnfmEvent } from '../../../src/vnfm/vnfm-event.ts';
import { startOpenstackStage, type OpenstackStage } from './openstack-stage.ts';
import { timesOf } from './session-times.ts';

let stage: OpenstackStage | undefined;

afterEach(async () => {
  await stage?.stop();
  stage = undefined;
});

/** As Doctor's test: half a minute to answer. */
const leadSeconds = 10;

async function play(running: OpenstackStage, name: string, wish: SessionWish = {}) {
  const started = Date.now();
  const before = new Map(
    (await running.nova.servers()).map((server) => [server.id, server['OS-EXT-SRV-ATTR:host'] ?? '']),
  );
  const sessionId = await openSession(running.admin, leadSeconds, wish);
  const detail = await followSession(running.admin, sessionId, () => undefined);
  const maintenanceAt = Date.parse(`${detail.session.maintenance_at}Z`);
  const { wallSeconds, longestWaitSeconds } = timesOf(running.server.log, sessionId, maintenanceAt);
  process.stdout.write(
    `test:openstack: session ${name}: ${detail.state} ${wallSeconds.toFixed(1)} s after maintenance_at, ` +
      `longest wait between a reply and the next action ${longestWaitSeconds.toFixed(3)} s\n`,
  );
  return { detail, before, started, sessionId };
}

const received = (log: readonly (VnfmEvent | InspectorEvent)[]) =>
  log.flatMap((event) => (event.kind === 'received' ? [event] : []));

/** When each host was maintained, as the inspector heard of it. */
function maintenanceWindows(log: readonly InspectorEvent[]) {
  return received(log).flatMap((event) => {
    if (!('host' in event) || event.state !== 'IN_MAINTENANCE') return [];
    const end = received(log).find(
      (other) => 'host' in other && other.host === event.host && other.state === 'MAINTENANCE_COMPLETE',
    );
    return [{ host: event.host, from: Date.parse(event.at), to: Date.parse(end?.at ?? '') }];
  });
}

async function expectHostsAsBefore(running: OpenstackStage): Promise<void> {
  expect((await running.nova.computes()).map(({ status }) => status)).toEqual(
    running.computes.map(() => 'enabled'),
  );
  const servers = await running.nova.servers();
  expect(servers.map(({ status }) => status)).toEqual(servers.map(() => 'ACTIVE'));
}

async function expectEmptyDuringMaintenance(
  running: OpenstackStage,
  { before, started }: { before: ReadonlyMap<string, string>; started: number },
): Promise<void> {
  const stays = await running.nova.staysSince(started, before);
  const remaining = new Set((await running.nova.servers()).map(({ id }) => id));
  const windows = maintenanceWindows(running.inspector.log);
  expect(windows.map(({ host }) => host)).toEqual(expect.arrayContaining([...running.computes]));
  for (const { host, from, to } of windows) {
    // Nova records whole seconds: a stay that begins in the second in which the window ends began after it.
    const there = stays.filter(
      (stay) =>
        remaining.has(stay.instanceId) && stay.host === host && stay.to > from && stay.from + 1000 <= to,
    );
    expect({ host, there }).toEqual({ host, there: [] });
  }
}

/** Every notification that the server journalled arrived where it was to, once. */
function expectEachNotificationOnce(running: OpenstackStage, sessionId: string): void {
  const issued = running.server.log.flatMap(({ session_id, msg, command, command_id }) =>
    session_id === sessionId && msg === 'command issued' && command !== undefined && command_id !== undefined
      ? [{ kind: command.kind, id: command_id }]
      : [],
  );
  const ids = (kind: string) => issued.filter((command) => command.kind === kind).map(({ id }) => id);
  const heard = (log: readonly (VnfmEvent | InspectorEvent)[]) =>
    received(log).map(({ messageId }) => messageId);
  expect(heard(running.vnfm.log).sort()).toEqual(ids('notify_project').sort());
  expect(heard(running.inspector.log).sort()).toEqual(ids('notify_host').sort());
}

function expectMaintained(detail: SessionDetail): void {
  expect(detail.failure_reason).toBeNull();
  expect(detail.state).toBe('MAINTENANCE_DONE');
  expect(detail.percent_done).toBe(100);
  expect(detail.hosts.filter(({ maintained }) => !maintained)).toEqual([]);
}

/** What our VNFM registered. */
async function registered({ admin }: OpenstackStage) {
  const groups = dataOf(await admin.GET('/v1/instance_group')).items;
  const instances = dataOf(await admin.GET('/v1/instance')).items;
  return { groups, instances };
}

/** No migration began while its group had no free slot, by Nova's own record. */
async function expectLimitsKept(
  { nova }: OpenstackStage,
  { groups, instances }: Awaited<ReturnType<typeof registered>>,
  started: number,
): Promise<void> {
  const operations = await nova.operationsSince(started);
  expect(operations.length).toBeGreaterThan(0);
  for (const { group_id, max_impacted_members, recovery_time } of groups) {
    const members = instances.filter((one) => one.group_id === group_id).map((one) => one.instance_id);
    const own = operations.filter(({ instanceId }) => members.includes(instanceId));
    for (const { from } of own) {
      // Nova records whole seconds.
      const impacted = own.filter((one) => one.from <= from && from < one.to + (recovery_time - 1) * 1000);
      const ids = new Set(impacted.map(({ instanceId }) => instanceId));
      expect(ids.size).toBeLessThanOrEqual(max_impacted_members);
    }
  }
}

describe('a session on a real cloud', () => {
  it.each([
    ['default', 'MIGRATE'],
    ['default', 'LIVE_MIGRATE'],
    ['vnf', 'MIGRATE'],
  ] as const)('is done by %s with %s, and leaves the cloud as it was', async (workflow, action) => {
    stage = await startOpenstackStage({ vnfm: { action } });
    const running = stage;
    const session = await play(running, `${workflow} ${action}`, { workflow });
    expectMaintained(session.detail);
    await expect
      .poll(() => received(running.inspector.log).length, { timeout: 30_000 })
      .toBe(2 * session.detail.hosts.length);
    await expectHostsAsBefore(running);
    expect(await running.nova.servers()).toHaveLength(session.before.size);
    await expectEmptyDuringMaintenance(running, session);
    expectEachNotificationOnce(running, session.sessionId);
  });

  it('works on two hosts at once with vnf as planned, once our VNFM has made room, within the limits that it registered', async () => {
    stage = await startOpenstackStage({ server: { FENIX_WORKFLOW_HOST_MAINTENANCE_SECONDS: '5' } });
    const running = stage;
    const limits = await registered(running);
    expect(limits.groups.map((group) => group.max_impacted_members).sort()).toEqual([1, 2]);
    expect(limits.instances).toHaveLength((await running.nova.servers()).length);
    const wish = { workflow: 'vnf', parallelHosts: 2 } as const;
    const planned = await planSession(running.admin, sessionRequest(leadSeconds, wish));
    expect(planned).toMatchObject({ verdict: 'after_scale_in', scale_in: [{ instances: 4 }] });
    // Nothing was touched, and nobody was told anything.
    await expectHostsAsBefore(running);
    expect([...received(running.vnfm.log), ...received(running.inspector.log)]).toEqual([]);
    const session = await play(running, 'vnf, two hosts at once', { ...wish, planId: planned.plan_id });
    expectMaintained(session.detail);
    await expectLimitsKept(running, limits, session.started);
    await expect
      .poll(() => received(running.inspector.log).length, { timeout: 30_000 })
      .toBe(2 * session.detail.hosts.length);
    await expectHostsAsBefore(running);
    expect(await running.nova.servers()).toHaveLength(session.before.size);
    await expectEmptyDuringMaintenance(running, session);
    expectEachNotificationOnce(running, session.sessionId);
    const windows = maintenanceWindows(running.inspector.log).filter(({ host }) =>
      running.computes.includes(host),
    );
    const atOnce = windows.map(
      ({ from }) => windows.filter((one) => one.from <= from && from < one.to).length,
    );
    expect(Math.max(...atOnce)).toBe(2);
    const [scaledIn] = running.vnfm.log.flatMap((event) =>
      event.kind === 'scaled_in' ? [event.instances.length] : [],
    );
    expect(scaledIn).toBe(4);
    const { plan } = session.detail;
    expect(plan?.drift).toEqual([]);
    process.stdout.write(
      `test:openstack: two hosts at once: planned before ${planned.makespan_seconds?.toFixed(1)} s, ` +
        `at the begin ${plan?.makespan_seconds.toFixed(1)} s, measured ` +
        `${JSON.stringify(plan?.measured)}\n`,
    );
    expect(plan?.measured?.makespan_seconds).toBeGreaterThanOrEqual(
      plan?.measured?.lower_bound_seconds ?? Infinity,
    );
  });

  it('fails when the VNFM refuses, and every host is opened again', async () => {
    stage = await startOpenstackStage({ vnfm: { refuse: 'PLANNED_MAINTENANCE' } });
    const running = stage;
    const { detail } = await play(running, 'refused');
    expect(detail.state).toBe('MAINTENANCE_FAILED');
    expect(detail.failure_reason).toMatch(/refused PLANNED_MAINTENANCE/);
    await expect
      .poll(async () => (await running.nova.computes()).every(({ status }) => status === 'enabled'), {
        timeout: 60_000,
      })
      .toBe(true);
    await expectHostsAsBefore(running);
  });

  it('fails when the VNFM is silent beyond its reminders, and every host is opened again', async () => {
    stage = await startOpenstackStage({
      vnfm: { silent: 'PLANNED_MAINTENANCE' },
      server: { FENIX_WORKFLOW_PLANNED_REPLY_SECONDS: '3' },
    });
    const running = stage;
    const { detail } = await play(running, 'silent');
    expect(detail.state).toBe('MAINTENANCE_FAILED');
    expect(detail.failure_reason).toMatch(/did not reply to PLANNED_MAINTENANCE in time/);
    const reminders = received(running.vnfm.log).filter(({ state }) => state === 'PLANNED_MAINTENANCE');
    expect(new Set(reminders.map(({ messageId }) => messageId)).size).toBe(3);
    await expect
      .poll(async () => (await running.nova.computes()).every(({ status }) => status === 'enabled'), {
        timeout: 60_000,
      })
      .toBe(true);
    await expectHostsAsBefore(running);
  });
});
