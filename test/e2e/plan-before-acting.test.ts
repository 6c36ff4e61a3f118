/** A plan before a session, through the API alone: nothing is touched, and the session that follows it does what it says. */
import { describe, expect, it } from 'vitest';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import { dataOf, PlanFailed, planSession, type SessionRequest } from '../../src/sdk/index.ts';
import { heardBy } from '../support/stage-notices.ts';
import { endOf, expectDone, failureOf, startTestStage, type TestStage } from '../support/stage.ts';

const inSeconds = (seconds: number) =>
  new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');

const request = (change: Partial<SessionRequest> = {}): SessionRequest => ({
  state: 'MAINTENANCE',
  workflow: 'vnf',
  maintenance_at: inSeconds(-1),
  metadata: {},
  hosts: [],
  ...change,
});

const open = async ({ admin }: TestStage, change: Partial<SessionRequest>) =>
  dataOf(await admin.POST('/v1/maintenance', { body: request(change) })).session_id;

const roomy = doctorScenario({ hosts: 3, slots: 4, empty: 6 });

/** Everything that could have been touched. */
const traces = ({ lab, inspector }: TestStage) => ({
  hosts: lab.hosts(),
  servers: lab.servers(),
  changes: lab.changes().length,
  told: inspector.log.filter(({ kind }) => kind === 'received'),
});

describe('a plan', () => {
  it('touches and tells nothing; the session that follows it does what it says', async ({
    onTestFinished,
  }) => {
    const stage = await startTestStage(onTestFinished, { lab: roomy });
    const before = traces(stage);
    const plan = await planSession(stage.admin, request(), { pollSeconds: 0.05 });
    expect(traces(stage)).toEqual(before);
    expect(heardBy(stage)).toEqual([]);
    expect(dataOf(await stage.admin.GET('/v1/maintenance'))).toMatchObject({ sessions: [] });
    expect(plan).toMatchObject({ verdict: 'feasible', problems: [], scale_in: [] });
    expect(plan.hosts.map(({ host }) => host).sort()).toEqual(['compute-1', 'compute-2', 'compute-3']);
    expect(plan.makespan_seconds).toBeGreaterThanOrEqual(plan.lower_bound_seconds ?? Infinity);

    const detail = expectDone(await endOf(stage.admin, await open(stage, { plan_id: plan.plan_id })));
    expect(detail.plan_id).toBe(plan.plan_id);
    expect(detail.plan?.drift).toEqual([]);
    expect(detail.plan?.makespan_seconds).toBe(plan.makespan_seconds);
    // By the lab's own record: who was to move did, and nobody else.
    const moved = new Set(
      stage.lab.changes().flatMap((change) => (change.type === 'migration' ? [change.serverId] : [])),
    );
    expect([...moved].sort()).toEqual([...new Set(plan.moves.map(({ instance_id: id }) => id))].sort());
  });

  it('of a full cloud says who has to give up how much, and holds when they have', async ({
    onTestFinished,
  }) => {
    const stage = await startTestStage(onTestFinished, { server: { FENIX_WORKFLOW_PLAN_DRIFT: 'fail' } });
    const plan = await planSession(stage.admin, request(), { pollSeconds: 0.05 });
    const { doctor } = stage.lab.projects;
    expect(plan.scale_in).toMatchObject([{ project_id: doctor?.id, instances: 2 }]);
    expect(plan.verdict).toBe('after_scale_in');
    expect(plan.hosts).toHaveLength(4);
    const names = new Map(stage.lab.servers().map(({ id, name }) => [id, name]));
    for (const id of plan.scale_in[0]?.helpful_instance_ids ?? []) expect(names.get(id)).toMatch(/^doctor_/);
    const detail = expectDone(await endOf(stage.admin, await open(stage, { plan_id: plan.plan_id })));
    expect(detail.plan?.drift).toEqual([]);
  });

  it('from which the cloud has drifted is told of, or refused, as the deployment says', async ({
    onTestFinished,
  }) => {
    const stage = await startTestStage(onTestFinished, {
      lab: roomy,
      server: { FENIX_WORKFLOW_PLAN_DRIFT: 'fail' },
    });
    const { plan_id } = await planSession(stage.admin, request({ hosts: ['compute-1'] }), {
      pollSeconds: 0.05,
    });
    const { reason } = await failureOf(stage.admin, await open(stage, { plan_id }));
    expect(reason).toMatch(
      new RegExp(`^the cloud has drifted from plan ${plan_id}: .*compute-2 is to be maintained`),
    );
    expect(stage.lab.changes().filter(({ type }) => type === 'migration')).toEqual([]);
  });

  it('says why there is none when the cloud is not there', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, {
      lab: roomy,
      server: { FENIX_WORKFLOW_CLOUD_PATIENCE_SECONDS: '1' },
    });
    stage.lab.setFault({ kind: 'unavailable', call: 'os-services.list' });
    await expect(planSession(stage.admin, request(), { pollSeconds: 0.05 })).rejects.toThrow(PlanFailed);
  });
});
