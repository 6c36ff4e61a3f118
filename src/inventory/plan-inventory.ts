/** Plans a session over an inventory: by the steps and the planner of `POST /v1/plan`, so that both say the same. */
import type { Logger } from 'pino';
import type { SessionRequest } from '../domain/session.ts';
import { planAll } from '../engine/plan-maker.ts';
import type { StoredPlan } from '../engine/plan-ports.ts';
import { rehearseSession } from '../engine/rehearse-session.ts';
import { portsOver } from './inventory-ports.ts';
import type { Inventory } from './inventory.ts';

/** What only the caller knows of a plan. */
export interface OfflinePlan {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly request: SessionRequest;
}

/** @throws Error with a message for people where a session would not get as far as to a plan: a host that is not there, say */
export async function planInventory(
  inventory: Inventory,
  asked: OfflinePlan,
  logger: Logger,
): Promise<StoredPlan> {
  const { settings, durations } = inventory;
  const commands = portsOver(inventory);
  const { signal } = new AbortController();
  const { campaign, seenAt, objections } = await rehearseSession(
    { commands, settings, durations: () => durations, logger },
    asked.request,
    asked.id,
    signal,
  );
  const plans = await planAll(commands.planner, campaign, signal);
  return { ...asked, status: 'finished', campaign, seenAt, objections, ...plans };
}
