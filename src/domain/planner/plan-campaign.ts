/** Rolls a campaign forward in time, with the same choices that a running session makes, and says what comes of it. */
import { bestRollout, left } from './best-rollout.ts';
import type { Campaign } from './campaign.ts';
import { certify } from './certify.ts';
import { indexCampaign } from './index-campaign.ts';
import { problemsOf } from './infeasibility.ts';
import type { Plan, PlannedHost, PlannedMove } from './plan.ts';
import type { Rollout } from './rollout.ts';
import { scaleInNeeds } from './scale-in-needs.ts';

/** The whole campaign: who moves when and where, when each host is maintained, when it ends, and what stands in the way. */
export function planCampaign(campaign: Campaign): Plan {
  const index = indexCampaign(campaign);
  const rollout = bestRollout(index);
  const hosts = plannedHosts(rollout);
  const makespanSeconds = hosts.reduce((last, { endsAt }) => Math.max(last, endsAt), 0);
  // It takes long on a large campaign: not where it is known to be feasible, and nothing more was asked for.
  const isDone = left(rollout) === 0 && campaign.parallelHosts === undefined;
  const scaleIn = isDone ? [] : scaleInNeeds(campaign);
  const problems = problemsOf(rollout, scaleIn);
  return {
    verdict: problems.length === 0 ? 'feasible' : 'infeasible',
    hosts,
    moves: plannedMoves(rollout),
    makespanSeconds,
    certificate: certify(campaign, makespanSeconds),
    problems,
    scaleIn,
  };
}

function plannedHosts({ hosts, index }: Rollout): PlannedHost[] {
  return hosts
    .filter(({ endsAt }) => endsAt < Infinity)
    .map(({ host, admittedAt, startsAt, endsAt }) => ({
      host: index.campaign.hosts[host]?.name ?? '',
      admittedAt,
      maintenanceStartsAt: startsAt,
      endsAt,
    }));
}

function plannedMoves({ drains, index }: Rollout): PlannedMove[] {
  const { hosts, instances } = index.campaign;
  const moves = drains.flatMap(({ host, packing, drain }) => {
    const targets = new Map(
      packing.instances.map((instance, place) => [instance, packing.targets[place] ?? -1]),
    );
    return drain.moves.flatMap(({ instance, noticeAt, startsAt, endsAt, recoveredAt }): PlannedMove[] => {
      const known = instances[instance];
      if (known === undefined) return [];
      const to = hosts[targets.get(instance) ?? -1]?.name;
      return [
        {
          instanceId: known.id,
          projectId: known.projectId,
          action: known.action,
          from: hosts[host]?.name ?? known.host,
          ...(to !== undefined && { to }),
          noticeAt,
          startsAt,
          endsAt,
          recoveredAt,
        },
      ];
    });
  });
  return moves.sort((a, b) => a.startsAt - b.startsAt);
}
