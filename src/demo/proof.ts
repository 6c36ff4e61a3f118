/** What a session of the workflow `vnf` shows of itself at its end: planned and actual time, lower bound, and breaches of limits. */
import { dataOf, type MaintenanceClient } from '../sdk/index.ts';
import type { SessionDetail } from './follow-session.ts';
import type { Stage } from './stage.ts';
import { violations, type Limit, type MaintenanceWindow } from './violations.ts';

export interface Proof {
  readonly makespan_s: number;
  readonly planned_makespan_s: number;
  /** By the durations that were measured. */
  readonly lower_bound_s: number;
  readonly binding: string;
  /** Why, for people. */
  readonly because: string;
  readonly violations: readonly string[];
}

/** The limits that every application has registered now. @throws ApiError */
export async function registeredLimits(admin: MaintenanceClient): Promise<readonly Limit[]> {
  const groups = dataOf(await admin.GET('/v1/instance_group')).items;
  const instances = dataOf(await admin.GET('/v1/instance')).items;
  return groups.map(({ group_id, group_name, max_impacted_members, recovery_time }) => ({
    name: group_name,
    members: instances
      .filter((instance) => instance.group_id === group_id)
      .map(({ instance_id }) => instance_id),
    most: max_impacted_members,
    recoverySeconds: recovery_time,
  }));
}

/** Undefined where the session did not come to a good end. */
export function proofOf(
  { lab }: Pick<Stage, 'lab'>,
  { plan, hosts }: SessionDetail,
  limits: readonly Limit[],
): Proof | undefined {
  if (plan?.measured == null) return undefined;
  const { makespan_seconds, lower_bound_seconds, binding, because } = plan.measured;
  return {
    makespan_s: makespan_seconds,
    planned_makespan_s: plan.makespan_seconds,
    lower_bound_s: lower_bound_seconds,
    binding,
    because,
    violations: violations(lab.changes(), limits, windowsOf(hosts)),
  };
}

/** When each compute was in maintenance: it was said to be empty from begin to end. */
function windowsOf(hosts: SessionDetail['hosts']): readonly MaintenanceWindow[] {
  return hosts.flatMap(({ hostname: host, type, maintenance_started_at: from, maintenance_ended_at: to }) =>
    type === 'compute' && from !== null && to !== null
      ? [{ host, from: Date.parse(`${from}Z`), to: Date.parse(`${to}Z`) }]
      : [],
  );
}
