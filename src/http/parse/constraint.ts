/**
 * Constraints as clients send them. Numbers and flags may be text, with the comma that Tacker's own sample configuration
 * leaves in it (facts 8.3, question 14); the contract has checked that they read as one.
 */
import type { InstanceConstraint, InstanceGroupConstraint } from '../../domain/constraint.ts';
import type { components } from '../../sdk/openapi.ts';
import { ApiError } from '../api-error.ts';

/** @throws ApiError 422 when the body names another instance than the path, or contradicts itself. */
export function parseInstanceConstraint(
  id: string,
  body: components['schemas']['InstanceConstraintRequest'],
): InstanceConstraint {
  requireSameId(id, body.instance_id, '/instance_id');
  const { migration_types: types = [], migration_type: type = types[0] ?? 'MIGRATE' } = body;
  if (types.length > 0 && !types.includes(type)) {
    const message = `${type} is not among migration_types: ${types.join(', ')}.`;
    throw new ApiError('invalid_request', message, { pointer: '/migration_type' });
  }
  return {
    kind: 'instance',
    id,
    projectId: body.project_id,
    groupId: body.group_id,
    name: body.instance_name ?? '',
    maxInterruptionSeconds: toNumber(body.max_interruption_time),
    migrationType: type,
    ...(types.length > 0 && { migrationPreference: types }),
    resourceMitigation: toFlag(body.resource_mitigation),
    leadSeconds: toNumber(body.lead_time),
  };
}

/** @throws ApiError 422 when the body names another group than the path, or a size of a table twice. */
export function parseGroupConstraint(
  id: string,
  body: components['schemas']['InstanceGroupConstraintRequest'],
): InstanceGroupConstraint {
  requireSameId(id, body.group_id, '/group_id');
  const impacted = parseTable(
    body.max_impacted_members_by_size,
    ({ max_impacted_members: members }) => members,
    '/max_impacted_members_by_size',
  );
  const preserved = parseTable(
    body.min_preserved_members_by_size,
    ({ min_preserved_members: members }) => members,
    '/min_preserved_members_by_size',
  );
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
    ...(impacted.length > 0 && { maxImpactedBySize: impacted }),
    ...(preserved.length > 0 && { minPreservedBySize: preserved }),
    ...(body.lead_time !== undefined && { leadSeconds: toNumber(body.lead_time) }),
  };
}

interface SizedRow {
  readonly groupSize: number;
  readonly members: number;
}

/** A table by group size, ordered by it, as those who look a size up in it expect. */
function parseTable<Row extends { readonly group_size: number | string }>(
  rows: readonly Row[] = [],
  membersOf: (row: Row) => number | string,
  pointer: string,
): readonly SizedRow[] {
  const sized = rows.map((row) => ({
    groupSize: toNumber(row.group_size),
    members: toNumber(membersOf(row)),
  }));
  const sizes = sized.map(({ groupSize }) => groupSize);
  const repeated = sizes.findIndex((size, index) => sizes.indexOf(size) !== index);
  if (repeated !== -1) {
    const message = `The group_size ${sizes[repeated]} comes twice: which row holds could only be guessed.`;
    throw new ApiError('invalid_request', message, { pointer: `${pointer}/${repeated}/group_size` });
  }
  return sized.toSorted((a, b) => a.groupSize - b.groupSize);
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
