/** What can be done with an instance in the state that it is in, by the rules of Nova (`compute/api.py`, Nova 26). */
import type { InstanceAction } from '../cloud.ts';
import type { Instance, Session } from '../session.ts';
import type { World } from '../workflow.ts';
import { mayGoCold, wasBrokenOff } from './live-migration.ts';
import { actionFor } from './move-choice.ts';
import { movesOf } from './move-retry.ts';

/**
 * How an instance is to leave its host, as its project wants it and its state allows. A stopped instance cannot be moved
 * live and a paused one not cold; the other way harms neither. After a live migration that does not come to its end a
 * cold one, where project or constraints allow it.
 */
export function nextAction(session: Session, instance: Instance, world: World): InstanceAction {
  const wanted = actionFor(session, instance, world);
  if (wanted === 'OWN_ACTION') return wanted;
  if (instance.state === 'stopped') return 'MIGRATE';
  if (instance.state === 'paused') return 'LIVE_MIGRATE';
  return wanted === 'LIVE_MIGRATE' && liveFailed(session, instance, world) && mayGoCold(session, instance)
    ? 'MIGRATE'
    : wanted;
}

/** Was the live migration of this visit broken off, or did it fail as often as it is tried? */
function liveFailed(session: Session, { id }: Instance, { settings }: World): boolean {
  const tried = movesOf(session, id).filter(({ command }) => command.action === 'LIVE_MIGRATE');
  const last = tried.at(-1);
  if (last?.error?.code === 'aborted') return wasBrokenOff(session, last);
  return last?.error?.code === 'failed' && tried.length >= settings.moveAttempts;
}

const obstacles: Readonly<Record<string, string>> = {
  error: 'is in ERROR: mend or delete it',
  suspended: 'is suspended: resume it',
  rescued: 'is in rescue: end that',
  shelved: 'is shelved and still on the host: offload it',
};

/** States in which Nova moves an instance, or that pass: those are waited for. */
const movableStates: ReadonlySet<string> = new Set(['active', 'stopped', 'paused', 'building', 'resized']);

/** Why an instance can be moved in no way, for people; undefined where it can. */
export function obstacleOf({ state }: Instance): string | undefined {
  if (movableStates.has(state)) return undefined;
  return obstacles[state] ?? `is in state ${state}, in which it cannot be moved`;
}
