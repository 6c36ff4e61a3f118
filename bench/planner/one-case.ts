/** Plans one campaign, in a process of its own so that its peak of memory is its own, and prints what it cost as JSON. */
import { planCampaign } from '../../src/domain/planner/plan-campaign.ts';
import { benchCampaign } from './cases.ts';

const hosts = Number(process.argv[2]);
const campaign = benchCampaign(hosts, Number(process.argv[3] ?? 1));
const before = performance.now();
const plan = planCampaign(campaign);
const seconds = (performance.now() - before) / 1000;
if (plan.verdict !== 'feasible')
  throw new Error(`the campaign of ${hosts} hosts is not feasible: ${plan.problems[0]?.message}`);
process.stdout.write(
  JSON.stringify({
    hosts,
    instances: campaign.instances.length,
    plan_s: Number(seconds.toFixed(3)),
    makespan_s: plan.makespanSeconds,
    peak_rss_mib: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
