import type { PlanService } from '../../engine/plan-service.ts';
import type { Handlers } from '../handler.ts';
import { parsePlanRequest } from '../parse/plan-request.ts';
import { selectPlans } from '../views/plan-list.ts';
import { planDetail, planRow } from '../views/plan.ts';

/** Plans that are made before a session, for admins. */
export function planHandlers(
  service: PlanService,
  publicUrl: string,
): Pick<Handlers, 'listPlans' | 'createPlan' | 'getPlan' | 'deletePlan'> {
  return {
    listPlans: async ({ query }) => {
      const { plans, next } = selectPlans(await service.list(), query);
      return {
        status: 200,
        body: {
          plans: plans.map(({ id }) => id),
          items: plans.map(planRow),
          next: next === undefined ? null : `${publicUrl}/v1/plan?${next.toString()}`,
        },
      };
    },
    createPlan: async ({ body }) => {
      const { id, status } = await service.create(parsePlanRequest(body));
      return { status: 202, body: { plan_id: id, status } };
    },
    getPlan: async ({ params }) => ({ status: 200, body: planDetail(await service.get(params.plan_id)) }),
    deletePlan: async ({ params }) => {
      await service.delete(params.plan_id);
      return { status: 200, body: {} };
    },
  };
}
