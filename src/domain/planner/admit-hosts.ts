/**
 * What is to begin now: which hosts are emptied, and where each of their instances goes. All of that room is reserved
 * together: two hosts of which each holds what the other waits for cannot come about (facts feat03, "Reading").
 */
import { rememberedFor } from '../remembered-for.ts';
import { admissionRound, type Admitted } from './admission-round.ts';
import type { Campaign, HostAdmission } from './campaign.ts';
import { admitCarefully, nextOfHeldWay, type Beginning } from './careful-admission.ts';
import { indexCampaign, type IndexedCampaign } from './index-campaign.ts';
import { usualWeights } from './priority.ts';
import { reachOf } from './roll-forward.ts';
import { maintainEmpty } from './maintain-empty.ts';
import { Rollout } from './rollout.ts';
import { stuckHosts } from './stuck-hosts.ts';

/** In larger campaigns it is not checked whether the rest can be done after an admission. */
const checkedUpTo = 1000;

/**
 * The hosts to admit now; none where waiting is better. Asked again after every event: it has no memory but the campaign.
 * A host without instances needs no admission and is never among them: see `emptyHostsToBegin`.
 */
export function admitHosts(campaign: Campaign): readonly HostAdmission[] {
  if (!campaign.hosts.some(({ progress, isReady }) => progress === 'waiting' && isReady)) return [];
  const { index, admitted } = now(campaign);
  return admitted.map((one) => named(index, one));
}

/**
 * The hosts without instances whose maintenance may begin now. Nearly always all of them, as far as `parallelHosts` and the
 * window go; in a small cloud where that would leave the rest no way, it is held back until it has lent its room.
 */
export function emptyHostsToBegin(campaign: Campaign): readonly string[] {
  const { begun } = now(campaign);
  return begun.flatMap((host) => campaign.hosts[host]?.name ?? []);
}

interface Now extends Beginning {
  readonly index: IndexedCampaign;
}

const now: (campaign: Campaign) => Now = rememberedFor((campaign) => {
  const index = indexCampaign(campaign);
  const rollout = startOf(index);
  const cannotLeave = stuckHosts(rollout);
  const held = nextOfHeldWay(rollout, cannotLeave);
  if (held !== undefined) return { index, ...held };
  const begun = maintainEmpty(rollout);
  const admitted = admissionRound(rollout, cannotLeave);
  if (admitted.length === 0 || campaign.hosts.length > checkedUpTo) return { index, admitted, begun };
  const after = reachOf(rollout.ground, cannotLeave);
  if (after.isComplete) return { index, admitted, begun };
  const again = startOf(index);
  maintainEmpty(again);
  const before = reachOf(again.ground, cannotLeave);
  if (after.finished + admitted.length >= before.finished) return { index, admitted, begun };
  return { index, admitted: admitCarefully(again, cannotLeave, before), begun };
});

const startOf = (index: IndexedCampaign) => new Rollout(index, { weights: usualWeights, onlyReady: true });

function named({ campaign }: IndexedCampaign, { host, packing }: Admitted): HostAdmission {
  const targets: Record<string, string> = {};
  packing.instances.forEach((instance, place) => {
    const target = campaign.hosts[packing.targets[place] ?? -1];
    const id = campaign.instances[instance]?.id;
    if (id !== undefined && target !== undefined) targets[id] = target.name;
  });
  return { host: campaign.hosts[host]?.name ?? '', targets };
}
