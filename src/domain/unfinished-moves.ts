/** Moves that came to no clear end: they are brought to one before their hosts are touched, and when a session is over. */
import type { CommandRecord } from './command.ts';
import { rememberedFor } from './remembered-for.ts';
import { recordsByInstance, recordsByKind } from './session-index.ts';
import type { RecordOf } from './session-view.ts';
import type { Session } from './session.ts';

/** A cold migration that has only to be confirmed. */
export interface UnconfirmedMove {
  readonly instanceId: string;
  /** The host that it went to. */
  readonly host: string;
  /** The newest confirmation of it, where that failed. */
  readonly failed?: RecordOf<'confirm_move'>;
}

/**
 * Cold migrations of any visit that are done but for their confirmation, and nobody is confirming. Of those that we lost
 * sight of, the ones that the last look found in VERIFY_RESIZE on another host. Never two confirmations at once: the
 * second would put the instance into ERROR (Nova 26, `_confirm_resize`).
 */
export const unconfirmedMoves: (session: Session) => readonly UnconfirmedMove[] = rememberedFor((session) =>
  lastMoves(session.commands).flatMap((move) => {
    const { instanceId } = move.command;
    const host = unconfirmedHost(session, move);
    if (host === undefined || session.instances.get(instanceId)?.gone === true) return [];
    const confirmation = recordsByInstance(session.commands)
      .get(instanceId)
      ?.findLast(
        (record): record is RecordOf<'confirm_move'> =>
          record.command.kind === 'confirm_move' && record.sequence > move.sequence,
      );
    if (confirmation === undefined) return [{ instanceId, host }];
    return confirmation.error === undefined || isDecided(session, confirmation)
      ? []
      : [{ instanceId, host, failed: confirmation }];
  }),
);

/** Did a look since the failed confirmation find nothing to confirm any more? Somebody did, turned it back, or mended it. */
function isDecided(session: Session, { command, endedAt = 0 }: RecordOf<'confirm_move'>): boolean {
  return (
    (session.observedAt ?? 0) >= endedAt && session.instances.get(command.instanceId)?.state !== 'resized'
  );
}

/** Cold migrations that did not end in time, and may still end in VERIFY_RESIZE as far as the looks since then tell. */
export function movesOutOfSight(session: Session): readonly RecordOf<'move_instance'>[] {
  return lastMoves(session.commands).filter((move) => {
    const instance = session.instances.get(move.command.instanceId);
    if (!wasLost(move) || instance === undefined || instance.gone || instance.actionOutcome === 'done')
      return false;
    return instance.task !== null || (session.observedAt ?? 0) < (move.endedAt ?? 0);
  });
}

/** Does this ended command belong to a move that was not brought to its end? Such outlive the visit that issued them. */
export function isOfUnfinishedMove(session: Session, record: CommandRecord): boolean {
  const { command } = record;
  if (command.kind !== 'move_instance' && command.kind !== 'confirm_move') return false;
  const instance = session.instances.get(command.instanceId);
  if (instance === undefined || instance.gone || instance.actionOutcome === 'done') return false;
  return command.kind === 'confirm_move' || needsConfirmation(record) || wasLost(record);
}

function unconfirmedHost(session: Session, move: RecordOf<'move_instance'>): string | undefined {
  if (move.result?.kind === 'moved') return needsConfirmation(move) ? move.result.move.host : undefined;
  if (!wasLost(move)) return undefined;
  const instance = session.instances.get(move.command.instanceId);
  return instance?.state === 'resized' && instance.task === null && instance.host !== move.command.from
    ? instance.host
    : undefined;
}

const needsConfirmation = ({ result }: CommandRecord) =>
  result?.kind === 'moved' && result.move.needsConfirmation;

/** We stopped watching it, out of time or of patience: it may have come to any end since. */
const wasLost = ({ command, baseline, error }: CommandRecord) =>
  command.kind === 'move_instance' &&
  command.action === 'MIGRATE' &&
  baseline !== undefined &&
  (error?.code === 'timed_out' || error?.code === 'unavailable');

/** The newest move of each instance that the cloud took on: of one that was busy all the time an older one is under way. */
const lastMoves: (commands: Session['commands']) => readonly RecordOf<'move_instance'>[] = rememberedFor(
  (commands) => {
    const moves = (
      (recordsByKind(commands).get('move_instance') ?? []) as readonly RecordOf<'move_instance'>[]
    ).filter(({ error }) => error?.code !== 'busy');
    return [...new Map(moves.map((move) => [move.command.instanceId, move])).values()];
  },
);
