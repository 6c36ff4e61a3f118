/**
 * What is left to do for a session that has ended or was deleted: a move in flight is finished, then every host that
 * the session closed is opened again. One exception: a host whose maintenance began and did not end stays closed, with
 * the reason in the cloud.
 */
import type { Command } from './command.ts';
import { computes, hostCommandPending, pendingCommands } from './session-view.ts';
import type { Host, Session } from './session.ts';
import { opening } from './steps/hosts.ts';
import { unconfirmedMoves } from './steps/move.ts';
import { act, commands, done, wait, type StepResult } from './workflow.ts';

/** How long to wait before a host that could not be opened is tried again. The engine has retried already. */
const openAgainMilliseconds = 60_000;

const mustEnd: ReadonlySet<Command['kind']> = new Set([
  'move_instance',
  'confirm_move',
  'close_host',
  'open_host',
]);

/** May this command be broken off when its session is only being tidied up? */
export function mayBeAbandoned(command: Command): boolean {
  return !mustEnd.has(command.kind);
}

/** The next thing to do. `done` once nothing is left. */
export function tidyUp(session: Session, now: number): StepResult {
  if (pendingCommands(session).some(({ command }) => mustEnd.has(command.kind))) return wait();
  const confirmations = unconfirmed(session);
  if (confirmations.length > 0) return commands(confirmations);
  const stranded = session.hosts.filter(
    (host) => host.progress === 'in_maintenance' && host.closedByUs && !keptClosed(session, host),
  );
  if (stranded.length > 0) return commands(stranded.flatMap((host) => keepingClosed(session, host)));
  return openHosts(session, now);
}

function unconfirmed(session: Session): readonly Command[] {
  const confirmed = new Set(
    [...session.commands.values()].flatMap(({ command }) =>
      command.kind === 'confirm_move' ? [command.instanceId] : [],
    ),
  );
  return unconfirmedMoves(session)
    .filter(({ instanceId }) => !confirmed.has(instanceId))
    .map(({ instanceId, host }) => ({ kind: 'confirm_move', instanceId, host }));
}

function openHosts(session: Session, now: number): StepResult {
  const closed = computes(session).filter(
    ({ closedByUs, progress }) => closedByUs && progress !== 'in_maintenance',
  );
  if (closed.length === 0) {
    const finished = session.deletedAt !== undefined && pendingCommands(session).length === 0;
    return finished ? act({ type: 'session_closed' }) : done;
  }
  const due = closed.filter(
    (host) => retryAt(session, host) <= now && !hostCommandPending(session, 'open_host', host.name),
  );
  if (due.length > 0) return commands(due.flatMap(opening));
  return wait(Math.min(...closed.map((host) => retryAt(session, host))));
}

function retryAt(session: Session, { name }: Host): number {
  const failed = [...session.commands.values()].findLast(
    ({ command, error }) => command.kind === 'open_host' && command.host === name && error !== undefined,
  );
  return failed?.endedAt === undefined ? 0 : failed.endedAt + openAgainMilliseconds;
}

const interrupted = 'its maintenance began and did not end';

function keptClosed(session: Session, { name, serviceId }: Host): boolean {
  return (
    serviceId === undefined ||
    [...session.commands.values()].some(
      ({ command }) =>
        command.kind === 'close_host' && command.host === name && command.reason.includes(interrupted),
    )
  );
}

function keepingClosed(session: Session, { name, serviceId }: Host): readonly Command[] {
  return serviceId === undefined
    ? []
    : [
        {
          kind: 'close_host',
          host: name,
          serviceId,
          reason: `maintenance session ${session.id}: ${interrupted}`,
        },
      ];
}
