/** What no schedule of a campaign can beat. */
import type { Campaign } from '../campaign.ts';
import type { BoundName, LowerBound } from '../certificate.ts';
import { capacityBound } from './capacity-bound.ts';
import { groupBounds } from './group-bound.ts';
import { hostBounds } from './host-bound.ts';
import { budgetsOf, movesAhead } from './moves-ahead.ts';
import { slotTimeBound } from './slot-time-bound.ts';
import { streamsBound } from './streams-bound.ts';
import { surveyOf } from './survey.ts';
import { windowBound } from './window-bound.ts';

/** All kinds but the window, which has no bound of its own. */
export type OwnBound = Exclude<BoundName, 'window'>;

/**
 * One of each kind that applies, largest first; of equal ones that first that is easier to understand. Each is proven where it
 * is computed, and holds for every schedule that ends with all hosts maintained: only instances on hosts to do are
 * moved, those on a host to do leave it at least once, and only hosts that are waiting, draining or in maintenance are to do. Of a
 * campaign that cannot be done they are finite, and mean nothing.
 */
export function lowerBounds(campaign: Campaign): readonly LowerBound[] {
  const bounds = boundsOf(campaign, ['capacity', 'group', 'host', 'streams', 'slot_time']);
  const window = windowBound(campaign.windowSeconds, bounds);
  return [...bounds, ...(window === undefined ? [] : [window])].sort((a, b) => b.seconds - a.seconds);
}

/** Only the bounds of these kinds, as far as they apply. */
export function boundsOf(campaign: Campaign, names: readonly OwnBound[]): readonly LowerBound[] {
  const survey = surveyOf(campaign);
  const needsMoves = names.includes('group') || names.includes('streams');
  const moves = needsMoves ? movesAhead(survey) : [];
  const budgets = budgetsOf(campaign);
  const makers: Record<OwnBound, () => LowerBound | undefined> = {
    capacity: () => capacityBound(survey),
    group: () => largestOf(groupBounds(moves, budgets).map(({ bound }) => bound)),
    host: () => largestOf(hostBounds(survey, budgets).map(({ bound }) => bound)),
    streams: () => streamsBound(survey, moves),
    slot_time: () => slotTimeBound(survey),
  };
  return names.map((name) => makers[name]()).filter((bound) => bound !== undefined);
}

function largestOf(bounds: readonly LowerBound[]): LowerBound | undefined {
  return bounds.reduce<LowerBound | undefined>(
    (most, bound) => (most === undefined || bound.seconds > most.seconds ? bound : most),
    undefined,
  );
}
