import { Worker } from 'node:worker_threads';
import type { Campaign } from '../../domain/planner/campaign.ts';
import type { Plan } from '../../domain/planner/plan.ts';
import { plannerInProcess } from '../../engine/planner-in-process.ts';
import type { Planner } from '../../engine/plan-ports.ts';

/** Up to here a plan takes a few milliseconds, less than a thread takes to start. */
const instancesOnTheSpot = 24;

/**
 * Plans in a thread of its own, so that requests and sessions are not held up; one plan at a time, the others wait. The thread
 * ends with its plan: a large one leaves no memory behind.
 */
export class WorkerPlanner implements Planner {
  #last: Promise<unknown> = Promise.resolve();

  async plan(campaign: Campaign, signal: AbortSignal): Promise<Plan> {
    signal.throwIfAborted();
    if (campaign.instances.length <= instancesOnTheSpot) return plannerInProcess.plan(campaign, signal);
    const turn = this.#last.then(() => planInThread(campaign, signal));
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** @throws the signal's reason when it aborts: the thread is ended then */
async function planInThread(campaign: Campaign, signal: AbortSignal): Promise<Plan> {
  signal.throwIfAborted();
  const worker = startThread(campaign);
  const end = () => void worker.terminate();
  signal.addEventListener('abort', end, { once: true });
  try {
    return await new Promise<Plan>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the planner ended with ${code} and without a plan`)));
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
    await worker.terminate();
  }
}

/** Its options are its own: those of this process, such as a debugger's, are not for it. */
function startThread(campaign: Campaign): Worker {
  const options = { workerData: campaign, execArgv: [] };
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./plan-worker.js', import.meta.url), options);
  // From the sources: a thread does not inherit the loader that reads TypeScript.
  const loader = import.meta.resolve('tsx/esm/api');
  const file = new URL('./plan-worker.ts', import.meta.url).href;
  const begin = `import('${loader}').then(({ register }) => (register(), import('${file}')));`;
  return new Worker(begin, { ...options, eval: true });
}
