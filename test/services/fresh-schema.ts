/**
 * A schema for each test. `FENIX_TEST_POSTGRESQL_URL` names a database in which schemas may be made
 * (scripts/services/with-postgresql.sh starts a server and sets it).
 */
import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../db/connection.ts';

const serverUrl = process.env.FENIX_TEST_POSTGRESQL_URL;
if (serverUrl === undefined) {
  throw new Error(
    'FENIX_TEST_POSTGRESQL_URL is not set: run this through scripts/services/with-postgresql.sh',
  );
}

/** The URL of an empty schema, which goes when the test is finished. */
export async function freshSchemaUrl(): Promise<string> {
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
