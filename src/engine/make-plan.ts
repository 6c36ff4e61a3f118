/** Plans what a session is about to do, or takes the plan that its admin named, if that still holds. */
import type { Command, CommandResult } from '../domain/command.ts';
import { driftOf } from '../domain/plan-drift.ts';
import type { Planner, PlanStore } from './plan-ports.ts';

export interface PlanDeps {
  readonly planner: Planner;
  readonly plans: PlanStore;
}

/** @throws whatever the planner or the store throws; the signal's reason when it aborts. */
export async function makePlan(
  { planner, plans }: PlanDeps,
  { campaign, planId }: Extract<Command, { kind: 'make_plan' }>,
  signal: AbortSignal,
): Promise<CommandResult> {
  const named = planId === undefined ? undefined : await plans.get(planId);
  const drift = driftFrom(named, planId, campaign);
  if (named?.plan !== undefined && drift.length === 0) return { kind: 'planned', plan: named.plan, drift };
  return { kind: 'planned', plan: await planner.plan(campaign, signal), drift };
}

function driftFrom(
  named: Awaited<ReturnType<PlanStore['get']>>,
  planId: string | undefined,
  campaign: Extract<Command, { kind: 'make_plan' }>['campaign'],
): readonly string[] {
  if (planId === undefined) return [];
  return named?.campaign === undefined ? [`plan ${planId} was deleted`] : driftOf(named.campaign, campaign);
}
