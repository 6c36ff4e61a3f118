/** What projects would have to give up so that there is room: the least that makes a campaign feasible. */
import type { Campaign } from './campaign.ts';
import type { Ground } from './ground.ts';
import { indexCampaign, type IndexedCampaign } from './index-campaign.ts';
import { packHost, packInstances, type PackingEffort } from './packing.ts';
import type { ScaleInNeed } from './plan.ts';
import { usualWeights } from './priority.ts';
import { reachOf, waitingHosts } from './roll-forward.ts';
import { maintainEmpty } from './maintain-empty.ts';
import { Rollout } from './rollout.ts';
import { stuckHosts, tooLarge } from './stuck-hosts.ts';

const effort: PackingEffort = { unfinished: 'last', retries: 0, looks: Infinity };

/** So many of the instances that would help are named per project. */
const namedPerProject = 10;

/** Up to so many removals are each tried to be done without. */
const checkedRemovals = 40;

/**
 * By project, largest need first; empty where the campaign is feasible as it is. With `parallelHosts` there must be room to
 * have so many hosts empty at once. Instances that a limit keeps where they are are not asked for: there it is the limit
 * that has to give way.
 */
export function scaleInNeeds(campaign: Campaign): readonly ScaleInNeed[] {
  const removed = leastRemovals(campaign);
  if (removed.length === 0) return [];
  const byProject = new Map<string, number[]>();
  for (const instance of removed) {
    const projectId = campaign.instances[instance]?.projectId ?? '';
    const list = byProject.get(projectId);
    if (list === undefined) byProject.set(projectId, [instance]);
    else list.push(instance);
  }
  return [...byProject]
    .map(([projectId, instances]) => ({
      projectId,
      instances: instances.length,
      helpfulInstanceIds: helpful(campaign, projectId, instances),
    }))
    .sort((a, b) => b.instances - a.instances);
}

/** Those that were found first, then others of the project that are at least as large as the smallest of them. */
function helpful(campaign: Campaign, projectId: string, removed: readonly number[]): readonly string[] {
  const own = removed.flatMap((instance) => campaign.instances[instance] ?? []);
  const smallest = Math.min(...own.map(({ size }) => size.memoryMb));
  const chosen = new Set(own.map(({ id }) => id));
  for (const { id, projectId: of, size } of campaign.instances) {
    if (chosen.size >= Math.max(namedPerProject, own.length)) break;
    if (of === projectId && size.memoryMb >= smallest) chosen.add(id);
  }
  return [...chosen];
}

/** Instances, by number, without which the campaign is feasible; none of them can be left out. */
function leastRemovals(campaign: Campaign): readonly number[] {
  const removed = someRemovals(campaign);
  if (removed.length > checkedRemovals) return removed;
  let needed = removed;
  for (const instance of removed) {
    if (needed.length === 1) break;
    const fewer = needed.filter((other) => other !== instance);
    if (isFeasible(without(campaign, fewer))) needed = fewer;
  }
  return needed;
}

function isFeasible(campaign: Campaign): boolean {
  const { rollout, cannotLeave } = startOf(indexCampaign(campaign));
  return reachOf(rollout.ground, cannotLeave).isComplete && lacking(rollout.ground, cannotLeave).length === 0;
}

/** As long as something does not fit: what is left of the host that lacks least. */
function someRemovals(campaign: Campaign): readonly number[] {
  const number = new Map(campaign.instances.map(({ id }, place) => [id, place]));
  const removed: number[] = [];
  for (;;) {
    const rest = without(campaign, removed);
    const { rollout, cannotLeave } = startOf(indexCampaign(rest));
    const reach = reachOf(rollout.ground, cannotLeave);
    const missing = reach.isComplete
      ? lacking(rollout.ground, cannotLeave)
      : leastOf(reach.end, waitingHosts(reach.end, cannotLeave));
    if (missing.length === 0) return removed;
    const before = removed.length;
    for (const instance of missing) {
      const original = number.get(rest.instances[instance]?.id ?? '');
      if (original !== undefined) removed.push(original);
    }
    if (removed.length === before) return removed;
  }
}

function without(campaign: Campaign, removed: readonly number[]): Campaign {
  if (removed.length === 0) return campaign;
  const gone = new Set(removed);
  return { ...campaign, instances: campaign.instances.filter((_, number) => !gone.has(number)) };
}

/** Hosts that carry an instance too large for all others count as such that need its removal; those under a limit do not. */
function startOf(index: IndexedCampaign): { rollout: Rollout; cannotLeave: ReadonlySet<number> } {
  const rollout = new Rollout(index, { weights: usualWeights, onlyReady: false });
  const isTooLarge = tooLarge(index);
  const cannotLeave = new Set(
    [...stuckHosts(rollout)].filter(
      (host) => !(rollout.ground.carried[host] ?? []).some((instance) => isTooLarge(instance, host)),
    ),
  );
  maintainEmpty(rollout);
  return { rollout, cannotLeave };
}

/** What has no place elsewhere, for the first host for which there is none while too few hosts can be empty at once. */
function lacking(start: Ground, cannotLeave: ReadonlySet<number>): readonly number[] {
  const wanted = start.index.campaign.parallelHosts;
  if (wanted === undefined) return [];
  const ground = start.clone();
  let empty = ground.standing.filter((standing) => standing === 'busy' || standing === 'ending').length;
  const waiting = waitingHosts(ground, cannotLeave);
  const load = (host: number) =>
    (ground.carried[host] ?? []).reduce((sum, instance) => sum + (ground.index.weight[instance] ?? 0), 0);
  const order = new Map(waiting.map((host) => [host, load(host)]));
  waiting.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  const left: number[] = [];
  for (const host of waiting) {
    if (empty >= wanted) return [];
    // One that took instances of another before it stays for later.
    const packing = load(host) > (order.get(host) ?? 0) ? undefined : packHost(ground, host, effort);
    if (packing === undefined) left.push(host);
    else {
      ground.assign(host, packing);
      empty++;
    }
  }
  return empty >= wanted ? [] : leastOf(ground, left);
}

/** Of these hosts the one of which fewest instances have no place elsewhere: those instances. */
function leastOf(ground: Ground, hosts: readonly number[]): readonly number[] {
  let least: readonly number[] = [];
  for (const host of hosts) {
    const missing = unplaced(ground, host);
    if (missing.length > 0 && (least.length === 0 || missing.length < least.length)) least = missing;
  }
  return least;
}

/** The instances of a host that find no place elsewhere, when the others do. */
export function unplaced(ground: Ground, host: number): readonly number[] {
  const trial = ground.clone();
  const { weight } = ground.index;
  const carried = [...(trial.carried[host] ?? [])].sort((a, b) => (weight[b] ?? 0) - (weight[a] ?? 0));
  return carried.filter((instance) => packInstances(trial, host, [instance], effort) === undefined);
}
