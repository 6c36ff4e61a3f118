import type { Constraint, ConstraintKind } from '../../domain/constraint.ts';
import type { ConstraintFilter, ConstraintStore } from '../../engine/ports.ts';
import type { Call } from '../handler.ts';

/** A list call, of instances or of groups; groups have no `group_id` to ask for. */
export type ListCall = Pick<Call<'listInstanceConstraints'>, 'query' | 'identity' | 'rights'>;
type Query = ListCall['query'];

interface ConstraintPage<K extends ConstraintKind> {
  readonly rows: readonly Extract<Constraint, { kind: K }>[];
  /** The query that gives the next page; undefined on the last one. */
  readonly next: URLSearchParams | undefined;
}

/** So many where the query does not say. */
const defaultLimit = 1000;

/** The rule that lets a list go over all projects. */
const allProjects = 'fenix:constraints:all_projects';

/**
 * A page of constraints: of the project in the query, else of every project for those who may see that, else of the caller's.
 * @throws ApiError 403 which names the rule and what the token lacks
 */
export async function listConstraints<K extends ConstraintKind>(
  constraints: ConstraintStore,
  kind: K,
  query: Query,
  { identity, rights }: Pick<ListCall, 'identity' | 'rights'>,
): Promise<ConstraintPage<K>> {
  const { group_id: groupId, limit = defaultLimit, marker } = query;
  const everything = query.project_id === undefined && rights.has(allProjects);
  const projectId = everything ? undefined : (query.project_id ?? identity.projectId);
  if (projectId !== undefined) rights.require({ project_id: projectId });
  // Without a project of the caller's own and the right to all of them there is nothing to list.
  if (projectId === undefined && !everything) return { rows: [], next: undefined };
  const filter: ConstraintFilter = {
    // One more tells whether there is a next page.
    limit: limit + 1,
    ...(projectId !== undefined && { projectId }),
    ...(groupId !== undefined && { groupId }),
    ...(marker !== undefined && { marker: parseMarker(marker) }),
  };
  const found = (await constraints.list(kind, filter)) as ConstraintPage<K>['rows'];
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const more = last !== undefined && found.length > rows.length;
  return { rows, next: more ? nextQuery(query, `${last.projectId}:${last.id}`) : undefined };
}

/** The contract has checked its form. */
function parseMarker(marker: string): { projectId: string; id: string } {
  const [projectId = '', id = ''] = marker.split(':');
  return { projectId, id };
}

function nextQuery(query: Query, marker: string): URLSearchParams {
  return new URLSearchParams(
    Object.entries({ ...query, marker }).map(([key, value]): [string, string] => [key, String(value)]),
  );
}
