/** Steps that look at the cloud. */
import type { CommandRecord } from '../command.ts';
import { commandsOf, pendingCommands } from '../session-view.ts';
import type { Session } from '../session.ts';
import { commands, done, fail, wait, type Step, type StepResult } from '../workflow.ts';

/** Looks at the cloud unless it was looked at after the last change that came before this visit. */
export const lookOnEntry: Step = (session) =>
  session.observedSequence > session.visit.changedBefore
    ? done
    : askForLook(session, session.visit.changedBefore);

/** Looks at the cloud unless it was looked at after the last thing that changed it. */
export const look: Step = (session) =>
  session.observedSequence > session.changedSequence ? done : askForLook(session, session.changedSequence);

/** The same, and not before the maintenance was to begin: what was seen before the wait is out of date. */
export const lookAtStart: Step = (session, world) => {
  const { observedAt } = session;
  return observedAt !== undefined && observedAt >= session.request.maintenanceAt
    ? look(session, world)
    : askForLook(session, session.observedSequence);
};

/** Looks once, unless that is under way; fails where a look after the sequence `after` has failed. */
export function askForLook(session: Session, after: number): StepResult {
  if (pendingCommands(session).some(({ command }) => command.kind === 'observe_cloud')) return wait();
  const failed = lastLook(session);
  if (failed?.error !== undefined && failed.sequence > after) {
    return fail(`the cloud cannot be seen: ${failed.error.message}`);
  }
  return commands([{ kind: 'observe_cloud' }]);
}

function lastLook(session: Session): CommandRecord | undefined {
  return commandsOf(session, 'observe_cloud').at(-1);
}

/**
 * Lets a session that is over open its hosts before they are looked at: they would be taken for closed by somebody else.
 * A host that cannot be opened holds nobody up beyond the start.
 */
export const waitForTidyUp: Step = (session, { othersTidyUp, now }) =>
  othersTidyUp && session.observedAt === undefined && now < session.request.maintenanceAt
    ? wait(session.request.maintenanceAt)
    : done;

/** Refuses a cloud without hosts, and hosts that were asked for and that the cloud does not know. */
export const refuseUnknownHosts: Step = ({ hosts, request }) => {
  const known = new Set(hosts.map(({ name }) => name));
  const unknown = request.hosts.filter((name) => !known.has(name));
  if (unknown.length > 0) return fail(`the cloud has no host ${unknown.join(', ')}`);
  return hosts.length === 0 ? fail('the cloud has no host: there is nothing to maintain') : done;
};

/** Refuses hosts that another running session has: two sessions on one host would undo each other's work. */
export const refuseTakenHosts: Step = (session, { takenHosts }) => {
  const taken = session.hosts.filter(({ name }) => takenHosts.has(name)).map(({ name }) => name);
  return taken.length === 0 ? done : fail(`another running session has ${taken.join(', ')}`);
};
