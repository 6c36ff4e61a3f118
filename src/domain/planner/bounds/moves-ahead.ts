/** The moves that a campaign has still to begin, as its budgets and its streams see them. */
import type { Campaign, CampaignGroup, CampaignHost, CampaignInstance } from '../campaign.ts';
import type { Survey } from './survey.ts';

export interface MoveAhead {
  readonly instance: CampaignInstance;
  /** The host that it leaves, which is maintained afterwards. */
  readonly from: CampaignHost;
  /** No impact begins sooner than this: the lead time; 0 for OWN_ACTION, whose impact begins with the notice. */
  readonly head: number;
  /** From the begin of the impact to the end of the move. */
  readonly length: number;
}

/** One for each instance that has to leave a host to do and is not on its way yet. */
export function movesAhead({ toDo }: Survey): readonly MoveAhead[] {
  return toDo.flatMap(({ host, leaving }) =>
    leaving.filter(({ isMoving }) => !isMoving).map((one) => moveAhead(one, host)),
  );
}

export function moveAhead(instance: CampaignInstance, from: CampaignHost): MoveAhead {
  const { action, leadSeconds, moveSeconds } = instance;
  return action === 'OWN_ACTION'
    ? { instance, from, head: 0, length: leadSeconds + moveSeconds }
    : { instance, from, head: leadSeconds, length: moveSeconds };
}

/** A group's limits as they bind those of its members that are not broken. */
export interface Budget {
  readonly group: CampaignGroup;
  readonly slots: number;
}

/**
 * The budget of every group. A member that is broken for good counts as impacted all the time, so the others have a slot
 * less. A group without any slot left can never be moved; it is given one here, which is no loss (no schedule exists), and keeps the
 * bounds finite.
 */
export function budgetsOf({ groups, instances }: Campaign): ReadonlyMap<string, Budget> {
  const broken = new Map<string, number>();
  for (const { groupId, impactedSeconds } of instances)
    if (impactedSeconds === Infinity) broken.set(groupId, (broken.get(groupId) ?? 0) + 1);
  return new Map(
    groups.map((group) => [
      group.id,
      { group, slots: Math.max(1, group.slots - (broken.get(group.id) ?? 0)) },
    ]),
  );
}
