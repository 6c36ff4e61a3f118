/** The workflow `vnf` over the lab, with our application manager: limits are registered before, kept, and removed in the end. */
import { describe, expect, it } from 'vitest';
import { credentialsOf } from '../../src/demo/stage.ts';
import {
  createKeystoneTokens,
  createMaintenanceClient,
  dataOf,
  type MaintenanceClient,
} from '../../src/sdk/index.ts';
import { heardBy, questionsTo, repliesOf } from '../support/stage-notices.ts';
import { expectAllWell, instanceNames } from '../support/stage-outcome.ts';
import { endOf, expectDone, failureOf, startTestStage, type TestStage } from '../support/stage.ts';

/** The slots that Doctor's manager registers, and how long a member holds one after its operation. */
const limits = [
  { prefix: 'doctor_ha_app_', most: 1, recoveryMilliseconds: 4000 },
  { prefix: 'doctor_nonha_app_', most: 2, recoveryMilliseconds: 2000 },
] as const;

async function openVnfSession(
  admin: MaintenanceClient,
  more: { readonly parallel_hosts?: number } = {},
): Promise<string> {
  const body = {
    ...more,
    state: 'MAINTENANCE' as const,
    workflow: 'vnf',
    maintenance_at: new Date(Date.now() - 1000).toISOString().slice(0, 19).replace('T', ' '),
    metadata: {},
    hosts: [],
  };
  return dataOf(await admin.POST('/v1/maintenance', { body })).session_id;
}

/** From the begin of each migration to the end of it, by the lab's own record. */
function impactsOf({ lab }: Pick<TestStage, 'lab'>) {
  const names = new Map(
    lab.changes().flatMap((change) => ('name' in change ? [[change.serverId, change.name]] : [])),
  );
  const all = new Map<string, { name: string; from: number; to: number }>();
  for (const change of lab.changes()) {
    if (change.type !== 'migration') continue;
    const impact = all.get(change.migration);
    if (impact === undefined) {
      const name = names.get(change.serverId) ?? '';
      all.set(change.migration, { name, from: change.at, to: change.at });
    } else impact.to = change.at;
  }
  return [...all.values()];
}

function expectLimitsKept(stage: TestStage): void {
  const impacts = impactsOf(stage);
  expect(impacts.length).toBeGreaterThan(0);
  for (const { prefix, most, recoveryMilliseconds } of limits) {
    const own = impacts.filter(({ name }) => name.startsWith(prefix));
    for (const { from } of own) {
      const impacted = own.filter((one) => one.from <= from && from < one.to + recoveryMilliseconds);
      expect(new Set(impacted.map(({ name }) => name)).size).toBeLessThanOrEqual(most);
    }
  }
}

/** How many computes were in maintenance at the same time, by what the inspector was told. */
function mostAtOnce({ inspector }: Pick<TestStage, 'inspector'>): number {
  const now = new Set<string>();
  let most = 0;
  for (const event of inspector.log) {
    if (event.kind !== 'received' || !event.host.startsWith('compute-')) continue;
    if (event.state === 'IN_MAINTENANCE') now.add(event.host);
    else now.delete(event.host);
    most = Math.max(most, now.size);
  }
  return most;
}

function projectClient({ lab, server }: TestStage): MaintenanceClient {
  const { token } = createKeystoneTokens(credentialsOf(lab, 'doctor'));
  return createMaintenanceClient({ endpoint: server.url, token });
}

describe.concurrent('a vnf session over a full cloud', () => {
  it.each(['MIGRATE', 'LIVE_MIGRATE'] as const)(
    'is done with %s, asks for each instance by itself, keeps the limits, and leaves no constraint',
    async (action) => {
      const stops: (() => Promise<void>)[] = [];
      try {
        const stage = await startTestStage((stop) => stops.push(stop), { vnfm: { action } });
        const before = instanceNames(stage);
        const detail = expectDone(await endOf(stage.admin, await openVnfSession(stage.admin)));
        await expectAllWell(stage, before, detail);
        expectLimitsKept(stage);

        const heard = heardBy(stage).filter(({ state }) => /^(PREPARE|PLANNED)_/.test(state));
        expect(heard.length).toBeGreaterThanOrEqual(6);
        for (const { instanceIds } of heard) expect(instanceIds).toEqual([expect.any(String)]);
        for (const { state, instanceIds } of heardBy(stage)) {
          if (state === 'MAINTENANCE') expect(instanceIds).toEqual(expect.stringContaining('http'));
        }
        expect([...repliesOf(stage)].sort()).toEqual(
          questionsTo(stage)
            .map((state) => `ACK_${state}`)
            .sort(),
        );

        const client = projectClient(stage);
        const [instance_id = ''] = stage.lab.servers().map(({ id }) => id);
        const get = () => client.GET('/v1/instance/{instance_id}', { params: { path: { instance_id } } });
        expect(dataOf(await get())).toMatchObject({ instance_id, migration_type: action });
        await stage.vnfm.stop();
        expect((await get()).response.status).toBe(404);
      } finally {
        for (const stop of stops.reverse()) await stop();
      }
    },
  );

  it('works on two hosts at once where it is told to, once the application has made room', async ({
    onTestFinished,
  }) => {
    const stage = await startTestStage(onTestFinished, {
      server: { FENIX_WORKFLOW_HOST_MAINTENANCE_SECONDS: '2' },
    });
    const before = instanceNames(stage);
    const sessionId = await openVnfSession(stage.admin, { parallel_hosts: 2 });
    const detail = expectDone(await endOf(stage.admin, sessionId));
    await expectAllWell(stage, before, detail);
    expectLimitsKept(stage);
    // Eight slots, four of them on two hosts that are empty at once: the notice said so, and the application heeded it.
    const [scaledIn] = stage.vnfm.log.flatMap((event) =>
      event.kind === 'scaled_in' ? [event.instances] : [],
    );
    expect(scaledIn).toHaveLength(4);
    expect(mostAtOnce(stage)).toBe(2);
    expect(detail).toMatchObject({ parallel_hosts: 2, exceptions: [] });
    const measured = detail.plan?.measured;
    expect(measured?.makespan_seconds).toBeGreaterThanOrEqual(measured?.lower_bound_seconds ?? Infinity);
  });

  it('waits until instances have been replaced by their own application', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { action: 'OWN_ACTION' } });
    const before = instanceNames(stage);
    const detail = expectDone(await endOf(stage.admin, await openVnfSession(stage.admin)));
    await expectAllWell(stage, before, detail);
    expect(impactsOf(stage)).toEqual([]);
    expect(stage.vnfm.log.filter(({ kind }) => kind === 'replaced').length).toBeGreaterThan(0);
  });

  it('fails when an instance is refused, and names it', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { refuse: 'PREPARE_MAINTENANCE' } });
    const { reason } = await failureOf(stage.admin, await openVnfSession(stage.admin));
    expect(reason).toMatch(
      /^project [0-9a-f]{32}, for instance doctor_\w+ \([0-9a-f-]{36}\), refused PREPARE_MAINTENANCE/,
    );
    expect(impactsOf(stage)).toEqual([]);
  });
});
