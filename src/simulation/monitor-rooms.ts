/** The part of the monitor that follows who takes room where: nothing on hosts in maintenance, capacity, members apart. */
import type { Resources } from '../domain/cloud.ts';
import type { Watched } from './impacts.ts';
import type { PromisedGroup } from './monitor.ts';

const kinds = ['vcpus', 'memoryMb', 'diskGb'] as const;

/** One thing that happened: what it does to the state, and the host that has to be looked at then. */
interface Happening {
  readonly at: number;
  readonly host: string;
  readonly apply: (state: State) => void;
}

interface State {
  readonly carried: Map<string, Map<string, Resources>>;
  readonly inMaintenance: Set<string>;
}

/** Everything is judged at the end of each moment: what happens at one moment has no order. */
export function roomViolations(watched: Watched, groups: readonly PromisedGroup[]): readonly string[] {
  const state: State = { carried: new Map(), inMaintenance: new Set() };
  const groupsOf = groupsByMember(groups);
  const found: string[] = [];
  const all = happenings(watched);
  for (let next = 0; next < all.length;) {
    const at = all[next]?.at ?? 0;
    const now: Happening[] = [];
    for (let one = all[next]; one?.at === at; one = all[(next += 1)]) now.push(one);
    const before = new Map(now.map(({ host }) => [host, new Set(state.carried.get(host)?.keys())]));
    for (const { apply } of now) apply(state);
    for (const [host, wasThere] of before) {
      const arrived = [...(state.carried.get(host)?.keys() ?? [])].filter((id) => !wasThere.has(id));
      for (const sentence of judge(watched, state, host, arrived, groupsOf))
        found.push(`${clockTime(at)}: ${sentence}`);
    }
  }
  return found;
}

function happenings({ cloud, hostNotices }: Watched): readonly Happening[] {
  const rooms = cloud.instances.history.flatMap((record): Happening[] => {
    if (record.kind !== 'room_taken' && record.kind !== 'room_freed') return [];
    const { at, host, instanceId, size } = record;
    if (record.kind === 'room_freed')
      return [{ at, host, apply: ({ carried }) => carried.get(host)?.delete(instanceId) }];
    const take = ({ carried }: State) =>
      void carried.set(host, (carried.get(host) ?? new Map<string, Resources>()).set(instanceId, size));
    return [{ at, host, apply: take }];
  });
  const begun = hostNotices.map(({ at, host, state }): Happening => ({
    at,
    host,
    apply: ({ inMaintenance }) => {
      if (state === 'IN_MAINTENANCE') inMaintenance.add(host);
      else inMaintenance.delete(host);
    },
  }));
  // A host whose maintenance failed is given back without a notice.
  const opened = cloud.records
    .filter(({ what }) => what === 'open')
    .map(({ at, host }): Happening => ({
      at,
      host,
      apply: ({ inMaintenance }) => inMaintenance.delete(host),
    }));
  return [...rooms, ...begun, ...opened].sort((a, b) => a.at - b.at);
}

function judge(
  { cloud }: Watched,
  { carried, inMaintenance }: State,
  host: string,
  arrived: readonly string[],
  groupsOf: ReadonlyMap<string, readonly PromisedGroup[]>,
): readonly string[] {
  const there = carried.get(host) ?? new Map<string, Resources>();
  const found: string[] = [];
  if (inMaintenance.has(host) && there.size > 0)
    found.push(`${host} carried ${[...there.keys()].join(', ')} while it was in maintenance`);
  if (arrived.length === 0) return found;
  const capacity = cloud.hosts.get(host)?.capacity;
  for (const kind of kinds) {
    const used = [...there.values()].reduce((sum, size) => sum + size[kind], 0);
    if (capacity !== undefined && used > capacity[kind])
      found.push(
        `${host} carried ${used} ${kind} when ${arrived.join(', ')} came, and has ${capacity[kind]}`,
      );
  }
  for (const group of new Set(arrived.flatMap((id) => groupsOf.get(id) ?? []))) {
    const members = group.members.filter((id) => there.has(id));
    if (members.length > (group.maxPerHost ?? Infinity))
      found.push(
        `${host} carried ${members.join(', ')} of ${group.id}, of which it may carry ${group.maxPerHost ?? 0}`,
      );
  }
  return found;
}

function groupsByMember(groups: readonly PromisedGroup[]): ReadonlyMap<string, readonly PromisedGroup[]> {
  const all = new Map<string, PromisedGroup[]>();
  for (const group of groups) for (const id of group.members) all.set(id, [...(all.get(id) ?? []), group]);
  return all;
}

/** The time of day, to the second. */
export function clockTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(11, 19);
}
