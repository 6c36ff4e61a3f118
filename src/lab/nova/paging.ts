import type { NovaContext } from './nova-context.ts';
import { badRequest } from './nova-error.ts';

/** Most that Nova returns at once. */
const mostPerPage = 1000;

export interface Page<Thing> {
  readonly items: readonly Thing[];
  /** The address of the next page; absent when this one was not full. */
  readonly next?: string;
}

/**
 * Cuts a page out of a list by `limit` and `marker`.
 * @param path of the list below /v2.1, for the link to the next page
 * @throws NovaError 400 for a limit that is no number, or a marker that is not in the list
 */
export function page<Thing>(
  context: NovaContext,
  path: string,
  list: readonly Thing[],
  idOf: (thing: Thing) => string,
): Page<Thing> {
  const { query } = context.call;
  const asked = query.get('limit');
  if (asked !== null && !/^\d+$/.test(asked)) {
    throw badRequest(
      `Invalid input for query parameters limit. Value: ${asked}. '${asked}' does not match '^[0-9]*$'`,
    );
  }
  const marker = query.get('marker');
  const position = marker === null ? -1 : list.findIndex((thing) => idOf(thing) === marker);
  if (marker !== null && position < 0) throw badRequest(`marker [${marker}] not found`);
  const limit = Math.min(asked === null || asked === '0' ? mostPerPage : Number(asked), mostPerPage);
  const items = list.slice(position + 1, position + 1 + limit);
  const last = items.at(-1);
  if (last === undefined || items.length < limit) return { items };
  const next = new URLSearchParams(query);
  next.set('marker', idOf(last));
  return { items, next: `${context.base}${path}?${next.toString()}` };
}
