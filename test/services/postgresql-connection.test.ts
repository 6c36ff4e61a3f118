/** What becomes of our connections when PostgreSQL ends them, as it does at its restart. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { openDatabase } from '../../db/connection.ts';

const serverUrl = process.env.FENIX_TEST_POSTGRESQL_URL;
if (serverUrl === undefined) {
  throw new Error(
    'FENIX_TEST_POSTGRESQL_URL is not set: run this through scripts/services/with-postgresql.sh',
  );
}

it('a connection that the server ended while idle is told of and replaced', async () => {
  const troubles: string[] = [];
  const database = await openDatabase(serverUrl, (message) => troubles.push(message));
  onTestFinished(() => database.close());
  const other = await openDatabase(serverUrl);
  onTestFinished(() => other.close());

  const backend = async (): Promise<number> => {
    const { rows } = await database.knex.raw<{ rows: { pid: number }[] }>('select pg_backend_pid() as pid');
    return rows[0]!.pid;
  };
  const ended = await backend();
  expect(await backend()).toBe(ended);
  await other.knex.raw('select pg_terminate_backend(?)', [ended]);
  await vi.waitFor(async () => expect(await backend()).not.toBe(ended));
  expect(troubles.join()).toMatch(/Connection Error/);
});
