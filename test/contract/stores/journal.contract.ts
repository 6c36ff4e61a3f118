import { describe, expect, it } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { SqlJournal } from '../../../db/journal-store.ts';
import type { SessionEvent } from '../../../src/domain/session-event.ts';
import { JournalConflict } from '../../../src/engine/ports.ts';
import type { OpenFresh } from './fresh-database.ts';

const created = (sessionId: string): SessionEvent => ({
  type: 'session_created',
  sessionId,
  request: { workflow: 'default', hosts: ['compute-1'], maintenanceAt: 1_800_000_000_000, metadata: {} },
});
const chosen = (host: string): SessionEvent => ({ type: 'host_chosen', host });
const deletion: SessionEvent = { type: 'deletion_requested' };
const closing: SessionEvent = { type: 'session_closed' };
const now = 1_795_000_000_123;

/** What every Journal must do, whichever database holds it. */
export function describeJournalContract(name: string, open: OpenFresh): void {
  const openJournal = async (): Promise<SqlJournal> => new SqlJournal(await open());

  describe(`Journal on ${name}`, () => {
    describe('writing and reading', () => {
      it('numbers the events of a session from 1 without a gap', async () => {
        const journal = await openJournal();
        const first = await journal.create('a', now, [
          created('a'),
          { type: 'state_entered', state: 'MAINTENANCE' },
        ]);
        const second = await journal.append('a', now + 1, [chosen('compute-1')]);
        expect(first.map(({ sequence }) => sequence)).toEqual([1, 2]);
        expect(second).toEqual([{ sequence: 3, at: now + 1, event: chosen('compute-1') }]);
        expect(await journal.read('a')).toEqual([...first, ...second]);
      });

      it('gives back every value as it was stored', async () => {
        const journal = await openJournal();
        const event: SessionEvent = {
          type: 'command_issued',
          commandId: 'c-1',
          command: {
            kind: 'notify_project',
            projectId: 'p',
            state: 'MAINTENANCE',
            allowedActions: [],
            actionsAt: null,
            replyAt: 4_102_444_800_999,
            metadata: {
              text: 'quote " backslash \\ nul \u0000 umlaut ü emoji 🛠 lone \ud800',
              list: [1.5, true],
            },
          },
        };
        await journal.create('a', now, [event]);
        const [entry] = await journal.read('a');
        expect(entry).toEqual({ sequence: 1, at: now, event });
        expect(typeof entry?.at).toBe('number');
      });

      it('reads only what came after a sequence', async () => {
        const journal = await openJournal();
        await journal.create('a', now, [created('a'), chosen('h1'), chosen('h2')]);
        expect((await journal.read('a', 1)).map(({ sequence }) => sequence)).toEqual([2, 3]);
        expect(await journal.read('a', 3)).toEqual([]);
        expect(await journal.read('nobody')).toEqual([]);
      });

      it('takes many events in one append', async () => {
        const journal = await openJournal();
        const events = Array.from({ length: 1_234 }, (_, index) => chosen(`host-${index}`));
        await journal.create('a', now, events);
        const appended = await journal.append('a', now, events, 1_234);
        expect(appended.at(-1)?.sequence).toBe(2_468);
        expect((await journal.read('a')).map(({ sequence }) => sequence)).toEqual(
          Array.from({ length: 2_468 }, (_, index) => index + 1),
        );
      });

      it('keeps sessions apart', async () => {
        const journal = await openJournal();
        await journal.create('a', now, [created('a')]);
        await journal.create('b', now, [created('b')]);
        await journal.append('a', now, [chosen('h')], 1);
        expect(await journal.read('b')).toHaveLength(1);
      });

      it('names session and sequence of an event of unknown type', async () => {
        const database = await open();
        const journal = new SqlJournal(database);
        await journal.create('a', now, [created('a'), chosen('h')]);
        await database.knex('journal').where({ sequence: 2 }).update({ type: 'host_painted' });
        await expect(journal.read('a')).rejects.toThrow(/event 2 of session a .*host_painted/);
      });

      it('names session and sequence of an event in a newer format', async () => {
        const database = await open();
        const journal = new SqlJournal(database);
        await journal.create('a', now, [created('a')]);
        await database.knex('journal').update({ event: '{"version":2,"value":{}}' });
        await expect(journal.read('a')).rejects.toThrow(/event 1 of session a .*format 2/);
      });
    });

    describe('conditions', () => {
      it('refuses a second session of the same id', async () => {
        const journal = await openJournal();
        await journal.create('a', now, [created('a')]);
        await expect(journal.create('a', now, [created('a')])).rejects.toThrow(JournalConflict);
        expect(await journal.read('a')).toHaveLength(1);
      });

      it('refuses an append to a session that does not exist', async () => {
        const journal = await openJournal();
        await expect(journal.append('a', now, [deletion])).rejects.toThrow(JournalConflict);
        await expect(journal.append('a', now, [deletion], 0)).rejects.toThrow(JournalConflict);
      });

      it('refuses an append whose expected sequence is not the last, and stores nothing of it', async () => {
        const journal = await openJournal();
        await journal.create('a', now, [created('a'), chosen('h1')]);
        await expect(journal.append('a', now, [deletion, closing], 1)).rejects.toThrow(JournalConflict);
        await expect(journal.append('a', now, [deletion, closing], 3)).rejects.toThrow(JournalConflict);
        expect(await journal.read('a')).toHaveLength(2);
        expect(await journal.openSessionIds()).toEqual(['a']);
      });

      it('lets exactly one of 50 conditional appends win each sequence', async () => {
        const journal = await openJournal();
        await journal.create('a', now, [created('a')]);
        for (const expected of [1, 2, 3]) {
          const outcomes = await Promise.allSettled(
            Array.from({ length: 50 }, (_, index) =>
              journal.append('a', now, [chosen(`host-${index}`)], expected),
            ),
          );
          const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
          const lost = outcomes.flatMap((outcome): unknown[] =>
            outcome.status === 'rejected' ? [outcome.reason] : [],
          );
          expect(won).toHaveLength(1);
          expect(lost.every((reason) => reason instanceof JournalConflict)).toBe(true);
          expect(await journal.read('a', expected)).toEqual(won[0]);
        }
      });

      it('gives 50 unconditional appends distinct sequences without a gap', async () => {
        const journal = await openJournal();
        await journal.create('a', now, [created('a')]);
        const appended = await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            journal.append('a', now, [chosen(`host-${index}`), chosen(`twin-${index}`)]),
          ),
        );
        const stored = await journal.read('a', 1);
        expect(stored.map(({ sequence }) => sequence)).toEqual(
          Array.from({ length: 100 }, (_, index) => index + 2),
        );
        expect(appended.flat().toSorted((a, b) => a.sequence - b.sequence)).toEqual(stored);
      });
    });

    describe('open sessions', () => {
      it('lists all that are not both deleted and closed, oldest first', async () => {
        const journal = await openJournal();
        for (const id of ['z', 'deleted', 'closed', 'a', 'both', 'both-at-once']) {
          await journal.create(id, now, [created(id)]);
        }
        await journal.append('deleted', now, [deletion]);
        await journal.append('closed', now, [closing]);
        await journal.append('both', now, [deletion]);
        await journal.append('both', now, [closing]);
        await journal.append('both-at-once', now, [deletion, closing]);
        expect(await journal.openSessionIds()).toEqual(['z', 'deleted', 'closed', 'a']);
      });
    });

    describe('purge', () => {
      it('removes what was deleted and closed before the time, and nothing else', async () => {
        const journal = await openJournal();
        for (const id of ['old', 'late-close', 'open', 'deleted'])
          await journal.create(id, now, [created(id)]);
        await journal.append('old', now + 10, [deletion, closing]);
        await journal.append('late-close', now + 10, [deletion]);
        await journal.append('late-close', now + 30, [closing]);
        await journal.append('deleted', now + 10, [deletion]);
        expect(await journal.purge(now + 10)).toBe(0);
        expect(await journal.purge(now + 20)).toBe(1);
        expect(await journal.read('old')).toEqual([]);
        expect(await journal.read('late-close')).toHaveLength(3);
        expect(await journal.openSessionIds()).toEqual(['open', 'deleted']);
        expect(await journal.purge(now + 40)).toBe(1);
        expect(await journal.purge(now + 40)).toBe(0);
      });

      it('counts from the first deletion, not from a repeated one', async () => {
        const journal = await openJournal();
        await journal.create('a', now, [created('a'), deletion, closing]);
        await journal.append('a', now + 100, [deletion]);
        expect(await journal.purge(now + 50)).toBe(1);
      });
    });

    describe('leases', () => {
      const ready = async (): Promise<SqlJournal> => {
        const journal = await openJournal();
        await journal.create('a', now, [created('a')]);
        return journal;
      };

      it('gives the lease to one owner until it lapses', async () => {
        const journal = await ready();
        expect(await journal.acquireLease('a', 'one', now, now + 10)).toBe(true);
        expect(await journal.acquireLease('a', 'two', now + 9, now + 19)).toBe(false);
        expect(await journal.acquireLease('a', 'two', now + 10, now + 20)).toBe(true);
        expect(await journal.acquireLease('a', 'one', now + 11, now + 21)).toBe(false);
      });

      it('lets the owner renew, also after a lapse that nobody used', async () => {
        const journal = await ready();
        expect(await journal.acquireLease('a', 'one', now, now + 10)).toBe(true);
        expect(await journal.acquireLease('a', 'one', now + 5, now + 15)).toBe(true);
        expect(await journal.acquireLease('a', 'two', now + 12, now + 22)).toBe(false);
        expect(await journal.acquireLease('a', 'one', now + 50, now + 60)).toBe(true);
      });

      it('counts for nothing where it was taken before the clock was set back by hours', async () => {
        const journal = await ready();
        expect(await journal.acquireLease('a', 'one', now, now + 10)).toBe(true);
        expect(await journal.acquireLease('a', 'two', now - 90, now - 80)).toBe(false);
        expect(await journal.acquireLease('a', 'two', now - 5_000, now - 4_990)).toBe(true);
      });

      it('is given back by its owner only', async () => {
        const journal = await ready();
        await journal.acquireLease('a', 'one', now, now + 10);
        await journal.releaseLease('a', 'two');
        expect(await journal.acquireLease('a', 'two', now, now + 10)).toBe(false);
        await journal.releaseLease('a', 'one');
        expect(await journal.acquireLease('a', 'two', now, now + 10)).toBe(true);
      });

      it('goes to exactly one of 20 that ask at once', async () => {
        const journal = await ready();
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            journal.acquireLease('a', `owner-${index}`, now, now + 10),
          ),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
      });

      it('is refused for a session that does not exist', async () => {
        const journal = await ready();
        expect(await journal.acquireLease('nobody', 'one', now, now + 10)).toBe(false);
      });

      it('leaves the journal free to everyone: facts append without a lease', async () => {
        const journal = await ready();
        await journal.acquireLease('a', 'one', now, now + 10);
        expect(await journal.append('a', now, [chosen('h')])).toHaveLength(1);
      });
    });
  });
}

/** Two journals on one database, as two servers have: each has its own connections. */
export function describeSharedJournalContract(
  name: string,
  openTwo: () => Promise<readonly [Database, Database]>,
): void {
  describe(`Journal on ${name}, shared by two servers`, () => {
    it('lets one win each conditional append and loses no unconditional one', async () => {
      const journals = (await openTwo()).map((database) => new SqlJournal(database));
      await journals[0]!.create('a', now, [created('a')]);
      const conditional = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          journals[index % 2]!.append('a', now, [chosen(`decided-${index}`)], 1),
        ),
      );
      expect(conditional.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of conditional) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(JournalConflict);
      }
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          journals[index % 2]!.append('a', now, [chosen(`fact-${index}`)]),
        ),
      );
      const sequences = (await journals[1]!.read('a')).map(({ sequence }) => sequence);
      expect(sequences).toEqual(Array.from({ length: 52 }, (_, index) => index + 1));
    });

    it('gives the lease to one of them', async () => {
      const journals = (await openTwo()).map((database) => new SqlJournal(database));
      await journals[0]!.create('a', now, [created('a')]);
      const answers = await Promise.all(
        journals.map((journal, index) => journal.acquireLease('a', `server-${index}`, now, now + 10)),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
    });
  });
}
