import { beforeEach, describe, expect, it } from 'vitest';
import type { Session, SessionPlan } from '../../../src/domain/session.ts';
import type { components } from '../../../src/sdk/openapi.ts';
import { startApi } from './api-under-test.ts';
import {
  movedInstanceId,
  newSession,
  sampleHost,
  sampleInstance,
  sampleProjectId,
  sampleSession,
  sampleSessionId,
  stayingInstanceId,
} from './fake-maintenance.ts';
import { campaign, host } from '../../support/small-campaign.ts';

const api = await startApi();
beforeEach(() => api.reset());

type Detail = components['schemas']['SessionDetail'];

async function detailOf(session: Session): Promise<Detail> {
  api.maintenance.sessions.set(session.id, session);
  const response = await api.as('admin').get(`/v1/maintenance/${session.id}/detail`);
  expect(response.status).toBe(200);
  return response.body as Detail;
}

const times = { created_at: '2026-11-03T02:20:11.000000', updated_at: '2026-11-03T02:21:21.000000' };

describe('the detail of a session', () => {
  it('has the row of the session as Fenix had it', async () => {
    const detail = await detailOf(sampleSession());
    expect(detail).toMatchObject({
      session_id: sampleSessionId,
      state: 'PLANNED_MAINTENANCE',
      percent_done: 50,
      failure_reason: null,
      action_plugins: [],
      action_plugin_instances: [],
    });
    expect(detail.session).toEqual({
      session_id: sampleSessionId,
      workflow: 'default',
      state: 'PLANNED_MAINTENANCE',
      prev_state: 'START_MAINTENANCE',
      maintenance_at: '2026-11-03T02:30:00.000000',
      meta: "{'openstack_version': 'Epoxy'}",
      ended_at: null,
      ...times,
    });
  });

  it('tells of each host what is being done with it', async () => {
    const { hosts } = await detailOf(
      sampleSession({
        hosts: [
          ...sampleSession().hosts,
          sampleHost({ name: 'cmp-09', progress: 'in_maintenance', closedByUs: true }),
          sampleHost({ name: 'cmp-10' }),
          sampleHost({ name: 'ctl-01', type: 'controller' }),
        ],
      }),
    );
    expect(
      hosts.map(({ hostname, type, maintained, disabled, activity }) => [
        hostname,
        type,
        maintained,
        disabled,
        activity,
      ]),
    ).toEqual([
      ['cmp-08.example.net', 'compute', true, false, 'maintained'],
      ['cmp-07.example.net', 'compute', false, true, 'being_emptied'],
      ['cmp-09', 'compute', false, true, 'in_maintenance'],
      ['cmp-10', 'compute', false, false, 'waiting'],
      ['ctl-01', 'controller', false, false, 'waiting'],
    ]);
    expect(hosts[0]).toMatchObject({
      details: 'b5f5a7c1-1e60-4f93-9a39-4ff4c9b6a8e2',
      maintenance_started_at: '2026-11-03T02:20:51.000000',
      maintenance_ended_at: '2026-11-03T02:21:01.000000',
    });
    expect(new Set(hosts.map(({ id }) => id)).size).toBe(hosts.length);
  });

  it('tells of each project what it was asked and answered', async () => {
    const { projects } = await detailOf(sampleSession());
    expect(projects).toEqual([
      {
        session_id: sampleSessionId,
        project_id: sampleProjectId,
        state: 'ACK_PLANNED_MAINTENANCE',
        subscribed: true,
        sends: 2,
        last_reply: 'ACK_PLANNED_MAINTENANCE',
        last_reply_at: '2026-11-03T02:21:16.000000',
      },
    ]);
  });

  it('tells of each instance where it is, what is done with it, and what became of that', async () => {
    const failed = sampleInstance({
      id: '91c7d0aa-3d0a-4a8b-8f0c-77a1d9d8f3e5',
      name: 'app_node_3',
      host: 'cmp-07.example.net',
      state: 'error',
      action: 'LIVE_MIGRATE',
      actionOutcome: 'failed',
      actionError: 'No valid host was found.',
    });
    const gone = sampleInstance({
      id: '2f6f3a0e-6f0b-4c0d-a2df-0a6f1e9b5c77',
      name: 'app_node_4',
      gone: true,
    });
    const session = sampleSession();
    const { instances } = await detailOf({
      ...session,
      instances: new Map(session.instances).set(failed.id, failed).set(gone.id, gone),
    });
    const byId = new Map(instances.map((row) => [row.instance_id, row]));
    expect(byId.get(movedInstanceId)).toMatchObject({
      instance_name: 'app_node_1',
      project_id: sampleProjectId,
      project_state: 'ACK_PLANNED_MAINTENANCE',
      state: 'active',
      host: 'cmp-07.example.net',
      action: 'MIGRATE',
      action_done: false,
      action_outcome: 'running',
      action_error: null,
      gone: false,
    });
    expect(byId.get(stayingInstanceId)).toMatchObject({
      action: null,
      action_outcome: null,
      action_done: false,
    });
    expect(byId.get(failed.id)).toMatchObject({
      state: 'error',
      action: 'LIVE_MIGRATE',
      action_outcome: 'failed',
      action_error: 'No valid host was found.',
    });
    expect(byId.get(gone.id)).toMatchObject({ host: null, gone: true });
  });

  it('says why a session failed, and when', async () => {
    const detail = await detailOf(
      sampleSession({
        state: 'MAINTENANCE_FAILED',
        previousState: 'PLANNED_MAINTENANCE',
        failure: `project ${sampleProjectId} refused PLANNED_MAINTENANCE`,
        endedAt: Date.UTC(2026, 10, 3, 2, 22, 0),
      }),
    );
    expect(detail).toMatchObject({
      state: 'MAINTENANCE_FAILED',
      failure_reason: `project ${sampleProjectId} refused PLANNED_MAINTENANCE`,
      session: { prev_state: 'PLANNED_MAINTENANCE', ended_at: '2026-11-03T02:22:00.000000' },
    });
  });

  it('is complete before the cloud was first seen', async () => {
    const detail = await detailOf(newSession(sampleSessionId, sampleSession().request));
    expect(detail).toMatchObject({
      state: 'MAINTENANCE',
      percent_done: 0,
      hosts: [],
      projects: [],
      instances: [],
      action_plugins: [],
      action_plugin_instances: [],
      downloads: [],
      pending: [],
      retries: [],
    });
    expect(detail.session.prev_state).toBeNull();
  });
});

describe('the detail of a session that works on several hosts at once', () => {
  const madeAt = Date.UTC(2026, 10, 3, 2, 30, 0);
  const certificate = {
    makespanSeconds: 3480,
    lowerBoundSeconds: 3240,
    ratio: 3480 / 3240,
    binding: 'capacity',
    bounds: [],
    prices: [],
  } as const;
  const sessionPlan = (changes: Partial<SessionPlan> = {}): SessionPlan => ({
    sequence: 7,
    madeAt,
    campaign: {} as SessionPlan['campaign'],
    plan: {
      verdict: 'feasible',
      hosts: [
        { host: 'cmp-08.example.net', admittedAt: 0, maintenanceStartsAt: 0, endsAt: 1200 },
        { host: 'cmp-07.example.net', admittedAt: 60.5, maintenanceStartsAt: 120, endsAt: 1320 },
      ],
      moves: [],
      makespanSeconds: 3480,
      certificate,
      problems: [],
      scaleIn: [],
    },
    drift: ['instance app_node_9 came'],
    ...changes,
  });

  it('tells which are draining, which were left aside, and why', async () => {
    const admittedAt = madeAt + 61_000;
    const detail = await detailOf(
      sampleSession({
        hosts: [
          sampleHost({ name: 'cmp-01', progress: 'draining', admittedAt, closedByUs: true }),
          sampleHost({ name: 'cmp-02', progress: 'skipped', skipReason: 'project p1 refused' }),
          sampleHost({ name: 'cmp-03' }),
        ],
      }),
    );
    expect(
      detail.hosts.map(({ hostname, activity, skip_reason, admitted_at }) => [
        hostname,
        activity,
        skip_reason,
        admitted_at,
      ]),
    ).toEqual([
      ['cmp-01', 'draining', null, '2026-11-03T02:31:01.000000'],
      ['cmp-02', 'skipped', 'project p1 refused', null],
      ['cmp-03', 'waiting', null, null],
    ]);
    expect(detail.exceptions).toEqual([{ hostname: 'cmp-02', reason: 'project p1 refused' }]);
  });

  it('tells what was asked for, and nothing where it was not', async () => {
    const { request } = sampleSession();
    expect(await detailOf(sampleSession())).toMatchObject({
      parallel_hosts: null,
      window_ends_at: null,
      failure_policy: 'fail',
      plan_id: null,
      plan: null,
      exceptions: [],
      paused: false,
      paused_at: null,
      aborted_at: null,
    });
    const planId = '3f1d2c4b-5a69-4788-9c0d-1e2f3a4b5c6d';
    const windowEndsAt = Date.UTC(2026, 10, 3, 6, 30, 0);
    const asked = { ...request, parallelHosts: 2, windowEndsAt, failurePolicy: 'skip', planId } as const;
    expect(await detailOf(sampleSession({ request: asked }))).toMatchObject({
      parallel_hosts: 2,
      window_ends_at: '2026-11-03T06:30:00.000000',
      failure_policy: 'skip',
      plan_id: planId,
    });
  });

  it('holds the plan against what came of it', async () => {
    const [done, begun] = sampleSession().hosts;
    const detail = await detailOf(
      sampleSession({
        plan: sessionPlan(),
        latestPlan: sessionPlan({ madeAt: madeAt + 90_000 }),
        hosts: [
          { ...done!, admittedAt: madeAt + 1000, maintenanceEndedAt: madeAt + 1_190_000 },
          { ...begun!, progress: 'draining', admittedAt: madeAt + 75_000 },
        ],
      }),
    );
    expect(detail.plan).toEqual({
      made_at: '2026-11-03T02:30:00.000000',
      feasible: true,
      makespan_seconds: 3480,
      planned_end: '2026-11-03T03:28:00.000000',
      expected_end: '2026-11-03T03:29:30.000000',
      lower_bound_seconds: 3240,
      binding: 'capacity',
      ratio: 3480 / 3240,
      measured: null,
      drift: ['instance app_node_9 came'],
      hosts: [
        {
          host: 'cmp-08.example.net',
          planned_start: '2026-11-03T02:30:00.000000',
          planned_end: '2026-11-03T02:50:00.000000',
          started_at: '2026-11-03T02:30:01.000000',
          ended_at: '2026-11-03T02:49:50.000000',
        },
        {
          host: 'cmp-07.example.net',
          planned_start: '2026-11-03T02:31:00.500000',
          planned_end: '2026-11-03T02:52:00.000000',
          started_at: '2026-11-03T02:31:15.000000',
          ended_at: null,
        },
      ],
    });
  });

  it('is certified by what was measured, once it is done', async () => {
    const planned = campaign([host('cmp-07.example.net')], []);
    const [first] = sampleSession().hosts;
    const done = {
      ...first!,
      name: 'cmp-07.example.net',
      type: 'compute',
      progress: 'maintained',
      maintenanceStartedAt: madeAt + 10_000,
      maintenanceEndedAt: madeAt + 1_210_000,
    } as const;
    const detail = await detailOf(
      sampleSession({
        state: 'MAINTENANCE_DONE',
        endedAt: madeAt + 1_300_000,
        plan: sessionPlan({ campaign: planned }),
        hosts: [done],
      }),
    );
    expect(detail.plan?.measured).toEqual({
      makespan_seconds: 1210,
      lower_bound_seconds: 1200,
      ratio: 1210 / 1200,
      binding: expect.stringMatching(/^(capacity|host)$/) as string,
      because: expect.stringMatching(/./) as string,
    });
  });

  it('has no ratio to a bound of nothing', async () => {
    const plan = sessionPlan();
    const boundless = { ...certificate, lowerBoundSeconds: 0, ratio: Infinity };
    const detail = await detailOf(
      sampleSession({ plan: { ...plan, plan: { ...plan.plan, certificate: boundless } } }),
    );
    expect(detail.plan).toMatchObject({ lower_bound_seconds: 0, ratio: null });
  });

  it('tells of each instance from when on it is ready, until when it is put off, and why it refused', async () => {
    const { instances } = sampleSession();
    const question = { state: 'PLANNED_MAINTENANCE', sends: 1, commandId: 'c', actions: {} } as const;
    const asked = (id: string, more: object) => ({
      ...instances.get(id)!,
      question: { ...question, ...more },
    });
    const detail = await detailOf(
      sampleSession({
        instances: new Map([
          [movedInstanceId, asked(movedInstanceId, { answer: 'ACK', readyAt: madeAt })],
          [stayingInstanceId, asked(stayingInstanceId, { deferredUntil: madeAt, reason: 'Not now.' })],
        ]),
      }),
    );
    const time = '2026-11-03T02:30:00.000000';
    expect(detail.instances).toMatchObject([
      { ready_at: time, deferred_until: null, reply_reason: null },
      { ready_at: null, deferred_until: time, reply_reason: 'Not now.' },
    ]);
  });
});
