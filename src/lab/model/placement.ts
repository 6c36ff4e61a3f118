import type { Host, Resources, Server, ServerGroup } from './types.ts';

export const noResources: Resources = { vcpus: 0, memoryMb: 0, diskGb: 0 };

export function add(a: Resources, b: Resources): Resources {
  return { vcpus: a.vcpus + b.vcpus, memoryMb: a.memoryMb + b.memoryMb, diskGb: a.diskGb + b.diskGb };
}

export function subtract(a: Resources, b: Resources): Resources {
  return { vcpus: a.vcpus - b.vcpus, memoryMb: a.memoryMb - b.memoryMb, diskGb: a.diskGb - b.diskGb };
}

function fits(size: Resources, free: Resources): boolean {
  return size.vcpus <= free.vcpus && size.memoryMb <= free.memoryMb && size.diskGb <= free.diskGb;
}

/** Who holds how much of which host, as Placement keeps it. A server that moves holds a slot on both hosts. */
export class Allocations {
  readonly #byHost = new Map<string, Map<string, Resources>>();

  claim(host: string, consumer: string, size: Resources): void {
    const consumers = this.#byHost.get(host) ?? new Map<string, Resources>();
    consumers.set(consumer, size);
    this.#byHost.set(host, consumers);
  }

  release(host: string, consumer: string): void {
    this.#byHost.get(host)?.delete(consumer);
  }

  releaseAll(consumer: string): void {
    for (const consumers of this.#byHost.values()) consumers.delete(consumer);
  }

  /** The hosts on which a consumer holds something. */
  hostsOf(consumer: string): readonly string[] {
    return [...this.#byHost].filter(([, consumers]) => consumers.has(consumer)).map(([host]) => host);
  }

  used(host: string): Resources {
    return [...(this.#byHost.get(host)?.values() ?? [])].reduce(add, noResources);
  }
}

export interface PlacementQuestion {
  readonly size: Resources;
  readonly hosts: readonly Host[];
  readonly allocations: Allocations;
  /** The host that a moving server is on: never an answer. */
  readonly notOn?: string | null;
  /** The only host that will do, if one was named. It must pass the same tests. */
  readonly only?: string | null;
  readonly group?: ServerGroup;
  /** How many other members of the group a host carries or is about to carry. */
  readonly membersOn: (host: string) => number;
}

/** Does a host's service take new servers? */
export function takesServers(host: Host): boolean {
  return host.service.alive && !host.service.disabled && !host.service.forcedDown;
}

/**
 * The scheduler: filters as Nova's do (service enabled and up, room in Placement, server group), then the host with
 * most free memory, in the order of the configuration where they are equal. Nothing: no valid host.
 */
export function chooseHost(question: PlacementQuestion): Host | undefined {
  const candidates = question.hosts.filter(
    (host) =>
      host.name !== question.notOn &&
      (question.only == null || host.name === question.only) &&
      takesServers(host) &&
      fits(question.size, free(host, question.allocations)) &&
      suitsGroup(host, question),
  );
  return candidates.reduce<Host | undefined>(
    (best, host) => (best === undefined || weight(host, question) > weight(best, question) ? host : best),
    undefined,
  );
}

function free(host: Host, allocations: Allocations): Resources {
  return subtract(host.capacity, allocations.used(host.name));
}

function suitsGroup(host: Host, { group, membersOn, hosts }: PlacementQuestion): boolean {
  if (group?.policy === 'anti-affinity') return membersOn(host.name) < (group.maxServerPerHost ?? 1);
  if (group?.policy === 'affinity') {
    return membersOn(host.name) > 0 || hosts.every((other) => membersOn(other.name) === 0);
  }
  return true;
}

function weight(host: Host, question: PlacementQuestion): number {
  const members = question.membersOn(host.name);
  // Soft policies outweigh any amount of memory, as they are meant to be kept wherever that is possible.
  const wish =
    question.group?.policy === 'soft-anti-affinity'
      ? -members
      : question.group?.policy === 'soft-affinity'
        ? members
        : 0;
  return wish * 1e9 + free(host, question.allocations).memoryMb;
}

/** Is this server a member that counts on this host, apart from the one that is being placed? */
export function countsOn(
  member: Server,
  host: string,
  placing: string | undefined,
  incoming: (server: Server) => string | null,
): boolean {
  return member.id !== placing && (member.host === host || incoming(member) === host);
}
