import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../db/connection.ts';
import { describeLocation, parseDatabaseUrl } from '../../../db/database-url.ts';
import { freshFileUrl, openUntilTestEnds } from './fresh-database.ts';

describe('a database URL', () => {
  it.each([
    ['sqlite:///var/lib/fenix/fenix.sqlite', { dialect: 'sqlite', file: '/var/lib/fenix/fenix.sqlite' }],
    ['sqlite:fenix.sqlite', { dialect: 'sqlite', file: 'fenix.sqlite' }],
    ['sqlite::memory:', { dialect: 'sqlite', file: ':memory:' }],
    ['postgresql://u:p@h/d', { dialect: 'postgresql', connectionString: 'postgresql://u:p@h/d' }],
    ['postgres://h/d', { dialect: 'postgresql', connectionString: 'postgres://h/d' }],
  ])('%s is understood', (url, location) => {
    expect(parseDatabaseUrl(url)).toEqual(location);
  });

  it.each(['', 'sqlite:', 'sqlite://fenix.sqlite', 'fenix.sqlite', 'mysql://root:hunter2@h/d'])(
    '%s is refused, and not repeated in the message',
    (url) => {
      expect(() => parseDatabaseUrl(url)).toThrow(/a database URL is one of sqlite:\/\/\//);
      expect(() => parseDatabaseUrl(url)).not.toThrow(/hunter2/);
    },
  );

  it('is described without user, password and query', () => {
    const location = parseDatabaseUrl('postgresql://fenix:hunter2@db:5433/fenix?password=hunter3');
    expect(describeLocation(location)).toBe('PostgreSQL db:5433/fenix');
  });
});

describe('openDatabase', () => {
  it('says which file cannot be opened', async () => {
    await expect(openDatabase('sqlite:///nowhere/at/all.sqlite')).rejects.toThrow(
      /cannot open the database \(SQLite \/nowhere\/at\/all\.sqlite\): .*SQLITE_CANTOPEN/,
    );
  });

  it('says which server cannot be reached, without the password', async () => {
    const opening = openDatabase('postgresql://fenix:hunter2@127.0.0.1:1/fenix');
    await expect(opening).rejects.toThrow(/PostgreSQL 127\.0\.0\.1:1\/fenix.*ECONNREFUSED/);
    await expect(opening).rejects.not.toThrow(/hunter2/);
  });

  it('sets every SQLite connection as the stores need it', async () => {
    const database = await openUntilTestEnds(await freshFileUrl());
    const pragma = async (name: string): Promise<unknown> => {
      const [row] = await database.knex.raw<Record<string, unknown>[]>(`PRAGMA ${name}`);
      return Object.values(row ?? {})[0];
    };
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('foreign_keys')).toBe(1);
    expect(await pragma('synchronous')).toBe(2);
    expect(await pragma('busy_timeout')).toBe(10_000);
  });
});
