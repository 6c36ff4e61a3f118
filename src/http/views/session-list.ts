/** Which sessions a list shows, in which order: filters, sorting and paging. */
import type { Session } from '../../domain/session.ts';
import type { operations } from '../../sdk/openapi.ts';
import { ApiError } from '../api-error.ts';

type Query = NonNullable<operations['listSessions']['parameters']['query']>;

export interface SessionPage {
  readonly sessions: readonly Session[];
  /** The query that gives the next page; undefined on the last one. */
  readonly next: URLSearchParams | undefined;
}

const sortValues = {
  created_at: (session: Session) => session.createdAt,
  updated_at: (session: Session) => session.updatedAt,
  maintenance_at: (session: Session) => session.request.maintenanceAt,
  state: (session: Session) => session.state,
  workflow: (session: Session) => session.request.workflow,
} as const;

type Order = (a: Session, b: Session) => number;

/**
 * A page begins after the place of its marker in the order, wherever that is by now: a session that was opened meanwhile, or
 * that no longer has the state asked for, makes no other session come twice or not at all.
 * @param sessions all of them, oldest first
 * @throws ApiError 400 when there is no such session as the marker
 */
export function selectSessions(sessions: readonly Session[], query: Query = {}): SessionPage {
  const { marker, limit, sort = [] } = query;
  const order = orderOf(sessions, sort);
  const first = marker === undefined ? undefined : markedSession(sessions, marker);
  const wanted = sessions
    .filter((session) => matches(session, query) && (first === undefined || order(first, session) < 0))
    .toSorted(order);
  const page = wanted.slice(0, limit);
  const last = page.at(-1);
  const more = last !== undefined && page.length < wanted.length;
  return { sessions: page, next: more ? nextQuery(query, last.id) : undefined };
}

function matches(session: Session, { state = [], workflow, host, project_id: projectId }: Query): boolean {
  const { hosts, request } = session;
  return (
    (state.length === 0 || state.includes(session.state)) &&
    (workflow === undefined || request.workflow === workflow) &&
    (host === undefined || request.hosts.includes(host) || hosts.some(({ name }) => name === host)) &&
    (projectId === undefined || Object.hasOwn(session.projects, projectId))
  );
}

/** Sessions that are equal in all that is asked for follow their age. */
function orderOf(sessions: readonly Session[], sort: readonly string[]): Order {
  const ages = new Map(sessions.map(({ id }, index) => [id, index]));
  const keys = sort.map((entry) => {
    const [key = '', direction = 'asc'] = entry.split(':');
    return { value: sortValues[key as keyof typeof sortValues], sign: direction === 'desc' ? -1 : 1 };
  });
  return (a, b) => {
    for (const { value, sign } of keys) {
      const [left, right] = [value(a), value(b)];
      if (left !== right) return left < right ? -sign : sign;
    }
    return (ages.get(a.id) ?? 0) - (ages.get(b.id) ?? 0);
  };
}

function markedSession(sessions: readonly Session[], marker: string): Session {
  const session = sessions.find(({ id }) => id === marker);
  if (session === undefined) throw new ApiError('invalid_query', `marker: there is no session ${marker}.`);
  return session;
}

function nextQuery(query: Query, marker: string): URLSearchParams {
  const entries = Object.entries({ ...query, marker }).flatMap(([key, value]) =>
    [value].flat().map((one): [string, string] => [key, String(one)]),
  );
  return new URLSearchParams(entries);
}
