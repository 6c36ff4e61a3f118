/** Which plans a list shows. */
import type { PlanSummary } from '../../engine/plan-ports.ts';
import type { operations } from '../../sdk/openapi.ts';
import { ApiError } from '../api-error.ts';

type Query = NonNullable<operations['listPlans']['parameters']['query']>;

export interface PlanPage {
  readonly plans: readonly PlanSummary[];
  /** The query that gives the next page; undefined on the last one. */
  readonly next: URLSearchParams | undefined;
}

/**
 * A page begins after the plan of its marker, whatever status that has by now.
 * @param plans all of them, oldest first
 * @throws ApiError 400 when there is no such plan as the marker
 */
export function selectPlans(plans: readonly PlanSummary[], { status, limit, marker }: Query): PlanPage {
  const first = marker === undefined ? 0 : plans.findIndex(({ id }) => id === marker) + 1;
  if (marker !== undefined && first === 0) {
    throw new ApiError('invalid_query', `marker: there is no plan ${marker}.`);
  }
  const wanted = plans.slice(first).filter((plan) => status === undefined || plan.status === status);
  const page = wanted.slice(0, limit);
  const last = page.at(-1);
  if (last === undefined || page.length === wanted.length) return { plans: page, next: undefined };
  return {
    plans: page,
    next: new URLSearchParams({
      ...(status !== undefined && { status }),
      ...(limit !== undefined && { limit: String(limit) }),
      marker: last.id,
    }),
  };
}
