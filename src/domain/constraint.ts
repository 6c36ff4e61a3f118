/**
 * What an application tells of its limits (fenix.md 5, feat03.md): per instance and per instance group. Registered
 * before a session and independent of it. All durations are seconds.
 */
import type { InstanceAction } from './cloud.ts';

export interface InstanceGroupConstraint {
  readonly kind: 'instance_group';
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  /** Members must be on distinct hosts. */
  readonly antiAffinity: boolean;
  /** How many members one host may carry; 0 is no cap. */
  readonly maxInstancesPerHost: number;
  /** How many members may be under an operation, or recovering from one, at once. */
  readonly maxImpactedMembers: number;
  /** How long after an operation a member still counts as impacted. */
  readonly recoverySeconds: number;
  /** Spare resources of the same kind are wanted meanwhile. */
  readonly resourceMitigation: boolean;
  /**
   * ETSI `max_number_of_impacted_instances`: for a group of up to `groupSize` members, at most so many are impacted at
   * once. Ordered by size; a larger group is under the last row. Beyond Fenix.
   */
  readonly maxImpactedBySize?: readonly { readonly groupSize: number; readonly members: number }[];
  /** ETSI `min_number_of_preserved_instances`: the same seen from the other side, so many stay unimpacted. */
  readonly minPreservedBySize?: readonly { readonly groupSize: number; readonly members: number }[];
  /** ETSI `impact_notification_lead_time` of the group: what holds for each of its members at least. */
  readonly leadSeconds?: number;
}

export interface InstanceConstraint {
  readonly kind: 'instance';
  readonly id: string;
  readonly projectId: string;
  readonly groupId: string;
  /** Informational: need not be Nova's name of it (Tacker sends its Heat resource name). */
  readonly name: string;
  /** The longest pause in a live migration that the application does not notice. */
  readonly maxInterruptionSeconds: number;
  /** Used where the reply names no action. */
  readonly migrationType: InstanceAction;
  /** ETSI `supported_migration_type`: the moves that it bears, the preferred one first. Beyond Fenix; absent: `migrationType` alone. */
  readonly migrationPreference?: readonly InstanceAction[];
  readonly resourceMitigation: boolean;
  /** How long the application needs between notice and impact. */
  readonly leadSeconds: number;
}

export type Constraint = InstanceConstraint | InstanceGroupConstraint;
export type ConstraintKind = Constraint['kind'];
