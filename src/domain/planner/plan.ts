/** What the planner says of a campaign. All times are seconds from the moment that was planned for. */
import type { InstanceAction } from '../cloud.ts';
import type { Certificate } from './certificate.ts';

export interface PlannedMove {
  readonly instanceId: string;
  readonly projectId: string;
  readonly action: InstanceAction;
  readonly from: string;
  /** Absent for OWN_ACTION. */
  readonly to?: string;
  /** When its project is told. */
  readonly noticeAt: number;
  readonly startsAt: number;
  readonly endsAt: number;
  /** When it counts as recovered: it is impacted from `startsAt` (OWN_ACTION: `noticeAt`) to here. */
  readonly recoveredAt: number;
}

export interface PlannedHost {
  readonly host: string;
  /** When it is closed and its room is reserved elsewhere; the same as `maintenanceStartsAt` for an empty one. */
  readonly admittedAt: number;
  readonly maintenanceStartsAt: number;
  readonly endsAt: number;
}

/** What a project would have to give up, so that there is room. */
export interface ScaleInNeed {
  readonly projectId: string;
  /** How many instances. */
  readonly instances: number;
  /** Those that would help most, best first. */
  readonly helpfulInstanceIds: readonly string[];
}

/** Why a campaign cannot be done, and what would help. */
export interface PlanProblem {
  readonly kind: 'no_room' | 'limit' | 'placement' | 'host_down' | 'window' | 'instance_too_large';
  /** For people: what is wrong, where, and what would make it feasible. */
  readonly message: string;
  readonly hosts: readonly string[];
  readonly instanceIds: readonly string[];
  readonly groupIds: readonly string[];
}

export interface Plan {
  readonly verdict: 'feasible' | 'infeasible';
  /** In the order of their admission. Of an infeasible campaign as far as it gets. */
  readonly hosts: readonly PlannedHost[];
  /** In the order of their start. */
  readonly moves: readonly PlannedMove[];
  readonly makespanSeconds: number;
  readonly certificate: Certificate;
  readonly problems: readonly PlanProblem[];
  readonly scaleIn: readonly ScaleInNeed[];
}
