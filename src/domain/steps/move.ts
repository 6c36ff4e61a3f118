/** The step of the workflow `default` that takes the instances off the host that is being emptied. */
import type { Command } from '../command.ts';
import { groupsOf } from '../placement.ts';
import { hostInstances } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';
import { commands, done, fail, wait, type Step, type World } from '../workflow.ts';
import { abortDeadlines, abortsOfOverdue } from './live-migration.ts';
import { askForLook, look } from './look.ts';
import { leavesByUs, mayStart, type Candidate } from './move-candidates.ts';
import { confirmations, finishedNotices, movesUnderWay, underWay } from './move-endings.ts';
import { failuresOf } from './move-failures.ts';
import { mayTryAgain, retryAt, wasSeenSince } from './move-retry.ts';
import { homeless, needsOurTarget, targetsOf } from './move-targets.ts';

/**
 * Moves every instance of the chosen host as its project answered, side by side, and waits until all are where they go;
 * those that came meanwhile too. Once one cannot leave, no other move is begun, and the failure names instance, host and
 * reason. While the first host is prepared, an instance that finds no room is left where it is: the session then asks
 * for more room (facts 3.3, step 3).
 */
export const moveInstances: Step = (session, world) => {
  const { host } = session.visit;
  if (host === undefined) return done;
  const startable = mayStart(session, host, world);
  const nowhere = homeless(session, host, startable.filter(leavesByUs));
  const candidates = startable.filter(({ id }) => !nowhere.some((one) => one.id === id));
  const failures = failuresNow(session, host, nowhere, world);
  const next = [
    ...confirmations(session),
    ...finishedNotices(session),
    ...abortsOfOverdue(session, world),
    ...(failures.length === 0
      ? [...departures(host, candidates), ...moves(session, host, candidates, world)]
      : []),
  ];
  if (next.length > 0) return commands(next);
  const retries =
    failures.length === 0
      ? hostInstances(session, host).filter((instance) => mayTryAgain(session, instance, world))
      : [];
  const due = retries.filter((instance) => retryAt(session, instance) <= world.now);
  if (due.some((instance) => !wasSeenSince(session, instance))) {
    return askForLook(session, session.observedSequence);
  }
  const times = [
    ...abortDeadlines(session, world),
    ...retries.filter((instance) => !due.includes(instance)).map((instance) => retryAt(session, instance)),
  ];
  if (times.length > 0) return wait(Math.min(...times));
  if (underWay(session).size > 0) return wait();
  // What was seen before may have changed: instances came, went, were mended, or moved after all.
  const seen = look(session, world);
  if (seen.kind === 'fail') return fail([...failures, seen.reason].join('; '));
  if (seen.kind !== 'done') return seen;
  return failures.length === 0 ? done : fail(failures.join('; '));
};

/** What cannot be done, in words; an instance that finds no room for the first host is no failure yet. */
function failuresNow(
  session: Session,
  host: string,
  nowhere: readonly Instance[],
  world: World,
): readonly string[] {
  const failed = failuresOf(session, host, world);
  if (failed.length > 0) return failed;
  return session.state === 'PREPARE_MAINTENANCE' ? [] : nowhere.map((instance) => noPlaceFor(instance, host));
}

/** Why an instance under a rule that the cloud does not know cannot leave. */
export function noPlaceFor({ id, name }: Instance, host: string): string {
  return `instance ${name} (${id}) cannot leave host ${host}: no open host has room for it that keeps to what its group registered`;
}

/** The command that waits for instances which leave by their own action. */
export function departures(host: string, candidates: readonly Candidate[]): readonly Command[] {
  const instanceIds = candidates.filter(({ next }) => next === 'OWN_ACTION').map(({ id }) => id);
  return instanceIds.length === 0 ? [] : [{ kind: 'watch_departure', host, instanceIds }];
}

function moves(
  session: Session,
  host: string,
  candidates: readonly Candidate[],
  { settings }: World,
): readonly Command[] {
  const free = settings.parallelMoves - (movesUnderWay(session).get(host) ?? 0);
  const leaving = candidates.filter(leavesByUs);
  const ready = leaving.slice(0, Math.max(0, free));
  if (ready.length === 0) return [];
  const targets = targetsOf(session, host, ready, leaving.slice(ready.length));
  const rules = { groupsOf: groupsOf(session) };
  return ready
    .filter((instance) => targets.has(instance.id) || !needsOurTarget(rules, instance))
    .map(({ id, next }) => {
      const target = targets.get(id);
      return {
        kind: 'move_instance',
        instanceId: id,
        action: next,
        from: host,
        ...(target !== undefined && { target }),
      };
    });
}
