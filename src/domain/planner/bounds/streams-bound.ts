/** Lower bound 4: only so many moves are under way at once (facts feat03, "Lower bounds"). */
import type { LowerBound } from '../certificate.ts';
import { budgetWithMaintenance } from './budget-seconds.ts';
import type { MoveAhead } from './moves-ahead.ts';
import type { Survey } from './survey.ts';

/**
 * All streams together are a budget without recovery: at most `streams.total` moves are under way at once, and of those that
 * leave hosts to do no more than `streams.perHost` times the number of hosts that they leave. So
 * `budgetWithMaintenance` holds for them. OWN_ACTION takes no stream.
 */
export function streamsBound({ campaign }: Survey, moves: readonly MoveAhead[]): LowerBound | undefined {
  const ours = moves.filter(({ instance }) => instance.action !== 'OWN_ACTION');
  if (ours.length === 0) return undefined;
  const hosts = new Set(ours.map(({ from }) => from.name)).size;
  const streams = Math.max(1, Math.min(campaign.streams.total, campaign.streams.perHost * hosts));
  const seconds = budgetWithMaintenance(ours, { slots: streams, recoverySeconds: 0 });
  const because = `${ours.length} instances have to move, at most ${streams} at once in all; a maintenance follows the last`;
  return { name: 'streams', seconds, because };
}
