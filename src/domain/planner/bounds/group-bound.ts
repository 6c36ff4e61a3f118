/** Lower bound 2: a group lets only so many of its members be impacted at once (facts feat03, "Lower bounds"). */
import { groupedBy } from '../../kept-index.ts';
import type { CampaignGroup } from '../campaign.ts';
import type { LowerBound } from '../certificate.ts';
import { budgetWithMaintenance } from './budget-seconds.ts';
import { durationWords } from './duration-words.ts';
import type { Budget, MoveAhead } from './moves-ahead.ts';

export interface GroupBound {
  readonly group: CampaignGroup;
  readonly bound: LowerBound;
}

/**
 * One for each group with members on hosts to do: each of them has to leave its host, under the limit of its group, and a
 * maintenance follows (see `budgetWithMaintenance`). Members that are on their way already, or broken for good, are left out:
 * fewer moves make the bound lower, so it stays true.
 */
export function groupBounds(
  moves: readonly MoveAhead[],
  budgets: ReadonlyMap<string, Budget>,
): readonly GroupBound[] {
  const bearing = moves.filter(({ instance }) => instance.impactedSeconds < Infinity);
  const byGroup = groupedBy(bearing, ({ instance }) => instance.groupId);
  return [...byGroup].flatMap(([id, members]) => {
    const budget = budgets.get(id);
    return budget === undefined ? [] : [{ group: budget.group, bound: groupBound(members, budget) }];
  });
}

function groupBound(members: readonly MoveAhead[], { group, slots }: Budget): LowerBound {
  const { recoverySeconds, name } = group;
  const seconds = budgetWithMaintenance(members, { slots, recoverySeconds });
  const because =
    `${members.length} members of ${name} have to move, at most ${slots} impacted at once, each while it moves and for ` +
    `${durationWords(recoverySeconds)} of recovery; a maintenance follows the last`;
  return { name: 'group', seconds, because, subject: name };
}
