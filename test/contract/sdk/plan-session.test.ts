/** The helper that plans a session, against the real edge. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ApiError,
  createMaintenanceClient,
  PlanFailed,
  planSession,
  type MaintenanceClient,
  type SessionRequest,
} from '../../../src/sdk/index.ts';
import { startApi } from '../api/api-under-test.ts';
import { samplePlan } from '../api/fake-plans.ts';

const api = await startApi();
const server = createServer(api.app);
let admin: MaintenanceClient;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  admin = createMaintenanceClient({ endpoint, token: 'admin' });
});
afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});
beforeEach(() => api.reset());

const body: SessionRequest = {
  workflow: 'vnf',
  maintenance_at: '2026-11-03 02:30:00',
  hosts: [],
  metadata: {},
};

/** Once the plan was asked for, it ends so. */
async function endWith(change: Parameters<typeof samplePlan>[0]): Promise<void> {
  const id = await vi.waitFor(() => {
    const asked = [...api.plans.plans.values()].find(({ status }) => status === 'planning');
    if (asked === undefined) throw new Error('no plan was asked for');
    return asked.id;
  });
  api.plans.plans.set(id, samplePlan({ id, ...change }));
}

describe('planSession', () => {
  it('waits for the plan and gives it', async () => {
    const planned = planSession(admin, body, { pollSeconds: 0.01 });
    await endWith({});
    expect(await planned).toMatchObject({ status: 'finished', verdict: 'feasible', makespan_seconds: 2150 });
  });

  it('throws with the reason of a plan that failed', async () => {
    const planned = planSession(admin, body, { pollSeconds: 0.01 });
    const failed = expect(planned).rejects.toThrow(new PlanFailed('the cloud cannot be seen'));
    await endWith({ status: 'failed', failure: 'the cloud cannot be seen' });
    await failed;
  });

  it('throws what the server said of a body that it refuses', async () => {
    await expect(planSession(admin, { ...body, maintenance_at: 'soon' })).rejects.toThrow(ApiError);
  });

  it('stops waiting when it is told to', async () => {
    const stop = new AbortController();
    const planned = planSession(admin, body, { pollSeconds: 3600, signal: stop.signal });
    await vi.waitFor(() => expect(api.plans.requests).toHaveLength(1));
    stop.abort();
    await expect(planned).rejects.toThrow(/abort/i);
  });
});
