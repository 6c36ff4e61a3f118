import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../src/engine/ports.ts';
import { UnknownHosts, UnknownPlugin } from '../../../src/engine/maintenance-service.ts';
import type { StoredPlan } from '../../../src/engine/plan-ports.ts';
import { PlanNotFound } from '../../../src/engine/plan-service.ts';
import type { SessionRequest } from '../../../src/domain/session.ts';
import type { Simulation } from '../../../src/simulation/simulation.ts';
import { registerGroup } from '../../support/registered-limits.ts';
import { hostSeconds, row, VnfStage } from '../../support/vnf-stage.ts';

const requestFor = (stage: Simulation, change: Partial<SessionRequest> = {}): SessionRequest => ({
  workflow: 'vnf',
  hosts: [],
  maintenanceAt: stage.clock.now() + 30_000,
  metadata: {},
  ...change,
});

async function ended(stage: Simulation, planId: string): Promise<StoredPlan> {
  await stage.clock.runUntil(() => stage.plans.kept.get(planId)?.status !== 'planning');
  return stage.planMaker.get(planId);
}

async function planOf(stage: Simulation, change: Partial<SessionRequest> = {}): Promise<StoredPlan> {
  return ended(stage, (await stage.planMaker.create(requestFor(stage, change))).id);
}

describe('planning a session', () => {
  it('sends nothing, touches nothing and opens no session', async () => {
    const stage = await row(3);
    const { status, plan } = await planOf(stage);
    expect([status, plan?.verdict]).toEqual(['finished', 'feasible']);
    expect(stage.cloud.records).toEqual([]);
    expect([stage.notices, stage.hostNotices, stage.sessionNotices]).toEqual([[], [], []]);
    expect(stage.engine.list()).toEqual([]);
  });

  it('says what the session would plan, limits and all', async () => {
    const stage = await row(3);
    await registerGroup(stage, 'all', ['app-1', 'app-2', 'app-3'], {
      maxImpactedMembers: 1,
      recoverySeconds: 50,
    });
    const request = { failurePolicy: 'skip' } as const;
    const { plan, campaign } = await planOf(stage, request);
    const session = await stage.play(request);
    expect(plan).toEqual(session.plan?.plan);
    expect(campaign).toEqual(session.plan?.campaign);
  });

  it('knows the durations that sessions measured', async () => {
    const stage = await row(2);
    await stage.play();
    const { campaign } = await planOf(stage);
    expect(campaign?.hosts.map(({ maintenanceSeconds }) => maintenanceSeconds)).toEqual([
      hostSeconds,
      hostSeconds,
      hostSeconds,
    ]);
  });

  it('gives a plan that a session follows', async () => {
    const stage = await row(3);
    const { id } = await planOf(stage);
    const session = await stage.play({ planId: id });
    expect(session.plan?.drift).toEqual([]);
    expect(session.state).toBe('MAINTENANCE_DONE');
  });

  it.each([
    [
      'another instance',
      (stage: VnfStage) => stage.cloud.addInstance('new', 'spare', 'project-1'),
      'instance new is new',
    ],
    [
      'an instance elsewhere',
      (stage: VnfStage) => Object.assign(stage.cloud.instances.get('app-1') ?? {}, { host: 'spare' }),
      'instance app-1 is on spare, no longer on compute-1',
    ],
    [
      'a host that was closed',
      (stage: VnfStage) => Object.assign(stage.cloud.hosts.get('spare') ?? {}, { open: false }),
      'host spare takes no instances any more',
    ],
  ])('gives a plan from which %s is a drift', async (_what, change, drift) => {
    const stage = await row(3);
    const { id } = await planOf(stage);
    change(stage);
    const session = await stage.play({ planId: id });
    expect(session.plan?.drift.join('; ')).toContain(drift);
  });

  it('gives a plan from which another limit, and another number of hosts at once, are drifts', async () => {
    const stage = await row(3);
    const { id } = await planOf(stage, { parallelHosts: 1 });
    await registerGroup(stage, 'group-1', ['app-1'], { projectId: 'project-1', recoverySeconds: 77 });
    const session = await stage.play({ planId: id, parallelHosts: 2 });
    expect(session.plan?.drift).toEqual([
      expect.stringMatching(/^limit .* has a recovery time of 77 s, no longer \d+ s$/),
      '2 hosts are asked for at once, no longer 1 hosts',
    ]);
  });

  it('plans for some of the hosts where these are named', async () => {
    const { plan } = await planOf(await row(3), { hosts: ['compute-2'] });
    expect(plan?.hosts.map(({ host }) => host)).toEqual(['compute-2']);
  });

  /** Two full hosts of two instances each. */
  async function full(): Promise<VnfStage> {
    const stage = new VnfStage({ planDrift: 'fail' });
    for (const n of [1, 2]) {
      stage.cloud.addHost(`compute-${n}`, 2);
      for (const m of [1, 2]) stage.cloud.addInstance(`app-${n}-${m}`, `compute-${n}`);
    }
    const members = ['app-1-1', 'app-1-2', 'app-2-1', 'app-2-2'];
    await registerGroup(stage, 'apps', members, { minPreservedBySize: [{ groupSize: 4, members: 1 }] });
    return stage;
  }

  it('says what has to be scaled in where no room is, and what comes after that', async () => {
    const { plan, planAfterScaleIn: after } = await planOf(await full());
    expect(plan?.scaleIn).toMatchObject([{ projectId: 'project-1', instances: 2 }]);
    expect(after).toMatchObject({ verdict: 'feasible', scaleIn: [] });
    expect(after?.hosts).toHaveLength(2);
    const given = plan?.scaleIn[0]?.helpfulInstanceIds.slice(0, 2) ?? [];
    expect(after?.moves.map(({ instanceId }) => instanceId)).not.toContain(given[0]);
  });

  it('gives a plan that a session follows though a project scales in otherwise, for that was planned', async () => {
    const stage = await full();
    const { id, plan } = await planOf(stage);
    const helpful = plan?.scaleIn[0]?.helpfulInstanceIds.slice(0, 2) ?? [];
    const others = ['app-1-1', 'app-1-2', 'app-2-1', 'app-2-2'].filter((one) => !helpful.includes(one));
    // On one host, that is: what is left fits on the other.
    stage.answers = ({ state }) => {
      if (state === 'SCALE_IN')
        others.forEach((one) => stage.cloud.instances.has(one) && stage.cloud.delete(one));
      return state === 'SCALE_IN' ? { state: 'ACK_SCALE_IN' } : undefined;
    };
    const session = await stage.play({ planId: id });
    expect(session.failure).toBeUndefined();
    expect(session.plan?.drift).toEqual([]);
    expect(session.plan?.plan.scaleIn).toEqual([]);
  });
});

describe('what a session would be refused for', () => {
  it('at once, is refused at once', async () => {
    const stage = await row(1);
    const create = (change: Partial<SessionRequest>) => stage.planMaker.create(requestFor(stage, change));
    await expect(create({ hosts: ['compute-9'] })).rejects.toThrow(UnknownHosts);
    stage.plugins.manifests.set('firmware', undefined);
    await expect(create({ actions: [{ plugin: 'firmware', type: 'host', metadata: {} }] })).rejects.toThrow(
      UnknownPlugin,
    );
    expect(await stage.planMaker.list()).toEqual([]);
  });

  it('before it touches anything, is said beside the plan', async () => {
    const stage = await row(2, { missingConstraints: 'refuse' });
    stage.cloud.addInstance('stranger', 'compute-1', 'project-1');
    const { objections, plan } = await planOf(stage);
    expect(objections).toEqual([expect.stringMatching(/^no constraints are registered for stranger/)]);
    expect(plan?.hosts).toHaveLength(3);
  });

  it('about projects without a subscription, is said too', async () => {
    const stage = await row(2, { unsubscribedProjects: 'fail' });
    stage.unsubscribed = ['project-2'];
    const { objections } = await planOf(stage);
    expect(objections?.join()).toContain('project-2');
  });
});

describe('a cloud that does not answer', () => {
  it('is asked again', async () => {
    const stage = await row(1);
    let tries = 0;
    stage.cloud.fault = (call) => {
      if (call === 'observe' && (tries += 1) < 3) throw new CloudError('unavailable', 'Nova is away');
    };
    expect((await planOf(stage)).status).toBe('finished');
    expect(tries).toBe(3);
  });

  it('is given up in the end; the plan says why', async () => {
    const stage = await row(1);
    stage.cloud.fault = (call) => {
      if (call === 'observe') throw new CloudError('unavailable', 'Nova is away');
    };
    const { status, failure, plan } = await planOf(stage);
    expect({ status, plan }).toEqual({ status: 'failed', plan: undefined });
    expect(failure).toBe('the cloud cannot be seen: Nova is away');
  });
});

describe('plans that are kept', () => {
  it('are made one after the other, each in its turn', async () => {
    const stage = await row(2);
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.push((await stage.planMaker.create(requestFor(stage))).id);
    for (const id of ids) expect((await ended(stage, id)).status).toBe('finished');
    expect((await stage.planMaker.list()).map(({ id }) => id)).toEqual(ids);
  });

  it('outlive a kill: those that were being made are made again', async () => {
    const stage = await row(2);
    await stage.engine.start();
    let isAway = true;
    stage.cloud.fault = (call) => {
      if (call === 'observe' && isAway) throw new CloudError('unavailable', 'Nova is away');
    };
    const { id } = await stage.planMaker.create(requestFor(stage));
    await stage.crash(() => {
      isAway = false;
      return Promise.resolve();
    });
    expect((await ended(stage, id)).status).toBe('finished');
  });

  it('can be deleted while they are made, and do not come back', async () => {
    const stage = await row(2);
    stage.cloud.fault = (call) => {
      if (call === 'observe') throw new CloudError('unavailable', 'Nova is away');
    };
    const { id } = await stage.planMaker.create(requestFor(stage));
    await stage.planMaker.delete(id);
    stage.cloud.fault = () => undefined;
    const next = await planOf(stage);
    expect((await stage.planMaker.list()).map(({ id: kept }) => kept)).toEqual([next.id]);
    await expect(stage.planMaker.get(id)).rejects.toThrow(PlanNotFound);
    await expect(stage.planMaker.delete(id)).rejects.toThrow(PlanNotFound);
  });

  it('are as many as the deployment says: the oldest go', async () => {
    const stage = await row(2);
    const ids: string[] = [];
    for (let n = 0; n < 4; n += 1) ids.push((await planOf(stage)).id);
    expect((await stage.planMaker.list()).map(({ id }) => id)).toEqual(ids.slice(1));
  });
});
