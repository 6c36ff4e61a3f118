/** A planner on the spot, for small clouds: it holds everything else up as long as it plans. */
import { planCampaign } from '../domain/planner/plan-campaign.ts';
import type { Planner } from './plan-ports.ts';

export const plannerInProcess: Planner = {
  plan: (campaign, signal) => {
    signal.throwIfAborted();
    return Promise.resolve(planCampaign(campaign));
  },
};
