/** What the transitions of a workflow depend on, and the reasons with which a session fails. */
import { canEmptyEveryHost, emptyCompute } from './drain-order.ts';
import { computes, goneCount, hostInstances, isFinished } from './session-view.ts';
import type { Session } from './session.ts';

export const always = (): boolean => true;

export const allMaintained = (session: Session): boolean => session.hosts.every(isFinished);

export const someMaintained = (session: Session): boolean =>
  computes(session).some(({ progress }) => progress === 'maintained');

/** There is something to begin with: an empty compute, or no compute at all. */
export const hasEmptyHost = (session: Session): boolean =>
  computes(session).length === 0 || emptyCompute(session) !== undefined;

export const canStart = (session: Session): boolean => hasEmptyHost(session) && canEmptyEveryHost(session);

export const canPrepare = (session: Session): boolean => !hasEmptyHost(session) && canEmptyEveryHost(session);

/** Also where no host was left to choose: the last one was left aside. */
export const chosenHostIsEmpty = (session: Session): boolean =>
  session.visit.host === undefined
    ? computes(session).every(isFinished)
    : hostInstances(session, session.visit.host).length === 0;

/** Instances went away in this visit. */
export const scaledIn = (session: Session): boolean => goneCount(session) > session.visit.goneBefore;

/** The cloud had refused what we thought would fit, and nobody made room since: it would refuse again. */
export const cameInVain = (session: Session): boolean =>
  session.previousState === 'PREPARE_MAINTENANCE' && !scaledIn(session);

export function noRoom(session: Session): string {
  const refused = [...session.instances.values()].flatMap(({ name, id, actionOutcome, actionError }) =>
    actionOutcome === 'failed' ? [`${name} (${id}): ${actionError ?? 'no reason given'}`] : [],
  );
  const what = 'no project scaled in, and no host can be emptied: its instances fit nowhere else';
  return [what, ...refused].join('; ');
}

export function hostNotEmpty(session: Session): string {
  const { host = 'chosen' } = session.visit;
  const left = hostInstances(session, host).map(({ name, id }) => `${name} (${id})`);
  return `host ${host} could not be emptied: ${left.join(', ')} still there`;
}
