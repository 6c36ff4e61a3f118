import type { PlanStore, StoredPlan } from '../engine/plan-ports.ts';

/** A PlanStore in memory. */
export class MemoryPlanStore implements PlanStore {
  readonly #plans = new Map<string, StoredPlan>();

  put(plan: StoredPlan): Promise<void> {
    this.#plans.set(plan.id, plan);
    return Promise.resolve();
  }

  get(planId: string): Promise<StoredPlan | undefined> {
    return Promise.resolve(this.#plans.get(planId));
  }

  list(): Promise<readonly StoredPlan[]> {
    return Promise.resolve([...this.#plans.values()].sort((a, b) => a.createdAt - b.createdAt));
  }

  delete(planId: string): Promise<boolean> {
    return Promise.resolve(this.#plans.delete(planId));
  }
}
