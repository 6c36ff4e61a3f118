import { beforeEach, describe, expect, it } from 'vitest';
import { campaign, group, host, several, units } from '../../support/small-campaign.ts';
import { planCampaign } from '../../../src/domain/planner/plan-campaign.ts';
import { DownloadRefused, UnknownHosts, UnknownPlugin } from '../../../src/engine/maintenance-service.ts';
import type { components } from '../../../src/sdk/openapi.ts';
import { publicUrl, startApi, type ErrorBody } from './api-under-test.ts';
import { plannedLater, samplePlan, samplePlanId } from './fake-plans.ts';

const api = await startApi();
beforeEach(() => api.reset());

type Detail = components['schemas']['PlanDetail'];
type List = components['schemas']['PlanList'];

const admin = () => api.as('admin');

async function detail(planId = samplePlanId): Promise<Detail> {
  const response = await admin().get(`/v1/plan/${planId}`);
  expect(response.status).toBe(200);
  return response.body as Detail;
}

async function list(query = ''): Promise<List> {
  const response = await admin().get(`/v1/plan${query}`);
  expect(response.status).toBe(200);
  return response.body as List;
}

const codeOf = ({ status, body }: { status: number; body: unknown }) => [status, (body as ErrorBody).code];

describe('asking for a plan', () => {
  it('takes the body of a session, answers at once, and opens no session', async () => {
    const response = await admin()
      .post('/v1/plan')
      .send({
        state: 'MAINTENANCE',
        workflow: 'vnf',
        maintenance_at: '2026-11-03 02:30:00',
        hosts: ['cmp-07.example.net'],
        parallel_hosts: 2,
        failure_policy: 'skip',
        metadata: { release: 'Epoxy' },
      });
    expect(response.status).toBe(202);
    expect(response.body).toEqual({ plan_id: expect.any(String) as string, status: 'planning' });
    expect(api.plans.requests).toEqual([
      {
        workflow: 'vnf',
        maintenanceAt: Date.UTC(2026, 10, 3, 2, 30, 0),
        hosts: ['cmp-07.example.net'],
        parallelHosts: 2,
        failurePolicy: 'skip',
        metadata: { release: 'Epoxy' },
        actions: [],
        downloads: [],
      },
    ]);
    expect(api.maintenance.requests).toEqual([]);
  });

  it.each([undefined, 'default'])('plans for vnf where the workflow is %s', async (workflow) => {
    const body = { maintenance_at: '2026-11-03 02:30:00', parallel_hosts: 2, workflow };
    expect((await admin().post('/v1/plan').send(body)).status).toBe(202);
    expect(api.plans.requests).toMatchObject([{ workflow: 'vnf', parallelHosts: 2 }]);
  });

  it('leaves another plan out of account', async () => {
    const body = { maintenance_at: '2026-11-03 02:30:00', workflow: 'vnf', plan_id: samplePlanId };
    expect((await admin().post('/v1/plan').send(body)).status).toBe(202);
    expect(api.plans.requests[0]).not.toHaveProperty('planId');
  });

  it.each([
    [{}, '/maintenance_at'],
    [{ maintenance_at: 'soon' }, '/maintenance_at'],
    [{ maintenance_at: '2026-11-03 02:30:00', workflow: 'unheard-of' }, '/workflow'],
    [{ maintenance_at: '2026-11-03 02:30:00', parallel_hosts: 0 }, '/parallel_hosts'],
  ])('refuses %j where a session would be, and says where', async (body, pointer) => {
    const response = await admin().post('/v1/plan').send(body);
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ pointer });
    expect(api.plans.requests).toEqual([]);
  });

  it.each([
    [new UnknownHosts(['cmp-99.example.net']), 'unknown_host', '/hosts'],
    [new UnknownPlugin('firmware'), 'unknown_plugin', '/actions'],
    [new DownloadRefused(0, 'it is not of an allowed server'), 'download_refused', '/download/0'],
  ])('refuses with %s as a session is refused', async (refusal, code, pointer) => {
    api.plans.refusal = refusal;
    const body = { maintenance_at: '2026-11-03 02:30:00', workflow: 'vnf' };
    const response = await admin().post('/v1/plan').send(body);
    expect(codeOf(response)).toEqual([422, code]);
    expect(response.body).toMatchObject({ pointer });
  });
});

describe('a plan', () => {
  it('that is being made says so and no more', async () => {
    api.plans.keep(plannedLater(samplePlan()));
    expect(await detail()).toEqual({
      plan_id: samplePlanId,
      status: 'planning',
      created_at: '2026-11-03T02:20:11.000000',
      workflow: 'vnf',
      maintenance_at: '2026-11-03T02:30:00.000000',
      requested_hosts: [],
      parallel_hosts: null,
      window_ends_at: null,
      failure_policy: 'fail',
      failure_reason: null,
      seen_at: null,
      verdict: null,
      makespan_seconds: null,
      lower_bound_seconds: null,
      starts_at: null,
      ends_at: null,
      ratio: null,
      binding: null,
      binding_because: null,
      bounds: [],
      prices: [],
      problems: [],
      scale_in: [],
      hosts: [],
      notices: [],
      moves: [],
      projects: [],
    });
  });

  it('that could not be made says why', async () => {
    api.plans.keep({ ...plannedLater(samplePlan()), status: 'failed', failure: 'the cloud cannot be seen' });
    expect(await detail()).toMatchObject({ status: 'failed', failure_reason: 'the cloud cannot be seen' });
  });

  it('tells when each host is worked on, counted from the begin of the maintenance', async () => {
    const body = await detail();
    expect(body).toMatchObject({ status: 'finished', verdict: 'feasible', problems: [], scale_in: [] });
    expect(body.starts_at).toBe('2026-11-03T02:30:00.000000');
    // The empty host first (1000 s); the moves, 60 s each, one after the other with 30 s of recovery; then the other host.
    expect(body.makespan_seconds).toBe(2150);
    expect(body.ends_at).toBe('2026-11-03T03:05:50.000000');
    expect(body.hosts).toMatchObject([
      {
        host: 'cmp-08.example.net',
        admitted_seconds: 0,
        ends_seconds: 1000,
        ends_at: '2026-11-03T02:46:40.000000',
      },
      { host: 'cmp-07.example.net', maintenance_starts_seconds: 1150, ends_seconds: 2150 },
    ]);
  });

  it('tells of every move whom it hits, from where, to where and until when', async () => {
    const { moves, notices } = await detail();
    expect(moves).toHaveLength(2);
    expect(moves[0]).toMatchObject({
      project_id: 'shop',
      action: 'LIVE_MIGRATE',
      from: 'cmp-07.example.net',
      to: 'cmp-08.example.net',
      starts_seconds: 1000,
      ends_seconds: 1060,
      ends_at: '2026-11-03T02:47:40.000000',
      recovered_seconds: 1090,
    });
    expect(notices.map(({ instance_id }) => instance_id).sort()).toEqual(
      moves.map(({ instance_id }) => instance_id).sort(),
    );
    expect(moves.map(({ notice_seconds: notice, starts_seconds: start }) => notice <= start)).toEqual([
      true,
      true,
    ]);
  });

  it('tells each project when which of its instances is impacted', async () => {
    const { projects } = await detail();
    expect(projects).toMatchObject([
      {
        project_id: 'shop',
        most_at_once: 1,
        impacts: [
          { from_seconds: 1000, until_seconds: 1090 },
          { from_seconds: 1090, until_seconds: 1180 },
        ],
      },
    ]);
  });

  it('counts an own action as an impact from its notice on', async () => {
    const leaving = campaign(
      [host('a'), host('b')],
      several(1, 'a', { action: 'OWN_ACTION', leadSeconds: 100 }),
    );
    api.plans.keep(samplePlan({ campaign: leaving, plan: planCampaign(leaving) }));
    const { projects, moves } = await detail();
    const [move] = moves;
    expect(move).toMatchObject({ action: 'OWN_ACTION' });
    expect(projects[0]?.impacts[0]?.from_seconds).toBe(move?.notice_seconds);
  });

  it('proves how good it is: the bounds, what binds, and the price of each limit', async () => {
    const body = await detail();
    const [largest] = body.bounds;
    expect(body.lower_bound_seconds).toBe(largest?.seconds);
    expect(body.binding).toBe(largest?.name);
    expect(body.binding_because).toBe(largest?.because);
    expect(body.ratio).toBeCloseTo((body.makespan_seconds ?? 0) / (body.lower_bound_seconds ?? 1));
    expect(body.bounds.map(({ seconds }) => seconds)).toEqual(
      body.bounds.map(({ seconds }) => seconds).toSorted((a, b) => b - a),
    );
    expect(body.prices.length).toBeGreaterThan(0);
  });

  it('counts from the look at the cloud where that came after the begin of the maintenance', async () => {
    api.plans.keep(samplePlan({ seenAt: Date.UTC(2026, 10, 3, 5, 0, 0) }));
    expect((await detail()).starts_at).toBe('2026-11-03T05:00:00.000000');
  });

  it('says who has to scale in, which instances help, and what comes after that', async () => {
    const full = campaign([host('a'), host('b')], [...several(4, 'a'), ...several(4, 'b')]);
    const plan = planCampaign(full);
    const half = planCampaign(campaign([host('a'), host('b')], several(4, 'b')));
    api.plans.keep(samplePlan({ campaign: full, plan, planAfterScaleIn: half }));
    const body = await detail();
    expect(body.verdict).toBe('after_scale_in');
    expect(body.scale_in).toMatchObject([{ project_id: 'shop', instances: 4 }]);
    expect(body.scale_in[0]?.helpful_instance_ids.length).toBeGreaterThanOrEqual(4);
    expect(body.problems).not.toEqual([]);
    expect(body.makespan_seconds).toBe(half.makespanSeconds);
    expect(body.hosts.map(({ host: name }) => name)).toEqual(['a', 'b']);
    expect(body.moves).toHaveLength(4);
    expect((await list()).items[0]).toMatchObject({ verdict: 'after_scale_in' });
  });

  it('says what stands in the way, about what, and what would help', async () => {
    const stuck = campaign(
      [host('a'), host('b', { capacity: units(1) })],
      several(1, 'a', { size: units(2) }),
      {
        groups: [group()],
      },
    );
    api.plans.keep(samplePlan({ campaign: stuck, plan: planCampaign(stuck) }));
    const { verdict, problems } = await detail();
    expect(verdict).toBe('infeasible');
    expect(problems[0]).toMatchObject({ kind: 'instance_too_large', instance_ids: ['a-0'] });
  });

  it('names what a session would be refused for before it does anything', async () => {
    api.plans.keep(samplePlan({ objections: ['no constraints are registered for app-1'] }));
    expect(await detail()).toMatchObject({
      verdict: 'infeasible',
      problems: [{ kind: 'refused', message: 'no constraints are registered for app-1' }],
    });
  });

  it('can be empty: there may be nothing to do', async () => {
    const nothing = campaign([], []);
    api.plans.keep(samplePlan({ campaign: nothing, plan: planCampaign(nothing) }));
    expect(await detail()).toMatchObject({ makespan_seconds: 0, ratio: 1, hosts: [], moves: [] });
  });

  it('that is not there is not found', async () => {
    for (const method of ['get', 'delete'] as const) {
      expect(codeOf(await admin()[method]('/v1/plan/no-such-plan'))).toEqual([404, 'plan_not_found']);
    }
  });

  it('can be deleted, once', async () => {
    const response = await admin().delete(`/v1/plan/${samplePlanId}`);
    expect([response.status, response.body]).toEqual([200, {}]);
    expect(codeOf(await admin().delete(`/v1/plan/${samplePlanId}`))).toEqual([404, 'plan_not_found']);
    expect(await list()).toEqual({ plans: [], items: [], next: null });
  });
});

describe('the list of plans', () => {
  beforeEach(() => {
    const plan = (id: string) => samplePlan({ id });
    api.plans.keep(plan('a'), plannedLater(plan('b')), plan('c'), plannedLater(plan('d')));
  });

  it('has a row for each', async () => {
    const { plans, items } = await list();
    expect(plans).toEqual(['a', 'b', 'c', 'd']);
    expect(items[0]).toMatchObject({
      plan_id: 'a',
      status: 'finished',
      verdict: 'feasible',
      makespan_seconds: 2150,
    });
    expect(items[1]).toMatchObject({ plan_id: 'b', status: 'planning', verdict: null });
  });

  it.each([
    ['', ['abcd']],
    ['?status=planning', ['bd']],
    ['?status=failed', ['']],
    ['?limit=3', ['abc', 'd']],
    ['?limit=1&status=finished', ['a', 'c']],
    ['?marker=b', ['cd']],
    ['?marker=b&status=finished', ['c']],
  ])('%s gives %j', async (query, expected) => {
    const pages: string[] = [];
    for (let next: string | null = `${publicUrl}/v1/plan${query}`; next !== null;) {
      expect(next.startsWith(`${publicUrl}/v1/plan`)).toBe(true);
      const page: List = await list(new URL(next).search);
      pages.push(page.plans.join(''));
      next = page.next;
    }
    expect(pages).toEqual(expected);
  });

  it.each([
    ['?status=late', 'status'],
    ['?limit=0', 'limit'],
    ['?limit=1001', 'limit'],
    ['?marker=nobody', 'marker'],
  ])('refuses %s and names the parameter', async (query, name) => {
    const response = await admin().get(`/v1/plan${query}`);
    expect(codeOf(response)).toEqual([400, 'invalid_query']);
    expect((response.body as ErrorBody).message).toContain(name);
  });
});
