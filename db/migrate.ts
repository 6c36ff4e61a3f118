import type { Knex } from 'knex';
import type { Database } from './connection.ts';
import * as firstTables from './migrations/0001-first-tables.ts';
import * as constraintGroups from './migrations/0002-constraint-groups.ts';
import * as plans from './migrations/0003-plans.ts';
import * as planSummaries from './migrations/0004-plan-summaries.ts';

interface NamedMigration extends Knex.Migration {
  readonly name: string;
}

/** Every migration, in order. One that was released is never changed, renamed or removed. */
const migrations: readonly NamedMigration[] = [
  { name: '0001-first-tables', ...firstTables },
  { name: '0002-constraint-groups', ...constraintGroups },
  { name: '0003-plans', ...plans },
  { name: '0004-plan-summaries', ...planSummaries },
];

/**
 * Migrations from the list above. knex's own way, a scan of a folder, would record names that end in .ts under tsx and
 * in .js in the built program, and then find its own record corrupt.
 */
class ListedMigrations implements Knex.MigrationSource<NamedMigration> {
  getMigrations(): Promise<NamedMigration[]> {
    return Promise.resolve([...migrations]);
  }
  getMigrationName(migration: NamedMigration): string {
    return migration.name;
  }
  getMigration(migration: NamedMigration): Promise<Knex.Migration> {
    return Promise.resolve(migration);
  }
}

/** Any number, the same in every process: the key of PostgreSQL's advisory lock. "fenx" in ASCII. */
const lockKey = 0x66656e78;

/**
 * Brings the tables to what this program needs; nothing is done when they are there already. Everything happens in one
 * transaction that first takes a lock of the database: two processes that start at once go one after the other, and
 * one that is killed half-way leaves neither half a table nor a lock behind (knex's own lock is a row that stays).
 * @throws Error when the database was migrated by a newer program.
 */
export async function migrate(database: Database): Promise<void> {
  await database.knex.transaction(async (transaction) => {
    if (database.dialect === 'postgresql') {
      await transaction.raw('select pg_advisory_xact_lock(?)', [lockKey]);
    } else {
      // A write, so that SQLite's write lock is taken before anything is read; it marks the file as ours besides.
      await transaction.raw(`PRAGMA application_id = ${lockKey}`);
    }
    const migrationSource = new ListedMigrations();
    await refuseNewer(transaction);
    await transaction.migrate.latest({ migrationSource });
  });
}

/**
 * For those who only read: changes nothing.
 * @throws Error when the database has not the tables of this program, or was migrated by a newer one.
 */
export async function refuseUnmigrated({ knex }: Database): Promise<void> {
  await refuseNewer(knex);
  const done = new Set(await migrationsDone(knex));
  if (migrations.every(({ name }) => done.has(name))) return;
  throw new Error('it lacks tables of this version: start the server of this version on it first');
}

async function migrationsDone(knex: Knex): Promise<readonly string[]> {
  if (!(await knex.schema.hasTable('knex_migrations'))) return [];
  const done = await knex<{ name: string }>('knex_migrations').select('name').orderBy('id');
  return done.map(({ name }) => name);
}

async function refuseNewer(knex: Knex): Promise<void> {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = (await migrationsDone(knex)).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Error(
      `the database was migrated by a newer version of this program (${unknown.join(', ')}): start that version`,
    );
  }
}
