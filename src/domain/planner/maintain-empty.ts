import type { Rollout } from './rollout.ts';

/** Hosts without instances need no admission: their maintenance begins at once, as far as places are open. */
export function maintainEmpty(rollout: Rollout): readonly number[] {
  const { ground } = rollout;
  const begun: number[] = [];
  for (const host of rollout.order) {
    if (rollout.openPlaces <= 0) break;
    if (ground.standing[host] !== 'waiting' || (ground.carried[host]?.length ?? 0) > 0) continue;
    const from = rollout.emptyFrom(host);
    if (!rollout.endsInWindow(host, from)) continue;
    rollout.maintain(host, from);
    begun.push(host);
  }
  return begun;
}
