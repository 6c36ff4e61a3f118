import { createHash } from 'node:crypto';
import { serverStatus } from '../model/server-status.ts';
import { isUp } from '../model/service-operations.ts';
import type { Flavor, Host, Server } from '../model/types.ts';
import { bookmark, type NovaContext, since, time, zuluTime } from './nova-context.ts';

/** Statuses in which Nova shows `progress`. */
const withProgress = ['ACTIVE', 'BUILD', 'RESIZE', 'VERIFY_RESIZE', 'MIGRATING'];

/** The host's name for those who may not know it: the same for the servers of one project on one host. */
export function hostId(projectId: string, host: string | null): string {
  return host === null
    ? ''
    : createHash('sha224')
        .update(projectId + host)
        .digest('hex');
}

function links(context: NovaContext, server: Server): readonly unknown[] {
  return [
    { rel: 'self', href: `${context.base}/servers/${server.id}` },
    { rel: 'bookmark', href: bookmark(context, `/servers/${server.id}`) },
  ];
}

/** A server in a plain list. */
export function briefServerView(context: NovaContext, server: Server): unknown {
  return { id: server.id, name: server.name, links: links(context, server) };
}

/** A server in a detailed list. */
export function serverView(context: NovaContext, server: Server): Record<string, unknown> {
  const status = serverStatus(server);
  return {
    id: server.id,
    name: server.name,
    status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: hostId(server.projectId, server.host),
    image: {
      id: server.imageId,
      links: [{ rel: 'bookmark', href: bookmark(context, `/images/${server.imageId}`) }],
    },
    flavor: flavorOf(context, server.flavor),
    created: zuluTime(server.createdAt),
    updated: zuluTime(server.updatedAt),
    addresses: {},
    accessIPv4: '',
    accessIPv6: '',
    links: links(context, server),
    'OS-DCF:diskConfig': 'MANUAL',
    ...(withProgress.includes(status) ? { progress: 0 } : {}),
    ...(status === 'ERROR' && server.fault !== null ? { fault: faultView(context, server.fault) } : {}),
    'OS-EXT-AZ:availability_zone': server.host === null ? '' : 'nova',
    config_drive: '',
    key_name: null,
    'OS-SRV-USG:launched_at': server.launchedAt === null ? null : time(server.launchedAt),
    'OS-SRV-USG:terminated_at': null,
    ...(context.admin ? hostAttributes(context, server) : hostnameForAll(context, server)),
    'OS-EXT-STS:task_state': server.taskState,
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': server.powerState,
    'os-extended-volumes:volumes_attached': [],
    ...since(context, 9, { locked: server.locked }),
    ...since(context, 73, { locked_reason: server.lockedReason }),
    ...since(context, 19, { description: null }),
    ...since(context, 26, { tags: [] }),
    ...since(context, 63, { trusted_image_certificates: null }),
    ...(context.admin ? since(context, 16, { host_status: hostStatus(context, server) }) : {}),
  };
}

/** A server that is shown alone: from 2.71 on with its server group. */
export function singleServerView(context: NovaContext, server: Server): unknown {
  const groups = server.groupId === null ? [] : [server.groupId];
  return { ...serverView(context, server), ...since(context, 71, { server_groups: groups }) };
}

function faultView(context: NovaContext, fault: NonNullable<Server['fault']>): unknown {
  const details = context.admin ? { details: `The lab was told to fail here: ${fault.message}` } : {};
  return { code: 500, created: zuluTime(fault.at), message: fault.message, ...details };
}

function flavorOf(context: NovaContext, flavor: Flavor): unknown {
  if (context.minor < 47) {
    return { id: flavor.id, links: [{ rel: 'bookmark', href: bookmark(context, `/flavors/${flavor.id}`) }] };
  }
  return {
    vcpus: flavor.size.vcpus,
    ram: flavor.size.memoryMb,
    disk: flavor.size.diskGb,
    ephemeral: 0,
    swap: 0,
    original_name: flavor.name,
    extra_specs: {},
  };
}

function hostAttributes(context: NovaContext, server: Server): Record<string, unknown> {
  return {
    'OS-EXT-SRV-ATTR:host': server.host,
    'OS-EXT-SRV-ATTR:instance_name': instanceName(server),
    'OS-EXT-SRV-ATTR:hypervisor_hostname': server.host,
    ...since(context, 3, {
      'OS-EXT-SRV-ATTR:reservation_id': server.reservationId,
      'OS-EXT-SRV-ATTR:launch_index': 0,
      'OS-EXT-SRV-ATTR:hostname': hostname(server),
      'OS-EXT-SRV-ATTR:kernel_id': '',
      'OS-EXT-SRV-ATTR:ramdisk_id': '',
      'OS-EXT-SRV-ATTR:root_device_name': '/dev/sda',
      'OS-EXT-SRV-ATTR:user_data': null,
    }),
  };
}

/** The only one of the attributes that is for everybody, since 2.90. */
function hostnameForAll(context: NovaContext, server: Server): object {
  return since(context, 90, { 'OS-EXT-SRV-ATTR:hostname': hostname(server) });
}

function hostname(server: Server): string {
  return server.name.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-');
}

/** The name that the hypervisor knows a server by. */
export function instanceName(server: Server): string {
  return `instance-${server.number.toString(16).padStart(8, '0')}`;
}

function hostStatus(context: NovaContext, server: Server): string {
  const host: Host | undefined = server.host === null ? undefined : context.cloud.host(server.host);
  if (host === undefined) return '';
  if (!isUp(host.service)) return 'DOWN';
  return host.service.disabled ? 'MAINTENANCE' : 'UP';
}
