/** Planning what the session is about to do, before anything is touched (workflow `vnf`; issue 4, part 4). */
import { campaignOf } from '../campaign-of.ts';
import { commandsOf, pendingCommands } from '../session-view.ts';
import type { Session } from '../session.ts';
import { commands, done, fail, wait, type Step } from '../workflow.ts';

/** Plans, unless there is a plan for things as they stand. A planner that fails is no reason not to work: a plan is advice. */
export const makePlan: Step = (session, world) => {
  if (pendingCommands(session).some(({ command }) => command.kind === 'make_plan')) return wait();
  const last = commandsOf(session, 'make_plan').at(-1);
  const newest = Math.max(session.observedSequence, session.changedSequence, session.constraintsSequence);
  if ((last?.sequence ?? 0) > newest) return done;
  const { planId } = session.request;
  return commands([
    {
      kind: 'make_plan',
      campaign: campaignOf(session, world, () => true),
      ...(planId !== undefined && { planId }),
    },
  ]);
};

/** A cloud that has drifted from the plan which the admin named: the deployment says what follows. */
export const refuseDrift: Step = ({ latestPlan, request }, { settings }) => {
  const drift = latestPlan?.drift ?? [];
  return drift.length === 0 || settings.planDrift === 'replan'
    ? done
    : fail(`the cloud has drifted from plan ${request.planId ?? ''}: ${drift.join('; ')}`);
};

/** Does the last plan say that projects have to scale in first? */
export const needsScaleIn = ({ latestPlan }: Session): boolean => (latestPlan?.plan.scaleIn.length ?? 0) > 0;

/** Does the last plan find no way, with or without scaling in? */
export const isInfeasible = ({ latestPlan }: Session): boolean => latestPlan?.plan.verdict === 'infeasible';

/** Why, for people. */
export function whyInfeasible({ latestPlan }: Session): string {
  const messages = latestPlan?.plan.problems.map(({ message }) => message) ?? [];
  return messages.length === 0 ? 'no way was found to maintain every host' : messages.join('; ');
}
