/**
 * An independent look at a session: what the lab wrote down of itself, held against what applications registered and
 * when hosts are said to have been in maintenance; nothing of what the server knows of instances. Times are milliseconds since 1970.
 */
import type { Change } from '../lab/model/change-log.ts';

export interface Limit {
  readonly name: string;
  /** Ids of servers. */
  readonly members: readonly string[];
  /** How many of them may be impacted at once. */
  readonly most: number;
  /** How long a member goes on being impacted after its operation. Seconds. */
  readonly recoverySeconds: number;
}

/** A host was said to be in maintenance from here to there. */
export interface MaintenanceWindow {
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

/** Every breach, as a sentence. */
export function violations(
  changes: readonly Change[],
  limits: readonly Limit[],
  windows: readonly MaintenanceWindow[],
): readonly string[] {
  return [
    ...limits.flatMap((limit) => limitViolations(changes, limit)),
    ...windows.flatMap((window) => hostViolations(changes, window)),
  ];
}

interface Span {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** A migration, and the hosts that it binds as long as it lasts. */
interface Operation extends Span {
  readonly hosts: readonly (string | null)[];
}

/** In these statuses a migration is over: nothing more is done to its server. */
const over = new Set(['confirmed', 'completed', 'failed', 'error', 'reverted', 'cancelled']);

/** No operation begins on a member while as many others as may be are impacted, or still recover. */
function limitViolations(
  changes: readonly Change[],
  { name, members, most, recoverySeconds }: Limit,
): readonly string[] {
  const own = operations(changes).filter(({ id }) => members.includes(id));
  return own.flatMap(({ id, from }, index) => {
    const others = new Set(
      own
        .slice(0, index)
        .filter((one) => one.id !== id && from < one.to + recoverySeconds * 1000)
        .map((one) => one.id),
    );
    return others.size < most
      ? []
      : [`${clockTime(from)}: the move of ${id} began while ${others.size} others of ${name} were impacted`];
  });
}

/** One for each migration, from its first record to its last, in the order of their begin. */
function operations(changes: readonly Change[]): readonly Operation[] {
  const spans = new Map<string, Operation>();
  for (const change of changes) {
    if (change.type !== 'migration') continue;
    const { migration, serverId: id, at, status } = change;
    const from = spans.get(migration)?.from ?? at;
    const hosts = [change.from, change.to];
    spans.set(migration, { id, from, to: over.has(status) ? at : Infinity, hosts });
  }
  return [...spans.values()].sort((a, b) => a.from - b.from);
}

/** A host in maintenance carries nothing, and nothing is on its way from it or to it. */
function hostViolations(
  changes: readonly Change[],
  { host, from, to }: MaintenanceWindow,
): readonly string[] {
  const bound = [
    ...stays(changes).filter((stay) => stay.host === host),
    ...operations(changes).filter(({ hosts }) => hosts.includes(host)),
  ].filter((span) => span.from < to && span.to > from);
  const ids = new Set(bound.map(({ id }) => id));
  return [...ids].map(
    (id) => `${clockTime(from)}: ${host} was in maintenance, and ${id} was not clear of it`,
  );
}

/** Which server was on which host, from when to when. */
function stays(changes: readonly Change[]): readonly (Span & { readonly host: string })[] {
  const all: { id: string; host: string; from: number; to: number }[] = [];
  const current = new Map<string, (typeof all)[number]>();
  for (const change of changes) {
    if (change.type !== 'server.state' && change.type !== 'server.moved' && change.type !== 'server.deleted')
      continue;
    const { serverId: id, at } = change;
    const host = hostAfter(change);
    const last = current.get(id);
    if (last?.host === host) continue;
    if (last !== undefined) last.to = at;
    current.delete(id);
    if (host === null) continue;
    const stay = { id, host, from: at, to: Infinity };
    all.push(stay);
    current.set(id, stay);
  }
  return all;
}

function hostAfter(
  change: Extract<Change, { type: 'server.state' | 'server.moved' | 'server.deleted' }>,
): string | null {
  if (change.type === 'server.deleted') return null;
  return change.type === 'server.moved' ? change.to : change.host;
}

function clockTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(11, 23);
}
