/**
 * Constraints as clients send them. Numbers and flags may be text, with the comma that Tacker's own sample configuration
 * leaves in it (facts 8.3, question 14); the contract has checked that they read as one.
 */
import type { InstanceConstraint, InstanceGroupConstraint } from '../../domain/constraint.ts';
import type { components } from '../../sdk/openapi.ts';
import { ApiError } from '../api-error.ts';

/** @throws ApiError 422 when the body names another instance than the path. */
export function parseInstanceConstraint(
  id: string,
  body: components['schemas']['InstanceConstraintRequest'],
): InstanceConstraint {
  requireSameId(id, body.instance_id, '/instance_id');
  return {
    kind: 'instance',
    id,
    projectId: body.project_id,
    groupId: body.group_id,
    name: body.instance_name ?? '',
    maxInterruptionSeconds: toNumber(body.max_interruption_time),
    migrationType: body.migration_type ?? 'MIGRATE',
    resourceMitigation: toFlag(body.resource_mitigation),
    leadSeconds: toNumber(body.lead_time),
  };
}

/** @throws ApiError 422 when the body names another group than the path. */
export function parseGroupConstraint(
  id: string,
  body: components['schemas']['InstanceGroupConstraintRequest'],
): InstanceGroupConstraint {
  requireSameId(id, body.group_id, '/group_id');
  return {
    kind: 'instance_group',
    id,
    projectId: body.project_id,
    name: body.group_name ?? '',
    antiAffinity: toFlag(body.anti_affinity_group),
    maxInstancesPerHost: toNumber(body.max_instances_per_host),
    // An application that names no limit is taken to bear one impact at a time: the most careful reading.
    maxImpactedMembers: toNumber(body.max_impacted_members, 1),
    recoverySeconds: toNumber(body.recovery_time),
    resourceMitigation: toFlag(body.resource_mitigation),
  };
}

function requireSameId(inPath: string, inBody: string | undefined, pointer: string): void {
  if (inBody === undefined || inBody === inPath) return;
  throw new ApiError(
    'invalid_request',
    `It is ${inBody} in the body and ${inPath} in the path: send one of them.`,
    { pointer },
  );
}

function toNumber(value: number | string | undefined, otherwise = 0): number {
  return value === undefined ? otherwise : Number(String(value).replace(/,$/, ''));
}

function toFlag(value: boolean | string | undefined): boolean {
  return value !== undefined && /^true,?$/i.test(String(value));
}
