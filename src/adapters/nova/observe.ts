import type {
  CloudObservation,
  ObservedHost,
  ObservedInstance,
  Resources,
  ServerGroup,
} from '../../domain/cloud.ts';
import {
  groupsSchema,
  hypervisorsSchema,
  servicesSchema,
  type NovaHypervisor,
  type NovaServerGroup,
  type NovaService,
} from './answers.ts';
import type { NovaApi } from './nova-api.ts';
import { readServers, type KnownServer } from './read-servers.ts';

/** How much more of each than there is Nova gives out; its options of the same names. */
export interface AllocationRatios {
  readonly cpu: number;
  readonly ram: number;
  readonly disk: number;
}

/**
 * Everything in one look: the four lists are read at the same time.
 * @throws CloudError
 */
export async function observeCloud(
  nova: NovaApi,
  ratios: AllocationRatios,
  signal: AbortSignal,
): Promise<CloudObservation> {
  const [{ services }, { hypervisors }, servers, groups] = await Promise.all([
    nova.get('/os-services', servicesSchema, 'the list of services', signal),
    nova.get('/os-hypervisors/detail', hypervisorsSchema, 'the list of hypervisors', signal),
    readServers(nova, signal),
    readServerGroups(nova, signal),
  ]);
  return {
    hosts: hostsOf(services, hypervisors, ratios),
    instances: servers.filter(isThere).map(instanceOf),
    serverGroups: groups.map(serverGroupOf).filter((group) => group !== undefined),
  };
}

/**
 * Hosts by name. One that both computes and controls is a compute host: what counts is that instances are on it. One that
 * does neither, with a scheduler say, is `other` (facts 8.3, question 17).
 */
function hostsOf(
  services: readonly NovaService[],
  hypervisors: readonly NovaHypervisor[],
  ratios: AllocationRatios,
): readonly ObservedHost[] {
  const hosts = new Map<string, ObservedHost>();
  const byBinary = (binary: string) => services.filter((service) => service.binary === binary);
  const others = services.filter(({ binary }) => binary !== 'nova-conductor' && binary !== 'nova-compute');
  for (const { host, binary, status, state } of [...others, ...byBinary('nova-conductor')]) {
    hosts.set(host, {
      name: host,
      type: binary === 'nova-conductor' ? 'controller' : 'other',
      open: status === 'enabled',
      up: state === 'up',
      capacity: { vcpus: 0, memoryMb: 0, diskGb: 0 },
    });
  }
  for (const { host, id, status, state, disabled_reason: reason } of byBinary('nova-compute')) {
    hosts.set(host, {
      name: host,
      type: 'compute',
      serviceId: id,
      open: status === 'enabled',
      ...(status !== 'enabled' && typeof reason === 'string' && { closedReason: reason }),
      up: state === 'up',
      capacity: capacityOf(
        hypervisors.filter(({ service }) => service.host === host),
        ratios,
      ),
    });
  }
  return [...hosts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** By the name of the service: the hypervisor may call itself otherwise, and a host may have several (Ironic). */
function capacityOf(hypervisors: readonly NovaHypervisor[], { cpu, ram, disk }: AllocationRatios): Resources {
  const sum = (figure: (hypervisor: NovaHypervisor) => number) =>
    hypervisors.reduce((total, hypervisor) => total + figure(hypervisor), 0);
  return {
    vcpus: Math.floor(sum(({ vcpus }) => vcpus) * cpu),
    memoryMb: Math.floor(sum(({ memory_mb }) => memory_mb) * ram),
    diskGb: Math.floor(sum(({ local_gb }) => local_gb) * disk),
  };
}

/** Nova marks a server as deleted a moment before it leaves it out of its lists: its owner takes it for gone from then on. */
function isThere({ vmState }: KnownServer): boolean {
  return vmState !== 'deleted';
}

function instanceOf({ id, name, host, vmState, task, answer }: KnownServer): ObservedInstance {
  const { flavor, image } = answer;
  // A server without an image boots from a volume: its root disk is not on the host.
  const rootDiskGb = image === '' ? 0 : (flavor?.disk ?? 0);
  return {
    id,
    name,
    projectId: answer.tenant_id,
    ...(host !== undefined && { host }),
    state: vmState,
    task,
    size: {
      vcpus: flavor?.vcpus ?? 0,
      memoryMb: flavor?.ram ?? 0,
      // Swap is in MB; Nova rounds it up to whole GB too.
      diskGb: rootDiskGb + (flavor?.ephemeral ?? 0) + Math.ceil((flavor?.swap ?? 0) / 1024),
    },
  };
}

const policies: ReadonlySet<string> = new Set<ServerGroup['policy']>([
  'affinity',
  'anti-affinity',
  'soft-affinity',
  'soft-anti-affinity',
]);
const isPolicy = (policy: string): policy is ServerGroup['policy'] => policies.has(policy);

function serverGroupOf(group: NovaServerGroup): ServerGroup | undefined {
  const policy = group.policy ?? group.policies?.[0] ?? '';
  if (!isPolicy(policy)) return undefined;
  return {
    id: group.id,
    name: group.name,
    projectId: group.project_id ?? '',
    policy,
    maxPerHost: group.rules?.max_server_per_host ?? 1,
    members: group.members,
  };
}

/** Nova says neither how long a page may be nor whether it was the last: pages are turned until one brings nothing. */
async function readServerGroups(nova: NovaApi, signal: AbortSignal): Promise<readonly NovaServerGroup[]> {
  const groups = new Map<string, NovaServerGroup>();
  for (;;) {
    const before = groups.size;
    const path = `/os-server-groups?all_projects=true&limit=1000&offset=${before}`;
    const page = await nova.get(path, groupsSchema, 'the list of server groups', signal);
    for (const group of page.server_groups) groups.set(group.id, group);
    if (groups.size === before) return [...groups.values()];
  }
}
