/** What the engine wants of whoever makes and keeps plans (issue 4, part 4). */
import type { Campaign } from '../domain/planner/campaign.ts';
import type { Plan } from '../domain/planner/plan.ts';
import type { SessionRequest } from '../domain/session.ts';

/** `after_scale_in`: once projects have given up what they will be asked for. */
export type PlanVerdict = 'feasible' | 'after_scale_in' | 'infeasible';

export interface PlanOutcome {
  readonly verdict: PlanVerdict;
  readonly makespanSeconds: number;
  readonly lowerBoundSeconds: number;
}

export type PlanStatus = 'planning' | 'finished' | 'failed';

/** A plan in a list. Times are milliseconds since 1970. */
export interface PlanSummary {
  readonly id: string;
  readonly createdAt: number;
  readonly request: SessionRequest;
  readonly status: PlanStatus;
  /** When the cloud was seen; absent until that. */
  readonly seenAt?: number;
  /** Why it failed, for people. */
  readonly failure?: string;
  /** For what a session with the same request would be refused, or fail before it touches anything; for people. */
  readonly objections?: readonly string[];
  /** The plan in short; absent until it is finished. */
  readonly outcome?: PlanOutcome;
}

/** A plan as it is kept. The zero of its times is the begin of the maintenance, or the look at the cloud if that was later. */
export interface StoredPlan extends Omit<PlanSummary, 'outcome'> {
  /** The cloud as it was seen. */
  readonly campaign?: Campaign;
  readonly plan?: Plan;
  /** Where projects have to scale in: what comes after that, if they give up what would help most. */
  readonly planAfterScaleIn?: Plan;
}

/** Where plans are kept. */
export interface PlanStore {
  /** Stores a plan, in place of what was stored under its id. */
  put(plan: StoredPlan): Promise<void>;
  get(planId: string): Promise<StoredPlan | undefined>;
  /** Oldest first, without what makes them large. */
  list(): Promise<readonly PlanSummary[]>;
  /** False if there was none. */
  delete(planId: string): Promise<boolean>;
}

/** Makes plans, beside the event loop where that takes long. */
export interface Planner {
  /** @throws the signal's reason when it aborts; Error when the planner breaks off */
  plan(campaign: Campaign, signal: AbortSignal): Promise<Plan>;
}

/** A stored plan as a list shows it. */
export function summaryOf({
  campaign: _campaign,
  plan,
  planAfterScaleIn,
  ...summary
}: StoredPlan): PlanSummary {
  if (plan === undefined) return summary;
  const { makespanSeconds, certificate } = planAfterScaleIn ?? plan;
  const outcome = {
    verdict: verdictOf(summary, plan, planAfterScaleIn),
    makespanSeconds,
    lowerBoundSeconds: certificate.lowerBoundSeconds,
  };
  return { ...summary, outcome };
}

/** A session that would fail before it does anything is as infeasible as one without room. */
function verdictOf(
  { objections = [] }: Pick<PlanSummary, 'objections'>,
  plan: Plan,
  afterScaleIn: Plan | undefined,
): PlanVerdict {
  if (objections.length > 0) return 'infeasible';
  if (afterScaleIn === undefined) return plan.verdict;
  return afterScaleIn.verdict === 'feasible' ? 'after_scale_in' : 'infeasible';
}
