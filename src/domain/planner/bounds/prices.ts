/** What it would help to relax a constraint: how far the largest bound falls. */
import type { Campaign } from '../campaign.ts';
import type { ConstraintPrice, LowerBound } from '../certificate.ts';
import { groupBounds } from './group-bound.ts';
import { hostBounds } from './host-bound.ts';
import { boundsOf } from './lower-bounds.ts';
import { budgetsOf, movesAhead } from './moves-ahead.ts';
import {
  noLead,
  noRecovery,
  oneMoreHost,
  oneMoreMember,
  oneMoreParallelHost,
  oneMoreStreamInAll,
  oneMoreStreamPerHost,
  shorterMaintenance,
  widerRule,
  type Relaxation,
} from './relaxations.ts';
import { isToDo, surveyOf } from './survey.ts';

/** Bounds that are closer to each other than this, in seconds, bind together. */
const together = 1e-6;

/**
 * Dearest first; only those above 0. Only constraints are tried that the largest bound depends on, as no other can make it fall.
 * Groups (or hosts) that bind equally are relaxed together: one of them alone would change nothing.
 */
export function pricesOf(campaign: Campaign, bounds: readonly LowerBound[]): readonly ConstraintPrice[] {
  const own = bounds.filter(({ name }) => name !== 'window');
  const largest = own.reduce((most, { seconds }) => Math.max(most, seconds), 0);
  const binding = own.filter(({ seconds }) => seconds > largest - together);
  const candidates = binding.flatMap((bound) => relaxationsFor(campaign, bound));
  const different = new Map(candidates.map((one) => [`${one.constraint} ${one.relaxation}`, one]));
  return [...different.values()]
    .map((relaxation) => priceOf(relaxation, own, largest))
    .filter(({ seconds }) => seconds > together)
    .sort((a, b) => b.seconds - a.seconds);
}

/** Computes only those bounds again that can matter: what was below the rest before is not above it afterwards. */
function priceOf(relaxation: Relaxation, bounds: readonly LowerBound[], largest: number): ConstraintPrice {
  const { constraint, affects, relaxed } = relaxation;
  let after = 0;
  for (const { name, seconds } of bounds) {
    if (seconds <= after) continue;
    const again =
      name === 'window' || !affects.includes(name) ? seconds : (boundsOf(relaxed, [name])[0]?.seconds ?? 0);
    after = Math.max(after, again);
  }
  return { constraint, relaxation: relaxation.relaxation, seconds: Math.max(0, largest - after) };
}

function relaxationsFor(campaign: Campaign, bound: LowerBound): readonly Relaxation[] {
  switch (bound.name) {
    case 'capacity':
    case 'slot_time':
      return forRoom(campaign, bound);
    case 'group':
      return forGroups(campaign, bound.seconds);
    case 'host':
      return forHosts(campaign, bound.seconds);
    case 'streams':
      return [oneMoreStreamInAll(campaign), oneMoreStreamPerHost(campaign), ...leads(campaign)];
    case 'window':
      return [];
  }
}

function forRoom(campaign: Campaign, { name, subject }: LowerBound): readonly Relaxation[] {
  const toDo = campaign.hosts.filter(isToDo);
  const [longest] = [...toDo].sort((a, b) => b.maintenanceSeconds - a.maintenanceSeconds);
  return [
    oneMoreHost(campaign),
    ...(longest === undefined ? [] : [shorterMaintenance(campaign, new Set([longest.name]))]),
    ...(name === 'slot_time' ? [oneMoreStreamPerHost(campaign), ...leads(campaign)] : []),
    ...(subject === 'parallel_hosts' ? [oneMoreParallelHost(campaign)] : []),
    ...(campaign.rules.some((rule) => rule.name === subject) ? [widerRule(campaign, subject ?? '')] : []),
  ];
}

function leads(campaign: Campaign, hosts?: ReadonlySet<string>): readonly Relaxation[] {
  const has = campaign.instances.some(
    ({ leadSeconds, host }) => leadSeconds > 0 && (hosts === undefined || hosts.has(host)),
  );
  return has ? [noLead(campaign, hosts)] : [];
}

function forGroups(campaign: Campaign, seconds: number): readonly Relaxation[] {
  const moves = movesAhead(surveyOf(campaign));
  const binding = groupBounds(moves, budgetsOf(campaign)).filter(
    ({ bound }) => bound.seconds > seconds - together,
  );
  const ids = new Set(binding.map(({ group }) => group.id));
  return [...limits(campaign, ids), ...leads(campaign)];
}

const limits = (campaign: Campaign, ids: ReadonlySet<string>): readonly Relaxation[] => [
  oneMoreMember(campaign, ids),
  ...(campaign.groups.some(({ id, recoverySeconds }) => ids.has(id) && recoverySeconds > 0)
    ? [noRecovery(campaign, ids)]
    : []),
];

function forHosts(campaign: Campaign, seconds: number): readonly Relaxation[] {
  const binding = hostBounds(surveyOf(campaign), budgetsOf(campaign)).filter(
    ({ bound }) => bound.seconds > seconds - together,
  );
  const names = new Set(binding.map(({ host }) => host.name));
  const groups = new Set(
    campaign.instances.filter(({ host }) => names.has(host)).map(({ groupId }) => groupId),
  );
  return [
    shorterMaintenance(campaign, names),
    oneMoreStreamPerHost(campaign),
    ...(groups.size > 0 ? limits(campaign, groups) : []),
    ...leads(campaign, names),
  ];
}
