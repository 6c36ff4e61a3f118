/** How values stand in the database: the same on SQLite and PostgreSQL. */
import { toJson } from '../src/engine/stored-json.ts';

/** Raised when the stored form of a value changes, so that a newer program can still read the older form. */
const formatVersion = 1;

/**
 * A value as JSON text with the version of its form. Text and not a JSON column: sqlite3 gives such a column back as
 * text and pg as an object, and PostgreSQL's jsonb refuses the character U+0000 that a message may hold.
 */
export function encodeJson(value: unknown): string {
  return toJson({ version: formatVersion, value });
}

/**
 * The value that `encodeJson` stored. Rows are our own, so that their shape is trusted; their version is not.
 * @throws Error naming `where` when a newer program wrote it.
 */
export function decodeJson(text: string, where: string): unknown {
  const stored = JSON.parse(text) as { readonly version: number; readonly value: unknown };
  if (stored.version !== formatVersion) {
    throw new Error(
      `${where} was stored in format ${stored.version}, this program reads format ${formatVersion}: start a newer one`,
    );
  }
  return stored.value;
}

/** A whole number of a bigint column (times in milliseconds): sqlite3 gives a number, pg a string. */
export type StoredInteger = number | string;

export function toInteger(stored: StoredInteger): number {
  return Number(stored);
}
