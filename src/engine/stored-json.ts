/** JSON that keeps infinite numbers: a limit may be none, and what waits for something broken waits for ever. */
import { v4 } from 'uuid';

/** Stands for infinity until the text is made; nobody can have put it into a text of his own. */
const infinity = v4();

/** The value as JSON text that `JSON.parse` reads back: it takes a number that is too large for infinity, but writes null for that. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (inner === Infinity ? infinity : inner));
  return text.replaceAll(`"${infinity}"`, '1e999');
}
