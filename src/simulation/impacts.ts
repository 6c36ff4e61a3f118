/** What was done to instances, by the cloud's own record and by what their managers said. Times are milliseconds since 1970. */
import type { CloudRecord, HealthRecord, RoomRecord } from './cloud-record.ts';
import {
  askedInstance,
  isAboutHost,
  replyTime,
  type GivenReply,
  type HostNotice,
  type Notice,
} from './notice.ts';
import type { ModelHost } from './model-scheduler.ts';

/** What can be seen of a session from outside; a `Simulation` shows it. */
export interface Watched {
  readonly cloud: {
    readonly hosts: ReadonlyMap<string, ModelHost>;
    readonly records: readonly CloudRecord[];
    readonly instances: { readonly history: readonly (RoomRecord | HealthRecord)[] };
  };
  readonly notices: readonly Notice[];
  readonly hostNotices: readonly HostNotice[];
  readonly replies: readonly GivenReply[];
}

/** An operation on an instance, from its begin to its end; its recovery comes after that. */
export interface Impact {
  readonly id: string;
  readonly from: number;
  /** `Infinity`: it is not over. */
  readonly to: number;
  readonly kind: 'move' | 'own_action';
}

/** All impacts, in the order of their begin. A cold migration is over when it is confirmed or turned back. */
export function impacts(watched: Watched): readonly Impact[] {
  return [...ownActions(watched), ...moves(watched)].sort((a, b) => a.from - b.from || before(a.to, b.to));
}

/** Of two that began at one moment, of which the record does not tell the order, the one that was over sooner came first. */
const before = (to: number, other: number) => (to < other ? -1 : to > other ? 1 : 0);

export function moves({ cloud }: Watched): readonly Impact[] {
  const all: { id: string; from: number; to: number; kind: 'move'; isLive: boolean }[] = [];
  const newest = new Map<string, (typeof all)[number]>();
  for (const { at, what, subject: id, action } of cloud.records) {
    if (what === 'move_started') {
      const move = { id, from: at, to: Infinity, kind: 'move' as const, isLive: action === 'LIVE_MIGRATE' };
      all.push(move);
      newest.set(id, move);
      continue;
    }
    const move = newest.get(id);
    if (move === undefined || move.to < Infinity) continue;
    if (what === 'moved' ? move.isLive : isEnd(what)) move.to = at;
  }
  return all.map(({ id, from, to, kind }) => ({ id, from, to, kind }));
}

function isEnd(what: CloudRecord['what']): boolean {
  return what === 'confirmed' || what === 'reverted' || what === 'failed' || what === 'deleted';
}

/**
 * What an application does itself begins where nobody sees it: it counts from the notice on that it answered so. An answer
 * that came when the time for it was over is its own affair: nobody waited for it any more.
 */
function ownActions({ cloud, notices, replies }: Watched): readonly Impact[] {
  return replies.flatMap(({ at, instanceId: id, action }): Impact[] => {
    if (action !== 'OWN_ACTION' || id === undefined) return [];
    const told = notices.filter((one) => one.at <= at && isAboutHost(one) && askedInstance(one) === id);
    const newest = told.at(-1);
    if (newest === undefined || at >= replyTime(newest)) return [];
    // Deleted before it was told: the manager agreed to what was over.
    const gone = cloud.records.find(
      ({ at: time, what, subject }) =>
        subject === id && (what === 'deleted' || (what === 'taken_away' && time >= at)),
    );
    return [{ id, from: newest.at, to: gone?.at ?? Infinity, kind: 'own_action' }];
  });
}

/** When an instance was in ERROR. */
export function failures({ cloud }: Watched): readonly Omit<Impact, 'kind'>[] {
  const all: { id: string; from: number; to: number }[] = [];
  for (const record of cloud.instances.history) {
    if (record.kind === 'broken') all.push({ id: record.instanceId, from: record.at, to: Infinity });
    if (record.kind !== 'mended') continue;
    const last = all.findLast(({ id }) => id === record.instanceId);
    if (last !== undefined) last.to = record.at;
  }
  const deleted = new Map(
    cloud.records.flatMap(({ what, subject, at }) => (what === 'deleted' ? [[subject, at] as const] : [])),
  );
  return all.map(({ id, from, to }) => ({ id, from, to: Math.min(to, deleted.get(id) ?? Infinity) }));
}
