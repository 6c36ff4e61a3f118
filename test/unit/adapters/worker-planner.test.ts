import { describe, expect, it } from 'vitest';
import { WorkerPlanner } from '../../../src/adapters/planner/worker-planner.ts';
import type { Campaign } from '../../../src/domain/planner/campaign.ts';
import { planCampaign } from '../../../src/domain/planner/plan-campaign.ts';
import { campaign, group, host, several } from '../../support/small-campaign.ts';

/** Large enough for a thread of its own. */
const large = (slots = 2): Campaign => {
  const names = Array.from({ length: 12 }, (_, index) => `host-${index}`);
  return campaign(
    [...names.map((name) => host(name)), host('spare')],
    names.flatMap((name) => several(3, name)),
    { groups: [group({ slots })] },
  );
};

const never = new AbortController().signal;

describe('the planner in a thread', () => {
  it('plans as the planner on the spot does, in its turn', async () => {
    const planner = new WorkerPlanner();
    const small = campaign([host('a'), host('b')], several(2, 'a'));
    const campaigns = [large(1), small, large(2)];
    const plans = await Promise.all(campaigns.map((one) => planner.plan(one, never)));
    expect(plans).toEqual(campaigns.map(planCampaign));
  });

  it('breaks off when it is told to, and plans on afterwards', async () => {
    const planner = new WorkerPlanner();
    const stop = new AbortController();
    const first = planner.plan(large(), stop.signal);
    const second = planner.plan(large(), stop.signal);
    stop.abort(new Error('the plan was deleted'));
    await expect(first).rejects.toThrow('the plan was deleted');
    await expect(second).rejects.toThrow('the plan was deleted');
    await expect(planner.plan(large(), stop.signal)).rejects.toThrow('the plan was deleted');
    expect(await planner.plan(large(), never)).toEqual(planCampaign(large()));
  });

  it('says what went wrong in the thread', async () => {
    const broken = { ...large(), streams: undefined } as unknown as Campaign;
    await expect(new WorkerPlanner().plan(broken, never)).rejects.toThrow(/streams|undefined/);
  });
});
