/** Where the data live: what `database.url` may say. */
export type DatabaseLocation =
  | { readonly dialect: 'sqlite'; readonly file: string }
  | { readonly dialect: 'postgresql'; readonly connectionString: string };

const forms =
  'sqlite:///absolute/path.sqlite, sqlite:relative.sqlite, sqlite::memory: or postgresql://user:password@host/database';

/**
 * Reads a database URL. A relative SQLite path counts from the working directory.
 * @throws Error when it has none of the known forms; the message does not repeat the URL, which may hold a password.
 */
export function parseDatabaseUrl(url: string): DatabaseLocation {
  if (/^postgres(ql)?:\/\//.test(url)) return { dialect: 'postgresql', connectionString: url };
  const file = sqliteFile(url);
  if (file === undefined || file === '') throw new Error(`a database URL is one of ${forms}`);
  return { dialect: 'sqlite', file };
}

function sqliteFile(url: string): string | undefined {
  if (!url.startsWith('sqlite:')) return undefined;
  const path = url.slice('sqlite:'.length);
  if (!path.startsWith('//')) return path;
  // Two slashes and then no third would name a host, as in sqlite://fenix.sqlite: a slip, not a path.
  return path.startsWith('///') ? path.slice(2) : undefined;
}

/** The location in words for a message: without user, password and query. */
export function describeLocation(location: DatabaseLocation): string {
  if (location.dialect === 'sqlite') return `SQLite ${location.file}`;
  try {
    const { hostname, port, pathname } = new URL(location.connectionString);
    return `PostgreSQL ${hostname}${port === '' ? '' : `:${port}`}${pathname}`;
  } catch {
    return 'PostgreSQL';
  }
}
