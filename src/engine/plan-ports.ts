/** What the engine wants of whoever makes and keeps plans (issue 4, part 4). */
import type { Campaign } from '../domain/planner/campaign.ts';
import type { Plan } from '../domain/planner/plan.ts';
import type { SessionRequest } from '../domain/session.ts';

export type PlanStatus = 'planning' | 'finished' | 'failed';

/** A plan as it is kept. Times are milliseconds since 1970. */
export interface StoredPlan {
  readonly id: string;
  readonly createdAt: number;
  readonly request: SessionRequest;
  readonly status: PlanStatus;
  /** The cloud as it was seen; absent until that. */
  readonly campaign?: Campaign;
  /** When the cloud was seen: the zero of the plan's times. */
  readonly seenAt?: number;
  readonly plan?: Plan;
  /** Why it failed, for people. */
  readonly failure?: string;
}

/** Where plans are kept. */
export interface PlanStore {
  put(plan: StoredPlan): Promise<void>;
  get(planId: string): Promise<StoredPlan | undefined>;
  /** Oldest first. */
  list(): Promise<readonly StoredPlan[]>;
  /** False if there was none. */
  delete(planId: string): Promise<boolean>;
}

/** Makes plans, beside the event loop where that takes long. */
export interface Planner {
  plan(campaign: Campaign, signal: AbortSignal): Promise<Plan>;
}
