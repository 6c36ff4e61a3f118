/** Lower bound 3: what one host takes by itself (facts feat03, "Lower bounds"). */
import { groupedBy } from '../../kept-index.ts';
import type { CampaignHost } from '../campaign.ts';
import type { LowerBound } from '../certificate.ts';
import { budgetWithHeads } from './budget-seconds.ts';
import { durationWords } from './duration-words.ts';
import { moveAhead, type Budget } from './moves-ahead.ts';
import type { HostToDo, Survey } from './survey.ts';

export interface HostBound {
  readonly host: CampaignHost;
  readonly bound: LowerBound;
}

/**
 * One for each host to do: its maintenance begins when it is empty, that is when the last of its instances has left. That is no
 * sooner than any of these:
 * - what is left of a move that is under way;
 * - head + length of each move (a lead time that is left cannot be given away by us);
 * - `budgetWithHeads` of the moves that leave it by its streams, `streams.perHost` at once and no recovery;
 * - `budgetWithHeads` of its members of each group.
 */
export function hostBounds(survey: Survey, budgets: ReadonlyMap<string, Budget>): readonly HostBound[] {
  return survey.toDo.map((one) => ({ host: one.host, bound: hostBound(one, survey, budgets) }));
}

function hostBound(one: HostToDo, { campaign }: Survey, budgets: ReadonlyMap<string, Budget>): LowerBound {
  const { name, maintenanceSeconds } = one.host;
  const emptySeconds = evacuationSeconds(one, campaign.streams.perHost, budgets);
  const because =
    one.leaving.length === 0
      ? `the maintenance of host ${name} takes ${durationWords(maintenanceSeconds)}`
      : `host ${name} cannot be empty before ${durationWords(emptySeconds)}, and its maintenance takes ` +
        durationWords(maintenanceSeconds);
  return { name: 'host', seconds: emptySeconds + maintenanceSeconds, because, subject: name };
}

function evacuationSeconds(
  { host, leaving }: HostToDo,
  perHost: number,
  budgets: ReadonlyMap<string, Budget>,
): number {
  const moves = leaving.filter(({ isMoving }) => !isMoving).map((instance) => moveAhead(instance, host));
  const ours = moves.filter(({ instance }) => instance.action !== 'OWN_ACTION');
  const bearing = moves.filter(({ instance }) => instance.impactedSeconds < Infinity);
  const byGroup = groupedBy(bearing, ({ instance }) => instance.groupId);
  const inGroups = [...byGroup].map(([id, members]) => {
    const { slots = Infinity, group } = budgets.get(id) ?? {};
    return budgetWithHeads(members, { slots, recoverySeconds: group?.recoverySeconds ?? 0 });
  });
  return Math.max(
    0,
    ...leaving.map(({ isMoving, moveSeconds }) => (isMoving ? moveSeconds : 0)),
    ...moves.map(({ head, length }) => head + length),
    budgetWithHeads(ours, { slots: Math.max(1, perHost), recoverySeconds: 0 }),
    ...inGroups,
  );
}
