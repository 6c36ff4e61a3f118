import { JournalConflict, type Journal, type JournalEntry } from '../engine/ports.ts';
import { toJson } from '../engine/stored-json.ts';
import type { SessionEvent } from '../domain/session-event.ts';

/** A journal in memory. */
export class MemoryJournal implements Journal {
  readonly #entries = new Map<string, JournalEntry[]>();
  readonly #throughJson: boolean;
  readonly #leases = new Map<string, { owner: string; expiresAt: number }>();

  /** `throughJson`: what comes out is what JSON leaves of what went in, as with a stored journal; dearer. */
  constructor({ throughJson }: { readonly throughJson: boolean }) {
    this.#throughJson = throughJson;
  }

  async create(
    sessionId: string,
    at: number,
    events: readonly SessionEvent[],
  ): Promise<readonly JournalEntry[]> {
    this.#entries.set(sessionId, []);
    return this.append(sessionId, at, events);
  }

  async append(sessionId: string, at: number, events: readonly SessionEvent[], expectedSequence?: number) {
    const entries = this.#entries.get(sessionId);
    if (entries === undefined || (expectedSequence !== undefined && expectedSequence !== entries.length)) {
      throw new JournalConflict();
    }
    const added = events.map((event, index) => ({
      sequence: entries.length + index + 1,
      at,
      event: this.#throughJson ? (JSON.parse(toJson(event)) as SessionEvent) : event,
    }));
    entries.push(...added);
    return Promise.resolve(added);
  }

  read(sessionId: string, after = 0): Promise<readonly JournalEntry[]> {
    return Promise.resolve((this.#entries.get(sessionId) ?? []).slice(after));
  }

  openSessionIds(): Promise<readonly string[]> {
    const closed = (id: string) => this.events(id).some(({ type }) => type === 'session_closed');
    return Promise.resolve([...this.#entries.keys()].filter((id) => !closed(id)));
  }

  acquireLease(sessionId: string, owner: string, now: number, expiresAt: number): Promise<boolean> {
    const lease = this.#leases.get(sessionId);
    const implausible = expiresAt + 10 * (expiresAt - now);
    if (
      lease !== undefined &&
      lease.owner !== owner &&
      lease.expiresAt > now &&
      lease.expiresAt <= implausible
    ) {
      return Promise.resolve(false);
    }
    this.#leases.set(sessionId, { owner, expiresAt });
    return Promise.resolve(true);
  }

  releaseLease(sessionId: string, owner: string): Promise<void> {
    if (this.#leases.get(sessionId)?.owner === owner) this.#leases.delete(sessionId);
    return Promise.resolve();
  }

  purge(): Promise<number> {
    return Promise.resolve(0);
  }

  /** All events of a session, for assertions. */
  events(sessionId: string): readonly SessionEvent[] {
    return (this.#entries.get(sessionId) ?? []).map(({ event }) => event);
  }
}
