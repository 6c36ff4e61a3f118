/** Which hosts an operator without our planner would work on next: those that can be emptied together. */
import type { Resources } from '../../src/domain/cloud.ts';
import { rememberedFor } from '../../src/domain/remembered-for.ts';
import type { ModelCloud } from '../../src/simulation/model-cloud.ts';
import type { Topology } from '../../src/simulation/topology.ts';

const kinds = ['vcpus', 'memoryMb', 'diskGb'] as const;

interface Room {
  readonly free: Record<(typeof kinds)[number], number>;
  /** How many members of a group are there. */
  readonly members: Map<string, number>;
}

/** What is to be moved, and what must be known of it. */
interface Parcel {
  readonly size: Resources;
  readonly groupId: string;
  readonly maxPerHost: number;
}

/**
 * The next batch: as many hosts as find room for all that they carry on hosts that are finished, those with the least load
 * first. Where none is finished: the empty ones; where none is empty either: one host that finds room anywhere.
 * `apart`: no two of them share a group (the rule of StarlingX).
 */
export function nextBatch(
  cloud: ModelCloud,
  topology: Topology,
  todo: ReadonlySet<string>,
  { apart }: { readonly apart: boolean },
): readonly string[] {
  const parcels = new Map([...todo].map((host) => [host, parcelsOn(cloud, topology, host)]));
  const load = (host: string) => (parcels.get(host) ?? []).reduce((sum, { size }) => sum + size.vcpus, 0);
  const waiting = [...todo].sort((a, b) => load(a) - load(b));
  const empty = waiting.filter((host) => load(host) === 0);
  const others = [...cloud.hosts.keys()].filter((host) => !todo.has(host));
  const rooms = others.map((host) => roomOf(cloud, topology, host));
  const batch: string[] = [...empty];
  const groups = new Set<string>();
  for (const host of waiting.slice(empty.length)) {
    const mine = parcels.get(host) ?? [];
    if (apart && mine.some(({ groupId }) => groups.has(groupId))) continue;
    if (!place(mine, rooms)) continue;
    batch.push(host);
    for (const { groupId } of mine) groups.add(groupId);
  }
  if (batch.length > 0) return batch;
  const first = waiting.find((host) =>
    place(
      parcels.get(host) ?? [],
      [...cloud.hosts.keys()]
        .filter((other) => other !== host)
        .map((other) => roomOf(cloud, topology, other)),
    ),
  );
  if (first === undefined) throw new Error(`${topology.name}: no host can be emptied`);
  return [first];
}

function parcelsOn(cloud: ModelCloud, topology: Topology, host: string): readonly Parcel[] {
  return cloud.on(host).map(({ id, size }) => {
    const groupId = groupOf(topology).get(id) ?? '';
    return { size, groupId, maxPerHost: capOf(topology).get(groupId) ?? Infinity };
  });
}

const groupOf: (topology: Topology) => ReadonlyMap<string, string> = rememberedFor(
  ({ instances }) => new Map(instances.map(({ id, groupId }) => [id, groupId])),
);

const capOf: (topology: Topology) => ReadonlyMap<string, number> = rememberedFor(
  ({ groups }) => new Map(groups.map(({ id, maxPerHost = Infinity }) => [id, maxPerHost])),
);

function roomOf(cloud: ModelCloud, topology: Topology, host: string): Room {
  const { vcpus = 0, memoryMb = 0, diskGb = 0 } = cloud.hosts.get(host)?.capacity ?? {};
  const room: Room = { free: { vcpus, memoryMb, diskGb }, members: new Map() };
  for (const parcel of parcelsOn(cloud, topology, host)) put(parcel, room, 1);
  return room;
}

/** Largest first, each to the first room that takes it. Leaves the rooms as they were where one finds none. */
function place(parcels: readonly Parcel[], rooms: readonly Room[]): boolean {
  const placed: (readonly [Parcel, Room])[] = [];
  for (const parcel of parcels.toSorted((a, b) => b.size.vcpus - a.size.vcpus)) {
    const room = rooms.find((one) => takes(one, parcel));
    if (room === undefined) {
      for (const [other, there] of placed) put(other, there, -1);
      return false;
    }
    put(parcel, room, 1);
    placed.push([parcel, room]);
  }
  return true;
}

function takes({ free, members }: Room, { size, groupId, maxPerHost }: Parcel): boolean {
  return kinds.every((kind) => size[kind] <= free[kind]) && (members.get(groupId) ?? 0) < maxPerHost;
}

function put({ size, groupId }: Parcel, { free, members }: Room, sign: 1 | -1): void {
  for (const kind of kinds) free[kind] -= sign * size[kind];
  members.set(groupId, (members.get(groupId) ?? 0) + sign);
}
