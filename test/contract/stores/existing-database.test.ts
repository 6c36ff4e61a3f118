/** A server's database, opened by a program that only reads. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../db/connection.ts';
import { openExistingDatabase } from '../../../db/existing.ts';
import { migrate } from '../../../db/migrate.ts';
import { freshFileUrl } from './fresh-database.ts';

async function withDatabase(work: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<void>) {
  const url = await freshFileUrl();
  const database = await openDatabase(url);
  await work(database);
  await database.close();
  return url;
}

describe('a database that is there', () => {
  it('can be read', async () => {
    const database = await openExistingDatabase(await withDatabase(migrate));
    expect(await database.knex('constraints').select()).toEqual([]);
    await database.close();
  });

  it('is not made where it is not', async () => {
    const url = await freshFileUrl();
    const file = url.replace('sqlite://', '');
    await expect(openExistingDatabase(url)).rejects.toThrow(`there is no database (SQLite ${file})`);
    expect(existsSync(file)).toBe(false);
  });

  it('is not migrated', async () => {
    const url = await withDatabase(async ({ knex }) => {
      await knex.schema.createTable('something_else', (table) => table.increments());
    });
    await expect(openExistingDatabase(url)).rejects.toThrow(
      /it lacks tables of this version: start the server/,
    );
    const database = await openDatabase(url);
    expect(await database.knex.schema.hasTable('constraints')).toBe(false);
    await database.close();
  });

  it('of a newer program is refused', async () => {
    const url = await withDatabase(async (database) => {
      await migrate(database);
      await database.knex('knex_migrations').insert({ name: '9999-later', batch: 2 });
    });
    await expect(openExistingDatabase(url)).rejects.toThrow(/newer version of this program \(9999-later\)/);
  });

  it('in memory is an empty one', async () => {
    const database = await openExistingDatabase('sqlite::memory:');
    expect(await database.knex('constraints').select()).toEqual([]);
    await database.close();
  });
});
