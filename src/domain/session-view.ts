/** Questions about a session that more than one part of the program asks. */
import type { Command, CommandKind, CommandRecord } from './command.ts';
import { groupedBy } from './kept-index.ts';
import { rememberedFor } from './remembered-for.ts';
import { instancesByHost, recordsByKind, recordsUnderWay } from './session-index.ts';
import type { Host, HostProgress, Instance, Session } from './session.ts';

/** The computes of the session, in its order. */
export const computes = (session: Session): readonly Host[] => computesAmong(session.hosts);

const computesAmong: (hosts: readonly Host[]) => readonly Host[] = rememberedFor((hosts) =>
  hosts.filter((host) => host.type === 'compute'),
);

/** The computes that stand there, in the order of the session. */
export function computesAt(session: Session, progress: HostProgress): readonly Host[] {
  return byProgress(session.hosts).get(progress) ?? none;
}

const none: readonly Host[] = [];

const byProgress: (hosts: readonly Host[]) => ReadonlyMap<string, readonly Host[]> = rememberedFor((hosts) =>
  groupedBy(computesAmong(hosts), ({ progress }) => progress),
);

/** The computes whose maintenance is still to begin: those that wait, and those that are being emptied. */
export const computesToCome = (session: Session): readonly Host[] => toComeAmong(session.hosts);

const toComeAmong: (hosts: readonly Host[]) => readonly Host[] = rememberedFor((hosts) =>
  computesAmong(hosts).filter(({ progress }) => progress === 'waiting' || progress === 'draining'),
);

/** The host of that name, of the session or beside it. */
export function hostNamed({ hosts, otherHosts }: Session, name: string): Host | undefined {
  return hostsByName(hosts).get(name) ?? hostsByName(otherHosts).get(name);
}

const hostsByName: (hosts: readonly Host[]) => ReadonlyMap<string, Host> = rememberedFor(
  (hosts) => new Map(hosts.map((host) => [host.name, host])),
);

/** The instances that a host carries. */
export function hostInstances(session: Session, host: string): readonly Instance[] {
  return instancesByHost(session.instances).get(host) ?? [];
}

/** A project's instances on the hosts of the session. */
export function projectInstances(session: Session, projectId: string): readonly Instance[] {
  const names = new Set(session.hosts.map((host) => host.name));
  return [...session.instances.values()].filter(
    (instance) => instance.projectId === projectId && instance.host !== undefined && names.has(instance.host),
  );
}

/** How many of the instances that the session knew are not there any more. */
export function goneCount(session: Session): number {
  return [...session.instances.values()].filter(({ gone }) => gone).length;
}

/** How many hosts of the session are maintained. */
export function maintainedCount({ hosts }: Session): number {
  return hosts.filter(({ progress }) => progress === 'maintained').length;
}

/** Its maintenance began and did not end: whatever state it is in, nobody may use it. */
export function staysClosed({ progress, maintenanceStartedAt, maintenanceEndedAt }: Host): boolean {
  if (progress === 'in_maintenance') return true;
  return progress === 'skipped' && maintenanceStartedAt !== undefined && maintenanceEndedAt === undefined;
}

/** Nothing is left to do for it: it is maintained, or left aside. */
export function isFinished({ progress }: Host): boolean {
  return progress === 'maintained' || progress === 'skipped';
}

/** Is the session over, ended or deleted, and still has hosts to open? */
export function isTidyingUp(session: Session): boolean {
  const over = hasEnded(session) || session.deletedAt !== undefined;
  return over && session.hosts.some((host) => host.closedByUs && !staysClosed(host));
}

/** Has the session come to its end, well or badly? It may still have hosts to open. */
export function hasEnded(session: Session): boolean {
  return session.endedAt !== undefined;
}

/** The share of hosts that are maintained, 0 to 100, rounded down: 100 means all of them. */
export function percentDone(session: Session): number {
  if (session.hosts.length === 0) return session.state === 'MAINTENANCE_DONE' ? 100 : 0;
  const done = maintainedCount(session);
  return Math.floor((100 * done) / session.hosts.length);
}

/** A record of a command of one kind. */
export type RecordOf<K extends CommandKind> = CommandRecord & {
  readonly command: Extract<Command, { kind: K }>;
};

/** All remembered commands of one kind, in order. */
export function commandsOf<K extends CommandKind>(session: Session, kind: K): readonly RecordOf<K>[] {
  return (recordsByKind(session.commands).get(kind) ?? []) as readonly RecordOf<K>[];
}

/** The commands of one kind that the current visit issued, in order. */
export function visitCommands<K extends CommandKind>(session: Session, kind: K): readonly RecordOf<K>[] {
  return commandsOf(session, kind).filter(({ visit }) => visit === session.visit.number);
}

/** The commands that were issued and have no outcome yet, in order. */
export function pendingCommands(session: Session): readonly CommandRecord[] {
  return recordsUnderWay(session.commands);
}

/** Is such a command under way for this host? */
export function hostCommandPending(
  session: Session,
  kind: 'close_host' | 'open_host',
  host: string,
): boolean {
  return pendingCommands(session).some(({ command }) => command.kind === kind && command.host === host);
}
