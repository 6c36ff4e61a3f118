import type { Campaign } from '../domain/planner/campaign.ts';
import { afterScaleIn } from '../domain/scale-in-effect.ts';
import type { Ids } from './ports.ts';
import { summaryOf, type Planner, type PlanSummary, type StoredPlan } from './plan-ports.ts';
import { PlanNotFound, type PlanService } from './plan-service.ts';
import { refuseDownloads, refusePlugins, refuseUnknownHosts } from './refuse-request.ts';
import { rehearseSession, type RehearsalDeps } from './rehearse-session.ts';
import type { SessionRequest } from '../domain/session.ts';

export interface PlanMakerDeps extends RehearsalDeps {
  readonly ids: Pick<Ids, 'commandId'>;
  /** How many plans are kept; beyond that the oldest ones go. */
  readonly maxKept: number;
}

/** A plan that waits its turn, or is being made. */
interface Job {
  readonly stop: AbortController;
  /** Settles when nothing of it goes on any more. */
  readonly ended: Promise<void>;
}

/**
 * Plans a campaign, and where projects have to scale in first also what comes after that.
 * @throws whatever the planner throws; the signal's reason when it aborts
 */
export async function planAll(
  planner: Planner,
  campaign: Campaign,
  signal: AbortSignal,
): Promise<Required<Pick<StoredPlan, 'plan'>> & Pick<StoredPlan, 'planAfterScaleIn'>> {
  const plan = await planner.plan(campaign, signal);
  if (plan.scaleIn.length === 0) return { plan };
  return { plan, planAfterScaleIn: await planner.plan(afterScaleIn(campaign, plan.scaleIn), signal) };
}

/** Makes plans one after the other, beside the sessions, and keeps them. */
export class PlanMaker implements PlanService {
  readonly #deps: PlanMakerDeps;
  readonly #jobs = new Map<string, Job>();
  #last: Promise<void> = Promise.resolve();

  constructor(deps: PlanMakerDeps) {
    this.#deps = deps;
  }

  /** Makes those again that were being made when the server was stopped. */
  async start(): Promise<void> {
    for (const plan of await this.list()) if (plan.status === 'planning') this.#begin(plan);
  }

  /** Leaves what is being made for the next start. */
  async stop(): Promise<void> {
    const jobs = [...this.#jobs.values()];
    for (const { stop } of jobs) stop.abort(new Error('the server stops'));
    await Promise.all(jobs.map(({ ended }) => ended));
  }

  async create(request: SessionRequest): Promise<PlanSummary> {
    const { commands, ids, logger } = this.#deps;
    refuseDownloads(commands, request);
    await refuseUnknownHosts({ ...commands, logger }, request);
    await refusePlugins(commands, request);
    const id = ids.commandId();
    const plan: StoredPlan = { id, createdAt: commands.clock.now(), request, status: 'planning' };
    await commands.plans.put(plan);
    logger.info({ plan_id: id, request }, 'plan asked for');
    this.#begin(plan);
    await this.#forgetOldest(id);
    return summaryOf(plan);
  }

  list(): Promise<readonly PlanSummary[]> {
    return this.#deps.commands.plans.list();
  }

  async get(planId: string): Promise<StoredPlan> {
    const plan = await this.#deps.commands.plans.get(planId);
    if (plan === undefined) throw new PlanNotFound();
    return plan;
  }

  async delete(planId: string): Promise<void> {
    const job = this.#jobs.get(planId);
    job?.stop.abort(new Error('the plan was deleted'));
    // Else what it writes last would bring the plan back.
    await job?.ended;
    if (!(await this.#deps.commands.plans.delete(planId))) throw new PlanNotFound();
  }

  #begin(plan: StoredPlan): void {
    const stop = new AbortController();
    const { signal } = stop;
    const { logger, commands } = this.#deps;
    const ended = this.#last
      .then(() => this.#make(plan, signal))
      .then((made) => (signal.aborted ? undefined : commands.plans.put(made)))
      .catch((error: unknown) => {
        if (!signal.aborted) logger.error({ err: error, plan_id: plan.id }, 'a plan could not be stored');
      })
      .finally(() => this.#jobs.delete(plan.id));
    this.#last = ended;
    this.#jobs.set(plan.id, { stop, ended });
  }

  /** @throws the signal's reason when it aborts */
  async #make(asked: StoredPlan, signal: AbortSignal): Promise<StoredPlan> {
    const { commands, logger } = this.#deps;
    try {
      signal.throwIfAborted();
      const { campaign, seenAt, objections } = await rehearseSession(
        this.#deps,
        asked.request,
        asked.id,
        signal,
      );
      const plans = await planAll(commands.planner, campaign, signal);
      const made: StoredPlan = { ...asked, status: 'finished', campaign, seenAt, objections, ...plans };
      logger.info({ plan_id: asked.id, ...summaryOf(made).outcome }, 'plan finished');
      return made;
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ err: error, plan_id: asked.id }, 'plan failed');
      return { ...asked, status: 'failed', failure: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Those that are being made go last. */
  async #forgetOldest(newest: string): Promise<void> {
    const { maxKept } = this.#deps;
    const others = (await this.list()).filter(({ id }) => id !== newest);
    const isMade = ({ status }: PlanSummary) => status !== 'planning';
    const inOrder = [...others.filter(isMade), ...others.filter((plan) => !isMade(plan))];
    const surplus = others.length + 1 - maxKept;
    for (const { id } of inOrder.slice(0, Math.max(0, surplus))) {
      await this.delete(id).catch((error: unknown) => {
        if (!(error instanceof PlanNotFound)) throw error;
      });
    }
  }
}
