/** The limits that applications registered, page by page. */
import { dataOf, type MaintenanceClient } from './maintenance-client.ts';
import type { components, operations } from './openapi.ts';

export type InstanceConstraint = components['schemas']['InstanceConstraint'];
export type InstanceGroupConstraint = components['schemas']['InstanceGroupConstraint'];

/** Whose, which, and how many on a page. Without a project: the own one's, or all of them for an admin. */
export type ConstraintFilter = Omit<
  NonNullable<operations['listInstanceConstraints']['parameters']['query']>,
  'marker'
>;

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** The constraints of instances; asks for further pages as they are needed. @throws ApiError */
export function instanceConstraints(
  client: MaintenanceClient,
  filter: ConstraintFilter = {},
): AsyncGenerator<InstanceConstraint, void> {
  return rows(async (marker) =>
    dataOf(await client.GET('/v1/instance', { params: { query: { ...filter, ...marker } } })),
  );
}

/** The constraints of groups; asks for further pages as they are needed. @throws ApiError */
export function instanceGroupConstraints(
  client: MaintenanceClient,
  filter: Omit<ConstraintFilter, 'group_id'> = {},
): AsyncGenerator<InstanceGroupConstraint, void> {
  return rows(async (marker) =>
    dataOf(await client.GET('/v1/instance_group', { params: { query: { ...filter, ...marker } } })),
  );
}

/** The address of the next page is read for its marker alone: the server may know itself by another than the client does. */
async function* rows<T>(ask: (marker: { marker?: string }) => Promise<Page<T>>): AsyncGenerator<T, void> {
  let marker: { marker?: string } | undefined = {};
  while (marker !== undefined) {
    const { items, next }: Page<T> = await ask(marker);
    yield* items;
    const after: string | null = next === null ? null : new URL(next).searchParams.get('marker');
    marker = after === null ? undefined : { marker: after };
  }
}
