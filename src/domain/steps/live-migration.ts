/** Live migrations that do not come to their end: when they are broken off, and what may be tried then. */
import type { Command } from '../command.ts';
import { recordsByInstance } from '../session-index.ts';
import { pendingCommands, type RecordOf } from '../session-view.ts';
import type { Instance, Session } from '../session.ts';
import type { World } from '../workflow.ts';
import { liveMigrationLimit } from './move-choice.ts';

type Move = RecordOf<'move_instance'>;

/** The breaking off of every live migration, of any visit, that has had its time. Asked for once each. */
export function abortsOfOverdue(session: Session, world: World): readonly Command[] {
  return running(session)
    .filter((move) => !wasBrokenOff(session, move) && deadline(session, move, world) <= world.now)
    .map(({ command: { instanceId, from } }) => ({ kind: 'abort_move', instanceId, host: from }));
}

/** When live migrations that are under way are to be broken off. Milliseconds since 1970. */
export function abortDeadlines(session: Session, world: World): readonly number[] {
  return running(session)
    .filter((move) => !wasBrokenOff(session, move))
    .map((move) => deadline(session, move, world));
}

/** Was it we who broke this move off (or tried to)? */
export function wasBrokenOff(session: Session, move: Move): boolean {
  return abortOf(session, move) !== undefined;
}

/** The command that broke, or was to break, this move off. */
export function abortOf(session: Session, move: Move): RecordOf<'abort_move'> | undefined {
  return recordsByInstance(session.commands)
    .get(move.command.instanceId)
    ?.find(
      (record): record is RecordOf<'abort_move'> =>
        record.command.kind === 'abort_move' && record.sequence > move.sequence,
    );
}

/** Does the project's reply, or what the application registered, allow a cold migration where a live one fails? */
export function mayGoCold(session: Session, { id, projectId, question }: Instance): boolean {
  const fallback = question?.fallbacks?.[id] ?? session.projects[projectId]?.question?.fallbacks?.[id];
  const registered = session.constraints?.instances[id];
  return (
    fallback === 'MIGRATE' ||
    registered?.migrationType === 'MIGRATE' ||
    registered?.migrationPreference?.includes('MIGRATE') === true
  );
}

function running(session: Session): readonly Move[] {
  return pendingCommands(session).filter(
    (record): record is Move =>
      record.command.kind === 'move_instance' && record.command.action === 'LIVE_MIGRATE',
  );
}

/** The time runs from when Nova could take the move on: an instance that was busy before had not begun. */
function deadline(session: Session, move: Move, { settings }: World): number {
  const seconds = liveMigrationLimit(session, move.command.instanceId, settings);
  const busy = session.retries.findLast(
    ({ commandId, error }) => commandId === move.id && error.code === 'busy',
  );
  const begun = busy === undefined ? move.issuedAt : busy.at + busy.pauseMilliseconds;
  return begun + seconds * 1000;
}
