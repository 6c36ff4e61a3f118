import type { MoveAhead } from './moves-ahead.ts';

/** Of which group's (or streams') moves so many are under way, or recovering, at once. */
export interface Limit {
  readonly slots: number;
  readonly recoverySeconds: number;
}

/** A set of moves, as far as it matters to the bound. */
export interface Totals {
  readonly count: number;
  /** No impact of these begins before. */
  readonly head: number;
  /** None of their lengths is less. */
  readonly shortest: number;
  /** Of the lengths. */
  readonly sum: number;
}

/**
 * The earliest end of the last of these moves, all under one limit. Let r be its recovery, m its slots, and L_i = length of move i
 * + r its impact. When an impact begins, fewer than m others are impacted, so never more than m of these (each of another
 * member) are at once.
 *
 * (a) Number them as they begin. When k + m begins, one of k ... k + m - 1 is over: it began no sooner than k. So each m-th begins
 * at least min L_i after the one m places before, and the last of n no sooner than head + (ceil(n / m) - 1) min L_i. Its own length
 * follows.
 * (b) All impacts lie between head and E + r, where E is the last end of a move, and no more than m overlap:
 * m (E + r - head) >= sum of L_i. The same without recovery: m (E - head) >= sum of the lengths.
 */
export function budgetSeconds(
  { count, head, shortest, sum }: Totals,
  { slots, recoverySeconds }: Limit,
): number {
  if (count === 0) return 0;
  const rounds = Math.max(1, Math.ceil(count / slots));
  const inRounds = (rounds - 1) * (shortest + recoverySeconds) + shortest;
  return head + Math.max(inRounds, sum / slots + recoverySeconds * Math.max(0, count / slots - 1));
}

/**
 * The latest end of such moves and what follows each: its host's maintenance. For every d, the moves that leave hosts with a
 * maintenance of at least d end at `budgetSeconds` or later, and the one that ends last leaves a host to do that is
 * not empty before: d follows. The largest over all d. The least head and length are taken of all moves and not of those that are
 * counted, so that a bound never grows where a maintenance gets shorter.
 */
export function budgetWithMaintenance(moves: readonly MoveAhead[], limit: Limit): number {
  const head = least(moves.map((move) => move.head));
  const shortest = least(moves.map(({ length }) => length));
  let sum = 0;
  let most = 0;
  const byMaintenance = [...moves].sort((a, b) => b.from.maintenanceSeconds - a.from.maintenanceSeconds);
  byMaintenance.forEach(({ from, length }, place) => {
    sum += length;
    const seconds = budgetSeconds({ count: place + 1, head, shortest, sum }, limit);
    most = Math.max(most, seconds + from.maintenanceSeconds);
  });
  return most;
}

/**
 * The earliest end of the last of these moves: the largest of `budgetSeconds` over those with the longest heads, for any
 * number of them (of all of them the least length, for the reason above).
 */
export function budgetWithHeads(moves: readonly MoveAhead[], limit: Limit): number {
  const shortest = least(moves.map(({ length }) => length));
  let sum = 0;
  let most = 0;
  [...moves]
    .sort((a, b) => b.head - a.head)
    .forEach(({ head, length }, place) => {
      sum += length;
      most = Math.max(most, budgetSeconds({ count: place + 1, head, shortest, sum }, limit));
    });
  return most;
}

const least = (values: readonly number[]) => values.reduce((one, other) => Math.min(one, other), Infinity);
