/** What frames the work on the hosts of a `vnf` session: the state that is shown, and the hosts for which no way is left. */
import { openSlots } from '../impact-budget.ts';
import { phaseOf } from '../phase.ts';
import { hostInstances, isFinished, maintainedCount, percentDone } from '../session-view.ts';
import type { Host, Session } from '../session.ts';
import { act, done, type Step, type World } from '../workflow.ts';
import { passesOverProjects } from './ask.ts';
import { impossibleLimits } from './constraints.ts';
import { needsScaleIn, whyInfeasible } from './plan.ts';

/** Shows the session in the state that fits what is being done. */
export const showPhase: Step = (session) => {
  const state = phaseOf(session);
  if (state === session.state) return done;
  return act(
    { type: 'phase_entered', state },
    { type: 'command', command: { kind: 'notify_session', state, percentDone: percentDone(session) } },
  );
};

/** A step for sessions that have hosts left to do. */
export function unlessAllFinished(step: Step): Step {
  return (session, world) => (session.hosts.every(isFinished) ? done : step(session, world));
}

/** Are projects to scale in? Whoever was asked in vain is asked again only after something came of it. */
export function asksForRoom(session: Session): boolean {
  const mayAsk =
    session.previousState !== 'SCALE_IN' || maintainedCount(session) > session.visit.maintainedBefore;
  return needsScaleIn(session) && mayAsk;
}

/** Nothing moves any more, and hosts are left: where the policy allows it they are left aside, with the reason. */
export const leaveRestAside: Step = (session, world) => {
  if (!passesOverProjects(session) || asksForRoom(session)) return done;
  return act(
    ...session.hosts
      .filter((host) => !isFinished(host))
      .map((host) => ({
        type: 'host_skipped' as const,
        host: host.name,
        reason: whyHostIsLeft(session, host, world),
      })),
  );
};

/** Why the hosts that are left cannot be done, for people: what is known of single hosts, else of all of them. */
export function whyLeft(session: Session, world: World): string {
  const left = session.hosts.filter((host) => !isFinished(host));
  const own = left.flatMap((host) => ownReason(session, host, world) ?? []);
  const reasons = own.length > 0 ? own : left.map((host) => whyHostIsLeft(session, host, world));
  return [...new Set(reasons)].join('; ');
}

function whyHostIsLeft(session: Session, host: Host, world: World): string {
  return ownReason(session, host, world) ?? `host ${host.name} cannot be emptied: ${whyInfeasible(session)}`;
}

/** Members that are broken and hold a limit, that it is down, the end of the window, or what the planner found about this host. */
function ownReason(session: Session, { name, up }: Host, world: World): string | undefined {
  const slots = openSlots(session, world.now);
  const carried = hostInstances(session, name);
  const blocked = [
    ...impossibleLimits(session, carried),
    ...carried.flatMap((instance) => slots.blockedBy(instance) ?? []),
  ];
  if (blocked.length > 0) return blocked.join('; ');
  if (!up && carried.length > 0) {
    const instances = carried.map((instance) => `${instance.name} (${instance.id})`).join(', ');
    return (
      `host ${name} is down and carries ${instances}: nothing can be moved from it. ` +
      'Bring it back or evacuate them, then continue the session'
    );
  }
  if (isTooLate(session, name, world)) return `host ${name} would not be done by the end of the window`;
  const found = (session.latestPlan?.plan.problems ?? []).filter(({ hosts }) => hosts.includes(name));
  return found.length > 0 ? found.map(({ message }) => message).join('; ') : undefined;
}

/** Would its maintenance alone go beyond the end of the window? */
function isTooLate({ request }: Session, name: string, { now, durations }: World): boolean {
  const seconds = durations.hosts[name] ?? durations.hostSeconds;
  return request.windowEndsAt !== undefined && now + seconds * 1000 > request.windowEndsAt;
}
