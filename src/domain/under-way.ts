/** What is under way in a session and must come to its end, whatever is said meanwhile. */
import { pendingCommands } from './session-view.ts';
import type { Session } from './session.ts';
import { abortDeadlines } from './steps/live-migration.ts';
import { localhost } from './action-plugin.ts';
import { unconfirmedMoves } from './unfinished-moves.ts';
import type { Decided, World } from './workflow.ts';

/** Does this bring to its end what was begun before, rather than begin something? */
export function bringsToItsEnd(decided: Decided): boolean {
  if (decided.type === 'host_maintenance_finished' || decided.type === 'phase_entered') return true;
  if (decided.type === 'host_skipped') return true;
  if (decided.type !== 'command') return false;
  const { command } = decided;
  switch (command.kind) {
    case 'confirm_move':
    case 'abort_move':
    case 'open_host':
    case 'observe_cloud':
    // Reading alone: what is under way waits for it.
    case 'check_subscriptions':
    case 'read_constraints':
    case 'notify_session':
      return true;
    case 'notify_project':
      return command.state === 'INSTANCE_ACTION_DONE';
    case 'notify_host':
      return command.state === 'MAINTENANCE_COMPLETE';
    case 'run_plugin':
      return command.host !== localhost;
    default:
      return false;
  }
}

/** Is a move, a host's maintenance or a plug-in under way? */
export function isAnythingUnderWay(session: Session): boolean {
  return (
    session.hosts.some(({ progress }) => progress === 'in_maintenance') ||
    unconfirmedMoves(session).some(({ failed }) => failed === undefined) ||
    pendingCommands(session).some(
      ({ command }) =>
        command.kind === 'move_instance' ||
        command.kind === 'confirm_move' ||
        command.kind === 'abort_move' ||
        command.kind === 'run_plugin',
    )
  );
}

/** When something is to be done for what is under way, besides what happens by itself. Milliseconds since 1970. */
export function endingsDue(session: Session, world: World): readonly number[] {
  const heldUntil = session.hosts
    .filter(({ progress }) => progress === 'in_maintenance')
    .map(
      ({ maintenanceStartedAt = world.now }) =>
        maintenanceStartedAt + world.settings.hostMaintenanceSeconds * 1000,
    );
  return [...abortDeadlines(session, world), ...heldUntil].filter((time) => time > world.now);
}
