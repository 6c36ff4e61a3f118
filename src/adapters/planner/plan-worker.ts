/** What runs in the thread of `WorkerPlanner`: plans one campaign and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Campaign } from '../../domain/planner/campaign.ts';
import { planCampaign } from '../../domain/planner/plan-campaign.ts';

parentPort?.postMessage(planCampaign(workerData as Campaign));
