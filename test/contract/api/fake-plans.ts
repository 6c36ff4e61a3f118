/** A PlanService without a planner behind it: its plans stand where a test has put them. */
import { planCampaign } from '../../../src/domain/planner/plan-campaign.ts';
import type { SessionRequest } from '../../../src/domain/session.ts';
import { summaryOf, type PlanSummary, type StoredPlan } from '../../../src/engine/plan-ports.ts';
import { PlanNotFound, type PlanService } from '../../../src/engine/plan-service.ts';
import { campaign, group, host, several } from '../../support/small-campaign.ts';

export const samplePlanId = '3f1d2c4b-5a69-4788-9c0d-1e2f3a4b5c6d';

const created = Date.UTC(2026, 10, 3, 2, 20, 11);

/** An empty host and one with two instances of a group that bears one move at once. */
export const sampleCampaign = campaign(
  [host('cmp-07.example.net'), host('cmp-08.example.net')],
  several(2, 'cmp-07.example.net'),
  { groups: [group({ slots: 1, recoverySeconds: 30 })] },
);

/** A plan that was asked for before its maintenance, and is finished. */
export function samplePlan(changes: Partial<StoredPlan> = {}): StoredPlan {
  return {
    id: samplePlanId,
    createdAt: created,
    request: { workflow: 'vnf', hosts: [], maintenanceAt: Date.UTC(2026, 10, 3, 2, 30, 0), metadata: {} },
    status: 'finished',
    seenAt: created + 500,
    objections: [],
    campaign: sampleCampaign,
    plan: planCampaign(sampleCampaign),
    ...changes,
  };
}

/** A plan that is being made. */
export function plannedLater({ id, createdAt, request }: StoredPlan): StoredPlan {
  return { id, createdAt, request, status: 'planning' };
}

export class FakePlans implements PlanService {
  readonly plans = new Map<string, StoredPlan>();
  readonly requests: SessionRequest[] = [];
  /** Why the next plan may not be asked for. */
  refusal: Error | undefined;

  constructor() {
    this.reset();
  }

  reset(): void {
    this.keep(samplePlan());
    this.requests.length = 0;
    this.refusal = undefined;
  }

  keep(...plans: readonly StoredPlan[]): void {
    this.plans.clear();
    for (const plan of plans) this.plans.set(plan.id, plan);
  }

  create(request: SessionRequest): Promise<PlanSummary> {
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    const id = `3f1d2c4b-5a69-4788-9c0d-${String(this.requests.push(request)).padStart(12, '0')}`;
    const plan = plannedLater(samplePlan({ id, request }));
    this.plans.set(id, plan);
    return Promise.resolve(summaryOf(plan));
  }

  list(): Promise<readonly PlanSummary[]> {
    return Promise.resolve([...this.plans.values()].map(summaryOf));
  }

  get(planId: string): Promise<StoredPlan> {
    const plan = this.plans.get(planId);
    return plan === undefined ? Promise.reject(new PlanNotFound()) : Promise.resolve(plan);
  }

  delete(planId: string): Promise<void> {
    return this.plans.delete(planId) ? Promise.resolve() : Promise.reject(new PlanNotFound());
  }
}
