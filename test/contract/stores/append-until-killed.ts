/**
 * Run as a process of its own by sqlite-survives-kill.test.ts: appends without end, and prints each sequence number
 * once its append has returned.
 */
import { openDatabase } from '../../../db/connection.ts';
import { SqlJournal } from '../../../db/journal-store.ts';
import { migrate } from '../../../db/migrate.ts';

const [url] = process.argv.slice(2);
if (url === undefined) throw new Error('usage: append-until-killed.ts DATABASE_URL');

const database = await openDatabase(url);
await migrate(database);
const journal = new SqlJournal(database);
await journal.create('a', 1, [{ type: 'host_chosen', host: 'h' }]);
for (;;) {
  const [entry] = await journal.append('a', 1, [
    { type: 'host_chosen', host: 'h' },
    { type: 'host_chosen', host: 'twin' },
  ]);
  process.stdout.write(`${entry?.sequence ?? 0}\n`);
}
