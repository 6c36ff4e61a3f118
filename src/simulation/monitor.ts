/**
 * An independent monitor of what is promised to applications. It reads what the cloud wrote down of itself, what managers
 * were told and replied, and when the infrastructure was told of a host; nothing of the session, its journal or its plan.
 */
import { failures, impacts, moves, type Impact, type Watched } from './impacts.ts';
import { clockTime, roomViolations } from './monitor-rooms.ts';
import { askedInstance, isAboutHost } from './notice.ts';

export interface PromisedGroup {
  readonly id: string;
  /** Ids of instances. */
  readonly members: readonly string[];
  /** How many of them may be impacted at once. */
  readonly slots: number;
  readonly recoverySeconds: number;
  /** How many of them one host may carry; absent: any number. */
  readonly maxPerHost?: number;
}

export interface Promises {
  readonly groups: readonly PromisedGroup[];
  /** By instance: the least time between its notice and its impact. Seconds. Absent: nothing is promised of that. */
  readonly leadSeconds?: ReadonlyMap<string, number>;
}

/** Every breach of a promise, as a sentence. */
export function violations(watched: Watched, promises: Promises): readonly string[] {
  return [
    ...promises.groups.flatMap((group) => groupViolations(watched, group)),
    ...roomViolations(watched, promises.groups),
    ...leadViolations(watched, promises),
  ];
}

/**
 * No operation begins on a member while its group has no free slot. A slot is taken from the begin of the operation until
 * the member has recovered after its end, and by a member that is in ERROR.
 */
export function groupViolations(watched: Watched, group: PromisedGroup): readonly string[] {
  return crowds(watched, group)
    .filter(({ others }) => others.length >= group.slots)
    .map(
      ({ begun, others }) =>
        `${clockTime(begun.from)}: ${begun.kind === 'move' ? 'the move' : 'the own action'} of ${begun.id} began while ` +
        `${others.join(', ')} of ${group.id} (${group.slots} at once, recovery ${group.recoverySeconds} s) took all slots`,
    );
}

/** For each operation on a member: which other members were impacted, or recovering, when it began. */
export function crowds(
  watched: Watched,
  { members, recoverySeconds }: Pick<PromisedGroup, 'members' | 'recoverySeconds'>,
): readonly { readonly begun: Impact; readonly others: readonly string[] }[] {
  const isMember = new Set(members);
  const own = impacts(watched).filter(({ id }) => isMember.has(id));
  const broken = failures(watched).filter(({ id }) => isMember.has(id));
  return own.map((begun, index) => {
    const before = own.slice(0, index).filter(({ to }) => begun.from < to + recoverySeconds * 1000);
    const down = broken.filter(({ from, to }) => from <= begun.from && begun.from < to);
    const others = new Set([...before, ...down].map(({ id }) => id));
    others.delete(begun.id);
    return { begun, others: [...others] };
  });
}

/** No impact comes sooner than notice and lead time, unless an ACK gave the rest of it away; one that names a time does not. */
function leadViolations(watched: Watched, { leadSeconds }: Promises): readonly string[] {
  if (leadSeconds === undefined) return [];
  const told = byInstance(
    watched.notices.filter(isAboutHost).map((notice) => ({ at: notice.at, id: askedInstance(notice) })),
  );
  const agreed = byInstance(
    watched.replies
      .filter(({ state }) => state.startsWith('ACK_P'))
      .map(({ at, instanceId, readyAt = at }) => ({ at, id: instanceId, readyAt })),
  );
  const lastEnd = new Map<string, number>();
  return moves(watched).flatMap(({ id, from, to }): string[] => {
    const since = lastEnd.get(id) ?? -Infinity;
    lastEnd.set(id, to);
    const isOfThis = ({ at }: { readonly at: number }) => at >= since && at <= from;
    const notice = told.get(id)?.find(isOfThis);
    const reply = agreed.get(id)?.findLast(isOfThis);
    const lead = leadSeconds.get(id);
    if (lead === undefined) return [];
    if (notice === undefined && since === -Infinity)
      return [`${clockTime(from)}: ${id} was moved without a notice`];
    if (notice === undefined) return [];
    const withoutReply = notice.at + lead * 1000;
    // Of what happened at one moment the record does not tell what came first: a reply may have come too late.
    const earliest =
      reply?.at === from ? Math.min(reply.readyAt, withoutReply) : (reply?.readyAt ?? withoutReply);
    return from >= earliest
      ? []
      : [`${clockTime(from)}: ${id} was moved ${(earliest - from) / 1000} s sooner than was promised`];
  });
}

function byInstance<T extends { readonly id: string | undefined }>(
  values: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const lists = new Map<string, T[]>();
  for (const value of values) {
    if (value.id === undefined) continue;
    const list = lists.get(value.id);
    if (list === undefined) lists.set(value.id, [value]);
    else list.push(value);
  }
  return lists;
}

/**
 * Moves per instance beyond those that empty the first hosts (facts feat03, "Moves"): of the moves that began when the first
 * host was maintained already. 1 where there were none.
 */
export function movesPerInstance(watched: Watched): number {
  const first = watched.hostNotices.find(({ state }) => state === 'MAINTENANCE_COMPLETE')?.at ?? Infinity;
  const later = moves(watched).filter(({ from }) => from >= first);
  return later.length === 0 ? 1 : later.length / new Set(later.map(({ id }) => id)).size;
}
