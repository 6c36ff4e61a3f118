/** What follows a move that did not come to a good end: another try, after a pause, or none. */
import { recordsByInstance } from '../session-index.ts';
import type { RecordOf } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';
import type { World } from '../workflow.ts';
import { nextAction, obstacleOf } from './move-obstacles.ts';

const firstRetryMilliseconds = 1_000;

/**
 * How often a live migration of a member of an anti-affinity group is tried that finds no valid host: pauses of 1, 2, 4
 * ... 64 s outlast what the scheduler remembers wrongly (`Layout.remembered`).
 */
const attemptsOutlastingScheduler = 8;

/** The newest move of an instance in this visit. */
export function lastMove(session: Session, instanceId: string): RecordOf<'move_instance'> | undefined {
  return movesOf(session, instanceId).at(-1);
}

/** The moves of an instance in this visit, in order. */
export function movesOf(session: Session, instanceId: string): readonly RecordOf<'move_instance'>[] {
  return (recordsByInstance(session.commands).get(instanceId) ?? []).filter(
    (record): record is RecordOf<'move_instance'> =>
      record.command.kind === 'move_instance' && record.visit === session.visit.number,
  );
}

/** Never tried in this visit; or worth another try, after a pause that doubles and a look at how it is now. */
export function mayMove(session: Session, instance: Instance, world: World): boolean {
  if (instance.attempts === 0) return true;
  return (
    mayTryAgain(session, instance, world) &&
    retryAt(session, instance) <= world.now &&
    wasSeenSince(session, instance)
  );
}

/** The pause gives the cloud time: it counts room that was just given back only a moment later. */
export function retryAt(session: Session, { id, attempts }: Instance): number {
  return (lastMove(session, id)?.endedAt ?? 0) + firstRetryMilliseconds * 2 ** (attempts - 1);
}

/** Was the cloud looked at after the pause? Its owner may have stopped, mended or deleted the instance meanwhile. */
export function wasSeenSince(session: Session, instance: Instance): boolean {
  return (session.observedAt ?? 0) >= retryAt(session, instance);
}

/** Turned back in a way that left it as it was, with a try left; or there is a way that was not tried yet. */
export function mayTryAgain(session: Session, instance: Instance, world: World): boolean {
  const { id, attempts, actionOutcome } = instance;
  const last = lastMove(session, id);
  if (actionOutcome !== 'failed' || last?.error === undefined || obstacleOf(instance) !== undefined)
    return false;
  const { code } = last.error;
  const next = nextAction(session, instance, world);
  if (next !== last.command.action) {
    return (code === 'failed' || code === 'aborted') && !wasTried(session, id, next);
  }
  const mayBeRemembered =
    next === 'LIVE_MIGRATE' &&
    code === 'no_valid_host' &&
    session.serverGroups.some(({ policy, members }) => policy === 'anti-affinity' && members.includes(id));
  const most = mayBeRemembered
    ? Math.max(world.settings.moveAttempts, attemptsOutlastingScheduler)
    : world.settings.moveAttempts;
  // A cold migration that failed on the host leaves the instance in ERROR: moving it again is for people to decide.
  return attempts < most && (code === 'no_valid_host' || (code === 'failed' && next === 'LIVE_MIGRATE'));
}

function wasTried(session: Session, id: string, action: string): boolean {
  return movesOf(session, id).some(({ command }) => command.action === action);
}
