/** All that a plan depends on, taken from a cloud at one moment, so that it can be planned for elsewhere and later. */
import type { CloudObservation } from '../domain/cloud.ts';
import type { InstanceConstraint, InstanceGroupConstraint } from '../domain/constraint.ts';
import type { WorkflowSettings } from '../domain/settings.ts';
import type { Durations } from '../domain/workflow.ts';

export interface Inventory extends CloudObservation {
  /** When the cloud was seen. Milliseconds since 1970. */
  readonly takenAt: number;
  /** Of one id, the row that was written last comes first. */
  readonly instanceConstraints: readonly InstanceConstraint[];
  /** As above. */
  readonly instanceGroupConstraints: readonly InstanceGroupConstraint[];
  /** The projects that listen to `maintenance.scheduled`. */
  readonly subscribedProjects: readonly string[];
  readonly durations: Durations;
  readonly settings: WorkflowSettings;
}
