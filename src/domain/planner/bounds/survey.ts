/** What the lower bounds need to know of a campaign, looked up once: what is to do, and how much room is free for it. */
import type { Campaign, CampaignHost, CampaignInstance } from '../campaign.ts';
import type { Resources } from '../../cloud.ts';

/** The kinds of room, in the order in which amounts are kept: three numbers each. */
export const resourceNames = ['vCPUs', 'memory', 'disk'] as const;
export type Amounts = readonly [number, number, number];

export interface HostToDo {
  readonly host: CampaignHost;
  /** Its capacity, or what it carries now where that is more: never is it fuller than this. */
  readonly room: Amounts;
  /** What is on it and must leave; empty once it is in maintenance. */
  readonly leaving: readonly CampaignInstance[];
  /** Those of them that are moved to another host, and go on taking room. */
  readonly moved: readonly CampaignInstance[];
}

export interface Survey {
  readonly campaign: Campaign;
  readonly toDo: readonly HostToDo[];
  /** How many hosts may ever carry instances. */
  readonly usableHosts: number;
  /**
   * Per resource what all usable hosts have together (see `HostToDo.room`) beyond what the instances take: it is the same
   * all the time, apart from what moving instances take twice.
   */
  readonly free: Amounts;
  /** The instances that take room on usable hosts all the time. */
  readonly lasting: readonly CampaignInstance[];
}

export const amountsOf = ({ vcpus, memoryMb, diskGb }: Resources): Amounts => [vcpus, memoryMb, diskGb];

/**
 * Room that is never lost: that of `lasting` instances on usable hosts.
 *
 * A host is usable if it takes instances or is to do. One that neither takes instances nor is to do can only lose
 * instances, to usable hosts; without it and its instances there is at least as much free room as with it, so that every bound
 * that falls as room grows stays true. An instance that leaves a host to do by its own action may be gone for good, or come
 * back anywhere: it is taken to need no room at all, now or later, which again leaves more free than there is.
 */
export function surveyOf(campaign: Campaign): Survey {
  const usable = new Map(campaign.hosts.filter(isUsable).map((host) => [host.name, host]));
  const here = new Map<string, CampaignInstance[]>();
  const taken = new Map<string, [number, number, number]>();
  const lasting: CampaignInstance[] = [];
  for (const instance of campaign.instances) {
    listed(here, instance.host).push(instance);
    if (!lasts(instance, usable)) continue;
    lasting.push(instance);
    take(taken, instance.host, instance.size);
    if (isUnderWay(instance)) take(taken, instance.target, instance.size);
  }
  const roomOf = ({ name, capacity }: CampaignHost) => larger(amountsOf(capacity), taken.get(name));
  return {
    campaign,
    usableHosts: usable.size,
    lasting,
    free: freeOf([...usable.values()].map(roomOf), lasting),
    toDo: campaign.hosts.filter(isToDo).map((host) => {
      const leaving = host.progress === 'in_maintenance' ? [] : (here.get(host.name) ?? []);
      return {
        host,
        room: roomOf(host),
        leaving,
        moved: leaving.filter(({ action }) => action !== 'OWN_ACTION'),
      };
    }),
  };
}

export const isToDo = ({ progress }: CampaignHost): boolean =>
  progress === 'waiting' || progress === 'draining' || progress === 'in_maintenance';

const isUsable = (host: CampaignHost): boolean => host.takesInstances || isToDo(host);

/** It takes room on two hosts now. */
export function isUnderWay(
  instance: CampaignInstance,
): instance is CampaignInstance & { readonly target: string } {
  return instance.isMoving && instance.target !== undefined && instance.target !== instance.host;
}

function lasts(instance: CampaignInstance, usable: ReadonlyMap<string, CampaignHost>): boolean {
  const host = usable.get(instance.host);
  if (isUnderWay(instance)) return usable.has(instance.target);
  return host !== undefined && !(instance.action === 'OWN_ACTION' && isToDo(host));
}

function listed(lists: Map<string, CampaignInstance[]>, name: string): CampaignInstance[] {
  const list = lists.get(name) ?? [];
  if (list.length === 0) lists.set(name, list);
  return list;
}

function take(taken: Map<string, [number, number, number]>, host: string, size: Resources): void {
  const amounts = taken.get(host) ?? [0, 0, 0];
  amounts[0] += size.vcpus;
  amounts[1] += size.memoryMb;
  amounts[2] += size.diskGb;
  taken.set(host, amounts);
}

const larger = (one: Amounts, other: Amounts = [0, 0, 0]): Amounts => [
  Math.max(one[0], other[0]),
  Math.max(one[1], other[1]),
  Math.max(one[2], other[2]),
];

function freeOf(rooms: readonly Amounts[], lasting: readonly CampaignInstance[]): Amounts {
  const free: [number, number, number] = [0, 0, 0];
  for (const room of rooms) room.forEach((amount, kind) => (free[kind] = (free[kind] ?? 0) + amount));
  for (const { size } of lasting)
    amountsOf(size).forEach((amount, kind) => (free[kind] = (free[kind] ?? 0) - amount));
  return free;
}
