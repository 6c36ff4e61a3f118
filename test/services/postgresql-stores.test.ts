/**
 * The stores on PostgreSQL, by the same contracts as on SQLite. `FENIX_TEST_POSTGRESQL_URL` names a database in which
 * schemas may be made (scripts/services/with-postgresql.sh starts a server and sets it). Each test has a schema.
 */
import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../db/connection.ts';
import { migrate } from '../../db/migrate.ts';
import { describeAlarmStoreContract } from '../contract/stores/alarm-store.contract.ts';
import { describeConstraintStoreContract } from '../contract/stores/constraint-store.contract.ts';
import { openUntilTestEnds } from '../contract/stores/fresh-database.ts';
import {
  describeJournalContract,
  describeSharedJournalContract,
} from '../contract/stores/journal.contract.ts';
import { describeMigrateContract } from '../contract/stores/migrate.contract.ts';

const serverUrl = process.env.FENIX_TEST_POSTGRESQL_URL;
if (serverUrl === undefined) {
  throw new Error(
    'FENIX_TEST_POSTGRESQL_URL is not set: run this through scripts/services/with-postgresql.sh',
  );
}

async function freshSchemaUrl(): Promise<string> {
  const schema = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(`create schema ${schema}`);
  onTestFinished(() => onServer(`drop schema ${schema} cascade`));
  const url = new URL(serverUrl!);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return url.href;
}

async function onServer(statement: string): Promise<void> {
  const server = await openDatabase(serverUrl!);
  try {
    await server.knex.raw(statement);
  } finally {
    await server.close();
  }
}

const freshSchema = async () => {
  const database = await openUntilTestEnds(await freshSchemaUrl());
  await migrate(database);
  return database;
};

describeMigrateContract('PostgreSQL', freshSchemaUrl);
describeJournalContract('PostgreSQL', freshSchema);
describeConstraintStoreContract('PostgreSQL', freshSchema);
describeAlarmStoreContract('PostgreSQL', freshSchema);
describeSharedJournalContract('PostgreSQL', async () => {
  const url = await freshSchemaUrl();
  const databases = [await openUntilTestEnds(url), await openUntilTestEnds(url)] as const;
  await migrate(databases[0]);
  return databases;
});
