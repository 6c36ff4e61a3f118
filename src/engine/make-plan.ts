/** Plans what a session is about to do, or takes the plan that its admin named, if that still holds. */
import type { Command, CommandResult } from '../domain/command.ts';
import { driftOf } from '../domain/plan-drift.ts';
import type { Campaign } from '../domain/planner/campaign.ts';
import type { Plan } from '../domain/planner/plan.ts';
import { scaledInSince } from '../domain/scale-in-effect.ts';
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
  if (named?.campaign === undefined || named.plan === undefined) {
    const drift = planId === undefined ? [] : [`plan ${planId} was deleted`];
    return { kind: 'planned', plan: await planner.plan(campaign, signal), drift };
  }
  const expected = scaledInSince(named.campaign, campaign, named.plan.scaleIn);
  const drift = [...driftOf(expected, campaign), ...windowDrift(named.plan, campaign)];
  const holds = expected === named.campaign && drift.length === 0;
  return { kind: 'planned', plan: holds ? named.plan : await planner.plan(campaign, signal), drift };
}

/** Does the planned makespan still fit into the window? */
function windowDrift({ makespanSeconds }: Plan, { windowSeconds }: Campaign): readonly string[] {
  return windowSeconds === undefined || makespanSeconds <= windowSeconds
    ? []
    : [`the plan takes ${Math.ceil(makespanSeconds)} s, the window ends in ${Math.floor(windowSeconds)} s`];
}
