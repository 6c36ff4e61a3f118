import { existsSync } from 'node:fs';
import { openDatabase, type Database } from './connection.ts';
import { describeLocation, parseDatabaseUrl } from './database-url.ts';
import { migrate, refuseUnmigrated } from './migrate.ts';

/**
 * Opens the database of a server to read from it: neither is one made where there is none, nor are its tables changed. One in
 * memory is as empty as that of a server that never ran.
 * @throws Error with a message for people where it is not there, cannot be opened, or is of another version of this program
 */
export async function openExistingDatabase(url: string): Promise<Database> {
  const location = parseDatabaseUrl(url);
  const isInMemory = location.dialect === 'sqlite' && location.file === ':memory:';
  if (location.dialect === 'sqlite' && !isInMemory && !existsSync(location.file)) {
    throw new Error(
      `there is no database (${describeLocation(location)}): name the one of the server in database.url; a relative path counts from here`,
    );
  }
  const database = await openDatabase(url);
  try {
    await (isInMemory ? migrate(database) : refuseUnmigrated(database));
    return database;
  } catch (error) {
    await database.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the database (${describeLocation(location)}) cannot be used: ${reason}`, {
      cause: error,
    });
  }
}
