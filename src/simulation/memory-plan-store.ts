import { summaryOf, type PlanStore, type PlanSummary, type StoredPlan } from '../engine/plan-ports.ts';

/** A PlanStore in memory. */
export class MemoryPlanStore implements PlanStore {
  readonly kept = new Map<string, StoredPlan>();

  put(plan: StoredPlan): Promise<void> {
    this.kept.set(plan.id, plan);
    return Promise.resolve();
  }

  get(planId: string): Promise<StoredPlan | undefined> {
    return Promise.resolve(this.kept.get(planId));
  }

  list(): Promise<readonly PlanSummary[]> {
    const plans = [...this.kept.values()].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    return Promise.resolve(plans.map(summaryOf));
  }

  delete(planId: string): Promise<boolean> {
    return Promise.resolve(this.kept.delete(planId));
  }
}
