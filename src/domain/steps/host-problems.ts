/** Hosts that cannot be maintained, and what follows for the session: its failure policy (issue 4, part 3). */
import { rememberedFor } from '../remembered-for.ts';
import { computesToCome, hostInstances, visitCommands, type RecordOf } from '../session-view.ts';
import type { Host, Session } from '../session.ts';
import { act, fail, type StepResult, type World } from '../workflow.ts';
import { isAnnounced } from './announce.ts';
import { passesOverProjects } from './ask.ts';
import { consentOf, isAnyUnwilling } from './consent.ts';
import type { HostProblem } from './drain.ts';
import { adminsWord } from './leave-aside.ts';
import { look } from './look.ts';
import { failureOf, overdueInstances, unmovable } from './move-failures.ts';
import { underWay } from './move-endings.ts';

/** What is wrong with hosts besides our moves: refusals, silence, own actions and calls that failed, an admin's word. */
export function hostProblems(session: Session, world: World): readonly HostProblem[] {
  const overdue = overdueInstances(session);
  return computesToCome(session).flatMap((host) => {
    const left = overdue.filter((instance) => instance.host === host.name);
    return [...reasons(session, host, world), ...left.map((instance) => failureOf(session, instance))].map(
      (reason) => ({ host: host.name, reason }),
    );
  });
}

function reasons(session: Session, host: Host, world: World): readonly string[] {
  if (host.skipRequested === true) return [adminsWord];
  const instances = hostInstances(session, host.name);
  const isTold = isAnnounced(session, host);
  if (!isTold && host.progress === 'waiting' && !isAnyUnwilling(session.projects)) return [];
  const refused = instances.flatMap((instance) => {
    const consent = consentOf(session, instance, world);
    return consent.kind === 'refused' ? [consent.reason] : [];
  });
  const closing = failedClosings(session).find(({ command }) => command.host === host.name);
  const unclosed =
    closing?.error === undefined ? [] : [`host ${host.name} could not be closed: ${closing.error.message}`];
  if (!isTold) return [...refused, ...unclosed];
  const stuck = unmovable(session, host.name, world);
  const down =
    host.up || instances.length === 0
      ? []
      : [`host ${host.name} is down: nothing can be moved from it. Bring it back, then continue the session`];
  return [...refused, ...unclosed, ...stuck, ...down];
}

const failedClosings: (session: Session) => readonly RecordOf<'close_host'>[] = rememberedFor((session) =>
  visitCommands(session, 'close_host').filter(({ error }) => error !== undefined),
);

/**
 * Leaves the hosts aside, or fails the session once nothing of it is under way any more. Undefined: nothing is to be done
 * about them now. An admin's word to leave a host aside is no failure.
 */
export function answerProblems(
  session: Session,
  world: World,
  problems: readonly HostProblem[],
): StepResult | undefined {
  const skips = passesOverProjects(session);
  const aside = problems.filter(
    ({ host, reason }) => (skips || reason === adminsWord) && !isBeingMoved(session, host),
  );
  if (aside.length > 0) return leaveAside(aside);
  if (goesOn(session, problems)) return undefined;
  if (isUnderWay(session, problems)) return undefined;
  const seen = look(session, world);
  const texts = [...new Set(problems.map(({ reason }) => reason))];
  if (seen.kind === 'fail') return fail([...texts, seen.reason].join('; '));
  return seen.kind === 'done' ? fail(texts.join('; ')) : seen;
}

/** Is the rest of the hosts worked on for all that? */
export function goesOn(session: Session, problems: readonly HostProblem[]): boolean {
  return passesOverProjects(session) || problems.every(({ reason }) => reason === adminsWord);
}

function leaveAside(problems: readonly HostProblem[]): StepResult {
  const hosts = [...new Set(problems.map(({ host }) => host))];
  return act(
    ...hosts.map((host) => ({
      type: 'host_skipped' as const,
      host,
      reason: [...new Set(problems.filter((one) => one.host === host).map(({ reason }) => reason))].join(
        '; ',
      ),
    })),
  );
}

/** A move from it comes to its end first. */
function isBeingMoved(session: Session, name: string): boolean {
  const busy = underWay(session);
  return (
    hostInstances(session, name).some(({ id }) => busy.has(id)) ||
    visitCommands(session, 'move_instance').some(
      ({ command }) => command.from === name && busy.has(command.instanceId),
    )
  );
}

/** A maintenance that failed will not come to an end by itself. */
function isUnderWay(session: Session, problems: readonly HostProblem[]): boolean {
  const failed = new Set(problems.map(({ host }) => host));
  return (
    underWay(session).size > 0 ||
    session.hosts.some(({ name, progress }) => progress === 'in_maintenance' && !failed.has(name))
  );
}
