/** What the lab's own records tell of a session: who was where when, and what was moved. */
import type { Lab } from '../../src/lab/lab.ts';
import type { Change } from '../../src/lab/model/change-log.ts';

type MovedChange = Extract<Change, { type: 'server.moved' }>;

/** A migration in these statuses is over. Until then both its hosts are bound: it may go on, or be turned back. */
const overStatuses = new Set(['confirmed', 'completed', 'failed', 'error', 'reverted', 'cancelled']);

/** The cloud at one moment, as the changes up to then made it. */
class Moment {
  readonly #hostOf = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #migrations = new Map<string, Extract<Change, { type: 'migration' }>>();

  apply(change: Change): void {
    switch (change.type) {
      case 'server.state':
        this.#names.set(change.serverId, change.name);
        if (change.host === null) this.#hostOf.delete(change.serverId);
        else this.#hostOf.set(change.serverId, change.host);
        return;
      case 'server.moved':
        this.#hostOf.set(change.serverId, change.to);
        return;
      case 'server.deleted':
        this.#hostOf.delete(change.serverId);
        return;
      case 'migration':
        if (overStatuses.has(change.status)) this.#migrations.delete(change.migration);
        else this.#migrations.set(change.migration, change);
        return;
      default:
        return;
    }
  }

  /** Names of the servers that are on a host, on their way to it, or not yet confirmed to have left it. */
  boundTo(host: string): readonly string[] {
    const there = [...this.#hostOf].filter(([, where]) => where === host).map(([id]) => id);
    const moving = [...this.#migrations.values()]
      .filter(({ from, to }) => from === host || to === host)
      .map(({ serverId }) => serverId);
    return [...new Set([...there, ...moving])].map((id) => this.#names.get(id) ?? id);
  }

  /** Names of the servers on each host. */
  carried(): ReadonlyMap<string, readonly string[]> {
    const carried = new Map<string, string[]>();
    for (const [id, host] of this.#hostOf)
      carried.set(host, [...(carried.get(host) ?? []), this.#names.get(id) ?? id]);
    return carried;
  }
}

/** The servers that were bound to a host at any moment between two times (milliseconds), each with the first such time. */
export function boundDuring(lab: Lab, host: string, from: number, to: number): readonly string[] {
  const moment = new Moment();
  const changes = lab.changes();
  const before = changes.filter(({ at }) => at < from);
  const during = changes.filter(({ at }) => at >= from && at <= to);
  before.forEach((change) => moment.apply(change));
  const seen = new Set(moment.boundTo(host));
  for (const change of during) {
    moment.apply(change);
    for (const name of moment.boundTo(host)) seen.add(name);
  }
  return [...seen];
}

/** The hosts that ever carried two servers whose names begin so at the same time. */
export function hostsSharedBy(lab: Lab, prefix: string): readonly string[] {
  const moment = new Moment();
  const shared = new Set<string>();
  for (const change of lab.changes()) {
    moment.apply(change);
    for (const [host, names] of moment.carried())
      if (names.filter((name) => name.startsWith(prefix)).length > 1) shared.add(host);
  }
  return [...shared];
}

/** Every arrival of a server on another host. */
export function movesOf(lab: Lab): readonly MovedChange[] {
  return lab.changes().filter((change): change is MovedChange => change.type === 'server.moved');
}

/** The migrations that Nova took on, as `server from host: status`. */
export function migrationsOf(lab: Lab): readonly string[] {
  return lab.cloud.migrations.map(({ serverId, source, status }) => `${serverId} from ${source}: ${status}`);
}

/** How often Nova was called by this name and took it on. */
export function acceptedCalls(lab: Lab, name: string): number {
  return lab.calls().filter((call) => call.name === name && call.status !== null && call.status < 300).length;
}
