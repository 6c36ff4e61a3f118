/**
 * What is left to do for a session that has ended or was deleted: a move in flight is finished, then every host that
 * the session closed is opened again. A move that we lost sight of is looked after, and confirmed once it is done. One exception: a host whose maintenance began and did not end stays closed, with
 * the reason in the cloud.
 */
import type { Command, CommandRecord } from './command.ts';
import { computes, hostCommandPending, pendingCommands, staysClosed } from './session-view.ts';
import type { Host, Session } from './session.ts';
import { opening } from './steps/hosts.ts';
import { abortDeadlines, abortsOfOverdue } from './steps/live-migration.ts';
import { movesOutOfSight, unconfirmedMoves } from './unfinished-moves.ts';
import { act, commands, done, wait, type StepResult, type World } from './workflow.ts';

/** How long to wait before a host that could not be opened is tried again, and so on. The engine has retried already. */
const tryAgainMilliseconds = 60_000;
/** How long a move that we lost sight of is looked after: far longer than any takes. */
const lookAfterMilliseconds = 3_600_000;

const mustEnd: ReadonlySet<Command['kind']> = new Set([
  'observe_cloud',
  'move_instance',
  'abort_move',
  'confirm_move',
  'close_host',
  'open_host',
  // What it does to a host must not be torn apart either; its own time limit bounds it.
  'run_plugin',
  'remove_downloads',
]);

/** May this command be broken off when its session is only being tidied up? */
export function mayBeAbandoned(command: Command): boolean {
  return !mustEnd.has(command.kind);
}

/** The next thing to do. `done` once nothing is left. */
export function tidyUp(session: Session, world: World): StepResult {
  const { now } = world;
  const aborts = abortsOfOverdue(session, world);
  if (aborts.length > 0) return commands(aborts);
  if (pendingCommands(session).some(({ command }) => mustEnd.has(command.kind))) {
    const deadlines = abortDeadlines(session, world);
    return deadlines.length === 0 ? wait() : wait(Math.min(...deadlines));
  }
  const unconfirmed = unconfirmedMoves(session).filter(({ failed }) => isWorthTrying(failed));
  const due = unconfirmed.filter(({ failed }) => againAt(failed) <= now);
  if (due.length > 0) {
    return commands(due.map(({ instanceId, host }) => ({ kind: 'confirm_move', instanceId, host })));
  }
  const stranded = session.hosts.filter(
    (host) => staysClosed(host) && host.closedByUs && !keptClosed(session, host),
  );
  if (stranded.length > 0) return commands(stranded.flatMap((host) => keepingClosed(session, host)));
  const closed = closedHosts(session);
  const openable = closed.filter((host) => openAgainAt(session, host) <= now);
  if (openable.length > 0) return commands(openable.flatMap(opening));
  const lookAt = nextLook(session, now);
  if (lookAt !== undefined && lookAt <= now) return commands([{ kind: 'observe_cloud' }]);
  const times = [
    ...unconfirmed.map(({ failed }) => againAt(failed)),
    ...closed.map((host) => openAgainAt(session, host)),
    ...(lookAt === undefined ? [] : [lookAt]),
  ];
  if (times.length > 0) return wait(Math.min(...times));
  if (session.deletedAt === undefined || pendingCommands(session).length > 0) return done;
  return keepsDownloads(session) ? commands([{ kind: 'remove_downloads' }]) : act({ type: 'session_closed' });
}

/** Its packages go with it; where that failed once, the log says so, and the folder is left to the operator. */
function keepsDownloads(session: Session): boolean {
  return (
    (session.request.downloads ?? []).length > 0 &&
    ![...session.commands.values()].some(({ command }) => command.kind === 'remove_downloads')
  );
}

/** The cloud may be able to confirm later what it could not just now; what it refused stays refused. */
function isWorthTrying(failed: CommandRecord | undefined): boolean {
  return failed?.error === undefined || ['unavailable', 'busy', 'timed_out'].includes(failed.error.code);
}

function againAt(failed: CommandRecord | undefined): number {
  return failed?.endedAt === undefined ? 0 : failed.endedAt + tryAgainMilliseconds;
}

/** When to look next how the moves stand that we lost sight of: one may be waiting for its confirmation. */
function nextLook(session: Session, now: number): number | undefined {
  const over = session.endedAt ?? session.deletedAt ?? now;
  if (movesOutOfSight(session).length === 0 || now - over > lookAfterMilliseconds) return undefined;
  const looks = [...session.commands.values()].filter(({ command }) => command.kind === 'observe_cloud');
  return Math.max(over, ...looks.map(({ endedAt }) => endedAt ?? 0)) + tryAgainMilliseconds;
}

function closedHosts(session: Session): readonly Host[] {
  return computes(session).filter(
    (host) => host.closedByUs && !staysClosed(host) && !hostCommandPending(session, 'open_host', host.name),
  );
}

function openAgainAt(session: Session, { name }: Host): number {
  return againAt(
    [...session.commands.values()].findLast(
      ({ command, error }) => command.kind === 'open_host' && command.host === name && error !== undefined,
    ),
  );
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
