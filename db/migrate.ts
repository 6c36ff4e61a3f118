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

async function refuseNewer(transaction: Knex.Transaction): Promise<void> {
  if (!(await transaction.schema.hasTable('knex_migrations'))) return;
  const known = new Set(migrations.map(({ name }) => name));
  const done = await transaction<{ name: string }>('knex_migrations').select('name').orderBy('id');
  const unknown = done.map(({ name }) => name).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Error(
      `the database was migrated by a newer version of this program (${unknown.join(', ')}): start that version`,
    );
  }
}
