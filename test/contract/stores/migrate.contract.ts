import { describe, expect, it } from 'vitest';
import { migrate } from '../../../db/migrate.ts';
import { openUntilTestEnds } from './fresh-database.ts';

/** What `migrate` must do on a database that several processes can open. `freshUrl` names an empty one. */
export function describeMigrateContract(name: string, freshUrl: () => Promise<string>): void {
  describe(`migrate on ${name}`, () => {
    it('makes every table, and does nothing the second time', async () => {
      const database = await openUntilTestEnds(await freshUrl());
      await migrate(database);
      const done = await database.knex('knex_migrations');
      await migrate(database);
      for (const table of ['sessions', 'journal', 'constraints', 'alarms', 'alarm_deliveries']) {
        expect(await database.knex.schema.hasTable(table)).toBe(true);
      }
      expect(await database.knex('knex_migrations')).toEqual(done);
    });

    it('is safe when several servers start at once', async () => {
      const url = await freshUrl();
      // Three, because waiting for SQLite's lock takes one of Node's four threads each, and the holder needs one too.
      const databases = await Promise.all(Array.from({ length: 3 }, () => openUntilTestEnds(url)));
      await Promise.all(databases.map(migrate));
      const names = (await databases[0]!.knex('knex_migrations').pluck('name')) as readonly string[];
      expect(names).toContain('0001-first-tables');
      expect(new Set(names).size).toBe(names.length);
      expect(await databases[0]!.knex('knex_migrations_lock').pluck('is_locked')).toEqual([0]);
    });

    it('refuses a database that a newer program migrated', async () => {
      const database = await openUntilTestEnds(await freshUrl());
      await migrate(database);
      await database.knex('knex_migrations').insert({ name: '9999-from-the-future', batch: 2 });
      await expect(migrate(database)).rejects.toThrow(/newer version.*9999-from-the-future/);
    });
  });
}
