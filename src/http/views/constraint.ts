import type { InstanceConstraint, InstanceGroupConstraint } from '../../domain/constraint.ts';
import type { components } from '../../sdk/openapi.ts';

/** A constraint of an instance in the words of the wire (facts 5). */
export function instanceConstraintView(
  constraint: InstanceConstraint,
): components['schemas']['InstanceConstraint'] {
  return {
    instance_id: constraint.id,
    project_id: constraint.projectId,
    group_id: constraint.groupId,
    instance_name: constraint.name,
    max_interruption_time: constraint.maxInterruptionSeconds,
    migration_type: constraint.migrationType,
    resource_mitigation: constraint.resourceMitigation,
    lead_time: constraint.leadSeconds,
    ...(constraint.migrationPreference !== undefined && {
      migration_types: [...constraint.migrationPreference],
    }),
  };
}

/** A constraint of a group in the words of the wire (facts 5). */
export function groupConstraintView(
  constraint: InstanceGroupConstraint,
): components['schemas']['InstanceGroupConstraint'] {
  return {
    group_id: constraint.id,
    project_id: constraint.projectId,
    group_name: constraint.name,
    anti_affinity_group: constraint.antiAffinity,
    max_instances_per_host: constraint.maxInstancesPerHost,
    max_impacted_members: constraint.maxImpactedMembers,
    recovery_time: constraint.recoverySeconds,
    resource_mitigation: constraint.resourceMitigation,
    ...(constraint.maxImpactedBySize !== undefined && {
      max_impacted_members_by_size: constraint.maxImpactedBySize.map(({ groupSize, members }) => ({
        group_size: groupSize,
        max_impacted_members: members,
      })),
    }),
    ...(constraint.minPreservedBySize !== undefined && {
      min_preserved_members_by_size: constraint.minPreservedBySize.map(({ groupSize, members }) => ({
        group_size: groupSize,
        min_preserved_members: members,
      })),
    }),
    ...(constraint.leadSeconds !== undefined && { lead_time: constraint.leadSeconds }),
  };
}
