/** What the edge asks about plans that are made before a session (issue 4, part 4). */
import type { SessionRequest } from '../domain/session.ts';
import type { PlanSummary, StoredPlan } from './plan-ports.ts';

/** There is no plan of this id, or it was deleted. */
export class PlanNotFound extends Error {
  override readonly name = 'PlanNotFound';
}

export interface PlanService {
  /**
   * Takes what a session would be asked for, and plans it in the background; nothing is sent or touched.
   * @throws UnknownHosts, UnknownPlugin, DownloadRefused as a session would
   */
  create(request: SessionRequest): Promise<PlanSummary>;
  /** Oldest first. */
  list(): Promise<readonly PlanSummary[]>;
  /** @throws PlanNotFound */
  get(planId: string): Promise<StoredPlan>;
  /** Deletes a plan; one that is being made is stopped. @throws PlanNotFound */
  delete(planId: string): Promise<void>;
}
