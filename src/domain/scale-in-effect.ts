/** What a cloud is planned to be once projects have scaled in as they are going to be asked. */
import type { Campaign } from './planner/campaign.ts';
import type { ScaleInNeed } from './planner/plan.ts';

/** The campaign without the instances that would help most, as many as are needed. */
export function afterScaleIn(campaign: Campaign, needs: readonly ScaleInNeed[]): Campaign {
  return without(
    campaign,
    new Set(needs.flatMap(({ helpfulInstanceIds, instances }) => helpfulInstanceIds.slice(0, instances))),
  );
}

/**
 * A planned campaign without what projects that had to scale in have given up by now: which instances is up to them. The
 * limits of these projects may depend on the size of their groups.
 */
export function scaledInSince(planned: Campaign, now: Campaign, needs: readonly ScaleInNeed[]): Campaign {
  const asked = new Set(needs.map(({ projectId }) => projectId));
  const present = new Set(now.instances.map(({ id }) => id));
  const given = planned.instances.filter(({ id, projectId }) => asked.has(projectId) && !present.has(id));
  if (given.length === 0) return planned;
  const slots = new Map(now.groups.map((group) => [group.id, group.slots]));
  const groups = planned.groups.map((group) =>
    asked.has(group.projectId) ? { ...group, slots: slots.get(group.id) ?? group.slots } : group,
  );
  return { ...without(planned, new Set(given.map(({ id }) => id))), groups };
}

function without(campaign: Campaign, gone: ReadonlySet<string>): Campaign {
  return { ...campaign, instances: campaign.instances.filter(({ id }) => !gone.has(id)) };
}
