import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { SqlJournal } from '../../../db/journal-store.ts';
import { migrate } from '../../../db/migrate.ts';
import { freshFileUrl, openUntilTestEnds } from './fresh-database.ts';

it('a SQLite file keeps every append that returned before a kill -9, whole and without a gap', async () => {
  const url = await freshFileUrl();
  const program = fileURLToPath(new URL('append-until-killed.ts', import.meta.url));
  const writer = spawn(process.execPath, ['--import', 'tsx', program, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(writer, 'exit');
  let returned = 0;
  for await (const line of createInterface({ input: writer.stdout })) {
    returned = Number(line);
    if (returned >= 100) writer.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);

  const database = await openUntilTestEnds(url);
  await migrate(database);
  const journal = new SqlJournal(database);
  const entries = await journal.read('a');
  expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1));
  // Each append has two events: both are there or neither.
  expect(entries.length).toBeGreaterThanOrEqual(returned + 1);
  expect(entries.length % 2).toBe(1);
  const [next] = await journal.append('a', 2, [{ type: 'deletion_requested' }], entries.length);
  expect(next?.sequence).toBe(entries.length + 1);
});
