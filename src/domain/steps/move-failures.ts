/** Which instances cannot leave the host that is being emptied, and why: in words for people. */
import { isOverdue } from '../agreed-action.ts';
import { indexOf } from '../kept-index.ts';
import { hostInstances, visitCommands } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';
import { unconfirmedMoves } from '../unfinished-moves.ts';
import type { World } from '../workflow.ts';
import { abortOf, wasBrokenOff } from './live-migration.ts';
import { nextAction, obstacleOf } from './move-obstacles.ts';
import { lastMove, mayTryAgain } from './move-retry.ts';

/**
 * Empty as long as there is hope. Else a sentence for each instance that failed, also where another try would have been
 * left, and for each in a state in which it cannot be moved.
 */
export function failuresOf(session: Session, host: string, world: World): readonly string[] {
  const failed = failedInstances(session.instances).filter((instance) => hasFailed(session, instance, host));
  const stuck = unmovable(session, host, world);
  const hopeless = failed.some((instance) => !mayTryAgain(session, instance, world));
  if (!hopeless && stuck.length === 0) return [];
  return [...failed.map((instance) => failureOf(session, instance)), ...stuck];
}

/** A sentence for each instance that was not tried to be moved yet, and is in a state in which it cannot be. */
export function unmovable(session: Session, host: string, world: World): readonly string[] {
  return hostInstances(session, host).flatMap((instance) => {
    const obstacle = obstacleOf(instance);
    return obstacle === undefined ||
      instance.attempts > 0 ||
      nextAction(session, instance, world) === 'OWN_ACTION'
      ? []
      : [`instance ${nameOf(instance)} cannot leave host ${host}: it ${obstacle}, then continue the session`];
  });
}

const failed = ({ actionOutcome }: Instance) => (actionOutcome === 'failed' ? 'failed' : undefined);

const failedInstances = (instances: Session['instances']): readonly Instance[] =>
  indexOf(instances, () => instances.values(), failed).get('failed') ?? [];

function hasFailed(session: Session, instance: Instance, host: string): boolean {
  const { id, actionOutcome, attempts, gone } = instance;
  if (actionOutcome !== 'failed' || attempts === 0 || gone) return false;
  const last = lastMove(session, id);
  if ((last?.command.from ?? instance.host) !== host) return false;
  const asksForRoom = session.request.workflow === 'default' && session.state === 'PREPARE_MAINTENANCE';
  if (asksForRoom && last?.error?.code === 'no_valid_host') return false;
  // It left after all, and is well: nobody has to do anything about it.
  const unconfirmed = unconfirmedMoves(session).some(({ instanceId }) => instanceId === id);
  return unconfirmed || instance.host === host || instance.state === 'error' || instance.state === 'resized';
}

/** Those that were to leave by their own action, on whatever host, and did not in time. */
export function overdueInstances({ instances }: Session): readonly Instance[] {
  return failedInstances(instances).filter(isOverdue);
}

/** Why an instance did not leave its host. */
export function failureOf(session: Session, instance: Instance): string {
  const { id, action = 'MIGRATE', actionError = 'no reason given' } = instance;
  const last = lastMove(session, id);
  const from = last?.command.from ?? session.visit.host ?? instance.host ?? 'unknown';
  const hints: string[] = [];
  if (last?.error?.code === 'aborted' && wasBrokenOff(session, last)) {
    hints.push('neither the reply nor the constraints of its project allow a cold migration instead');
  }
  const abortError = last && abortOf(session, last)?.error?.message;
  if (abortError !== undefined) hints.push(`it could not be broken off: ${abortError}`);
  if (last?.error?.code === 'timed_out') hints.push('it may still be under way');
  if (last?.error?.code === 'busy' && instance.state === 'resized') {
    hints.push('its owner has to confirm or revert the resize');
  }
  const confirmed = visitCommands(session, 'confirm_move').some(({ command }) => command.instanceId === id);
  const what = confirmed ? 'left' : 'could not leave';
  const but = confirmed ? ', and was not confirmed' : '';
  return `instance ${nameOf(instance)} ${what} host ${from} by ${action}${but}: ${[actionError, ...hints].join('; ')}`;
}

const nameOf = ({ id, name }: Instance) => `${name} (${id})`;
