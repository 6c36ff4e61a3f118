import type { Answer } from '../wire/call.ts';
import { add, noResources, subtract } from '../model/placement.ts';
import { isUp } from '../model/service-operations.ts';
import type { Host } from '../model/types.ts';
import { flag, hypervisorId, type NovaContext, type NovaRoute, ok, requireAdmin } from './nova-context.ts';
import { notFound } from './nova-error.ts';
import { page } from './paging.ts';
import { instanceName } from './server-view.ts';

const cpuInfo = {
  arch: 'x86_64',
  model: 'Nehalem',
  vendor: 'Intel',
  features: ['pge', 'clflush'],
  topology: { cores: 1, threads: 1, sockets: 4 },
};

/** os-hypervisors. Its figures are as old as the last report of the host, and gone from 2.88 on. */
export const hypervisorRoutes: readonly NovaRoute[] = [
  {
    method: 'GET',
    path: '/os-hypervisors',
    name: 'os-hypervisors.list',
    handle: (context) => list(context, false),
  },
  {
    method: 'GET',
    path: '/os-hypervisors/detail',
    name: 'os-hypervisors.detail',
    handle: (context) => list(context, true),
  },
  {
    method: 'GET',
    path: '/os-hypervisors/statistics',
    name: 'os-hypervisors.statistics',
    handle: statistics,
  },
  {
    method: 'GET',
    path: '/os-hypervisors/:hypervisor',
    name: 'os-hypervisors.show',
    handle: (context, { hypervisor = '' }) => show(context, hypervisor),
  },
  {
    method: 'GET',
    path: '/os-hypervisors/:pattern/search',
    name: 'os-hypervisors.search',
    handle: (context, { pattern = '' }) => search(context, pattern, false),
  },
  {
    method: 'GET',
    path: '/os-hypervisors/:pattern/servers',
    name: 'os-hypervisors.servers',
    handle: (context, { pattern = '' }) => search(context, pattern, true),
  },
];

function briefView(context: NovaContext, host: Host, withServers: boolean): Record<string, unknown> {
  const servers = [...context.cloud.servers.values()].filter((server) => server.host === host.name);
  // Before 2.75 a host without servers has no such field at all.
  const shown = withServers && (context.minor >= 75 || servers.length > 0);
  return {
    id: hypervisorId(context, host),
    hypervisor_hostname: host.name,
    state: isUp(host.service) ? 'up' : 'down',
    status: host.service.disabled ? 'disabled' : 'enabled',
    ...(shown ? { servers: servers.map((server) => ({ name: instanceName(server), uuid: server.id })) } : {}),
  };
}

function detailView(context: NovaContext, host: Host, withServers: boolean): Record<string, unknown> {
  const { service } = host;
  return {
    ...briefView(context, host, withServers),
    hypervisor_type: 'fake',
    hypervisor_version: 1000,
    host_ip: '127.0.0.1',
    service: {
      id: context.minor >= 53 ? service.uuid : service.number,
      host: host.name,
      disabled_reason: service.disabledReason,
    },
    ...(context.minor >= 88
      ? { uptime: null }
      : { ...figures(host), cpu_info: context.minor >= 28 ? cpuInfo : JSON.stringify(cpuInfo) }),
  };
}

function figures({ capacity, reported }: Pick<Host, 'capacity' | 'reported'>): Record<string, number> {
  const free = subtract(capacity, reported.used);
  return {
    vcpus: capacity.vcpus,
    memory_mb: capacity.memoryMb,
    local_gb: capacity.diskGb,
    vcpus_used: reported.used.vcpus,
    memory_mb_used: reported.used.memoryMb,
    local_gb_used: reported.used.diskGb,
    free_ram_mb: free.memoryMb,
    free_disk_gb: free.diskGb,
    current_workload: 0,
    running_vms: reported.runningVms,
    disk_available_least: 0,
  };
}

function list(context: NovaContext, detail: boolean): Answer {
  requireAdmin(context, `os-hypervisors:${detail ? 'list-detail' : 'list'}`);
  const { query } = context.call;
  const pattern = context.minor >= 53 ? query.get('hypervisor_hostname_pattern') : null;
  const hosts = context.cloud.hosts.filter((host) => pattern === null || host.name.includes(pattern));
  if (pattern !== null && hosts.length === 0)
    throw notFound(`No hypervisor matching '${pattern}' could be found.`);
  const withServers = context.minor >= 53 && flag(query.get('with_servers'));
  const path = detail ? '/os-hypervisors/detail' : '/os-hypervisors';
  // Pages came with 2.33, and never go together with a pattern.
  const paged =
    context.minor >= 33 && pattern === null
      ? page(context, path, hosts, (host) => String(hypervisorId(context, host)))
      : { items: hosts };
  const view = detail ? detailView : briefView;
  return ok({
    hypervisors: paged.items.map((host) => view(context, host, withServers)),
    ...(paged.next === undefined ? {} : { hypervisors_links: [{ rel: 'next', href: paged.next }] }),
  });
}

function show(context: NovaContext, id: string): Answer {
  requireAdmin(context, 'os-hypervisors:show');
  const host = context.cloud.hosts.find((one) => String(hypervisorId(context, one)) === id);
  if (host === undefined) throw notFound(`Hypervisor with ID '${id}' could not be found.`);
  const withServers = context.minor >= 53 && flag(context.call.query.get('with_servers'));
  return ok({ hypervisor: detailView(context, host, withServers) });
}

function search(context: NovaContext, pattern: string, withServers: boolean): Answer {
  // From 2.53 on the query parameters of the list do this.
  if (context.minor >= 53) throw notFound('The resource could not be found.');
  requireAdmin(context, `os-hypervisors:${withServers ? 'servers' : 'search'}`);
  const hosts = context.cloud.hosts.filter((host) => host.name.includes(pattern));
  if (hosts.length === 0) throw notFound(`No hypervisor matching '${pattern}' could be found.`);
  return ok({ hypervisors: hosts.map((host) => briefView(context, host, withServers)) });
}

function statistics(context: NovaContext): Answer {
  if (context.minor >= 88) throw notFound('The resource could not be found.');
  requireAdmin(context, 'os-hypervisors:statistics');
  const { hosts } = context.cloud;
  const total = {
    capacity: hosts.map((host) => host.capacity).reduce(add, noResources),
    reported: {
      used: hosts.map((host) => host.reported.used).reduce(add, noResources),
      runningVms: hosts.reduce((sum, host) => sum + host.reported.runningVms, 0),
    },
  };
  return ok({ hypervisor_statistics: { count: hosts.length, ...figures(total) } });
}
