/** How close a plan comes to what no schedule can beat, and what it would help to relax. */
import { lowerBounds } from './bounds/lower-bounds.ts';
import { pricesOf } from './bounds/prices.ts';
import type { Campaign } from './campaign.ts';
import type { Certificate } from './certificate.ts';

/** `makespanSeconds`: of the plan, or of the session as it went. */
export function certify(campaign: Campaign, makespanSeconds: number): Certificate {
  const bounds = lowerBounds(campaign);
  const lowerBoundSeconds = bounds[0]?.seconds ?? 0;
  return {
    makespanSeconds,
    lowerBoundSeconds,
    ratio: lowerBoundSeconds > 0 ? makespanSeconds / lowerBoundSeconds : 1,
    binding: bounds[0]?.name ?? 'capacity',
    bounds,
    prices: pricesOf(campaign, bounds),
  };
}
