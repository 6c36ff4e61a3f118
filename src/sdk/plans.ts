/** Planning a session before there is one. Nothing is sent and no host is touched. */
import { setTimeout as pause } from 'node:timers/promises';
import { dataOf, type MaintenanceClient } from './maintenance-client.ts';
import type { components } from './openapi.ts';

export type PlanDetail = components['schemas']['PlanDetail'];
export type SessionRequest = components['schemas']['SessionRequest'];

export interface PlanOptions {
  /** How often it is asked whether the plan is finished: the pause in seconds; 1 when absent. */
  readonly pollSeconds?: number;
  /** Ends the waiting; the plan is made all the same. */
  readonly signal?: AbortSignal;
}

/** There is no plan: the cloud could not be seen, for example. */
export class PlanFailed extends Error {
  override readonly name = 'PlanFailed';
}

/**
 * Plans what a session with this body would do, and waits for the plan. A session with its `plan_id` follows it.
 * @throws ApiError when the body is refused; PlanFailed with the reason when it cannot be planned; the signal's reason
 */
export async function planSession(
  client: MaintenanceClient,
  body: SessionRequest,
  { pollSeconds = 1, signal }: PlanOptions = {},
): Promise<PlanDetail> {
  const { plan_id } = dataOf(await client.POST('/v1/plan', { body }));
  for (;;) {
    const plan = dataOf(await client.GET('/v1/plan/{plan_id}', { params: { path: { plan_id } } }));
    if (plan.status === 'finished') return plan;
    if (plan.status === 'failed') throw new PlanFailed(plan.failure_reason ?? 'the plan failed');
    await pause(pollSeconds * 1000, undefined, signal === undefined ? {} : { signal });
  }
}
