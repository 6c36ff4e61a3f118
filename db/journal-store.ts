import type { Knex } from 'knex';
import type { SessionEvent } from '../src/domain/session-event.ts';
import { JournalConflict, type Journal, type JournalEntry } from '../src/engine/ports.ts';
import { decodeJson, encodeJson, toInteger, type StoredInteger } from './codec.ts';
import type { Database } from './connection.ts';
import { ConstraintViolation, translateDriverError } from './errors.ts';

interface SessionRow {
  readonly session_id: string;
  readonly created_at: StoredInteger;
  readonly last_sequence: number;
  readonly deleted_at: StoredInteger | null;
  readonly closed_at: StoredInteger | null;
  readonly lease_owner: string | null;
  readonly lease_expires_at: StoredInteger | null;
}

interface JournalRow {
  readonly session_id: string;
  readonly sequence: number;
  readonly at: StoredInteger;
  readonly type: string;
  readonly event: string;
}

/** SQLite writes an insert of many rows as a compound select, and takes at most 500 terms in one. */
const rowsPerInsert = 100;

/** A lease that ends further ahead than so many leases was taken before the clock was set back: its owner is gone. */
const implausibleLeases = 10;

/** Every type of event, complete by type: a journal that holds another one was written by a newer program. */
const knownTypes: Readonly<Record<SessionEvent['type'], true>> = {
  session_created: true,
  state_entered: true,
  host_chosen: true,
  command_issued: true,
  move_baselined: true,
  plugin_started: true,
  plugin_reported: true,
  command_retried: true,
  command_succeeded: true,
  command_failed: true,
  reply_received: true,
  host_maintenance_started: true,
  host_maintenance_finished: true,
  phase_entered: true,
  host_admitted: true,
  host_skipped: true,
  constraint_registered: true,
  constraint_withdrawn: true,
  session_controlled: true,
  session_continued: true,
  clock_jumped: true,
  deletion_requested: true,
  session_closed: true,
};

/**
 * The journals of all sessions in SQL. The row of a session holds its last sequence number: raising it is what decides
 * between two that append at once. Each transaction begins with a write, so that SQLite never has to turn a read lock
 * into a write lock, which fails instead of waiting.
 */
export class SqlJournal implements Journal {
  readonly #knex: Knex;

  constructor(database: Database) {
    this.#knex = database.knex;
  }

  /** @throws JournalConflict when the session exists already. */
  async create(
    sessionId: string,
    at: number,
    events: readonly SessionEvent[],
  ): Promise<readonly JournalEntry[]> {
    const entries = numbered(events, at, 0);
    try {
      await this.#knex.transaction(async (transaction) => {
        await transaction<SessionRow>('sessions').insert({
          session_id: sessionId,
          created_at: at,
          last_sequence: entries.length,
          deleted_at: events.some(isDeletion) ? at : null,
          closed_at: events.some(isClosing) ? at : null,
        });
        await insertEntries(transaction, sessionId, entries);
      });
    } catch (error) {
      const translated = translateDriverError(error);
      if (translated instanceof ConstraintViolation && translated.rule === 'unique') {
        throw new JournalConflict(`session ${sessionId} exists already`, { cause: error });
      }
      throw translated;
    }
    return entries;
  }

  async append(
    sessionId: string,
    at: number,
    events: readonly SessionEvent[],
    expectedSequence?: number,
  ): Promise<readonly JournalEntry[]> {
    return this.#knex.transaction(async (transaction) => {
      const updated = await transaction<SessionRow>('sessions')
        .where(expectedSequence === undefined ? {} : { last_sequence: expectedSequence })
        .where({ session_id: sessionId })
        .update({
          last_sequence: transaction.raw('last_sequence + ?', [events.length]),
          ...(events.some(isDeletion) && { deleted_at: transaction.raw('coalesce(deleted_at, ?)', [at]) }),
          ...(events.some(isClosing) && { closed_at: transaction.raw('coalesce(closed_at, ?)', [at]) }),
        })
        .returning('last_sequence');
      const [session] = updated;
      if (session === undefined) throw conflict(sessionId, expectedSequence);
      const entries = numbered(events, at, session.last_sequence - events.length);
      await insertEntries(transaction, sessionId, entries);
      return entries;
    });
  }

  /** @throws Error when an event is of a type or format that this program does not know. */
  async read(sessionId: string, after = 0): Promise<readonly JournalEntry[]> {
    const rows = await this.#knex<JournalRow>('journal')
      .where({ session_id: sessionId })
      .where('sequence', '>', after)
      .orderBy('sequence')
      .select('session_id', 'sequence', 'at', 'type', 'event');
    return rows.map(toEntry);
  }

  async openSessionIds(): Promise<readonly string[]> {
    const rows = await this.#knex<SessionRow>('sessions')
      .whereNull('deleted_at')
      .orWhereNull('closed_at')
      .orderBy('position')
      .select('session_id');
    return rows.map((row) => row.session_id);
  }

  async acquireLease(sessionId: string, owner: string, now: number, expiresAt: number): Promise<boolean> {
    const updated = await this.#knex<SessionRow>('sessions')
      .where({ session_id: sessionId })
      .where((free) => {
        void free
          .whereNull('lease_owner')
          .orWhere({ lease_owner: owner })
          .orWhere('lease_expires_at', '<=', now)
          .orWhere('lease_expires_at', '>', expiresAt + implausibleLeases * (expiresAt - now));
      })
      .update({ lease_owner: owner, lease_expires_at: expiresAt });
    return updated === 1;
  }

  async releaseLease(sessionId: string, owner: string): Promise<void> {
    await this.#knex<SessionRow>('sessions')
      .where({ session_id: sessionId, lease_owner: owner })
      .update({ lease_owner: null, lease_expires_at: null });
  }

  /** One session after the other, so that no statement holds the database for long. */
  async purge(time: number): Promise<number> {
    const rows = await this.#knex<SessionRow>('sessions')
      .where('deleted_at', '<', time)
      .where('closed_at', '<', time)
      .select('session_id');
    let purged = 0;
    for (const row of rows) {
      purged += await this.#knex<SessionRow>('sessions').where({ session_id: row.session_id }).delete();
    }
    return purged;
  }
}

function isDeletion(event: SessionEvent): boolean {
  return event.type === 'deletion_requested';
}

function isClosing(event: SessionEvent): boolean {
  return event.type === 'session_closed';
}

function numbered(events: readonly SessionEvent[], at: number, after: number): readonly JournalEntry[] {
  return events.map((event, index) => ({ sequence: after + index + 1, at, event }));
}

function conflict(sessionId: string, expectedSequence: number | undefined): JournalConflict {
  return new JournalConflict(
    expectedSequence === undefined
      ? `session ${sessionId} does not exist`
      : `${expectedSequence} is not the last event of session ${sessionId}, or the session does not exist`,
  );
}

async function insertEntries(
  transaction: Knex.Transaction,
  sessionId: string,
  entries: readonly JournalEntry[],
): Promise<void> {
  const rows = entries.map(({ sequence, at, event }): JournalRow => {
    return { session_id: sessionId, sequence, at, type: event.type, event: encodeJson(event) };
  });
  for (let start = 0; start < rows.length; start += rowsPerInsert) {
    await transaction<JournalRow>('journal').insert(rows.slice(start, start + rowsPerInsert));
  }
}

function toEntry(row: JournalRow): JournalEntry {
  const where = `event ${row.sequence} of session ${row.session_id}`;
  if (!Object.hasOwn(knownTypes, row.type)) {
    throw new Error(`${where} is of the unknown type ${row.type}: a newer program wrote it, start that one`);
  }
  const event = decodeJson(row.event, where) as SessionEvent;
  return { sequence: row.sequence, at: toInteger(row.at), event };
}
