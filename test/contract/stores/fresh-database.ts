import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../../db/connection.ts';
import { migrate } from '../../../db/migrate.ts';

/** Opens an empty, migrated database for the running test; it is closed and removed when the test is finished. */
export type OpenFresh = () => Promise<Database>;

export async function openUntilTestEnds(url: string): Promise<Database> {
  const database = await openDatabase(url);
  onTestFinished(() => database.close());
  return database;
}

export const freshInMemory: OpenFresh = async () => {
  const database = await openUntilTestEnds('sqlite::memory:');
  await migrate(database);
  return database;
};

/** The URL of a file that does not exist yet, in a folder that goes when the test is finished. */
export async function freshFileUrl(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fenix-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return `sqlite://${join(folder, 'fenix.sqlite')}`;
}

export const freshFile: OpenFresh = async () => {
  const database = await openUntilTestEnds(await freshFileUrl());
  await migrate(database);
  return database;
};
