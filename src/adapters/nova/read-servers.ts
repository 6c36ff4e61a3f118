import { CloudError } from '../../engine/ports.ts';
import { serverAnswerSchema, serversSchema, type NovaServer } from './answers.ts';
import type { NovaApi } from './nova-api.ts';

/** A server of which everything that we go by is known. */
export interface KnownServer {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly vmState: string;
  readonly task: string | null;
  /** Absent while no host carries it. */
  readonly host?: string;
  readonly faultMessage?: string;
  /** As Nova answered it. */
  readonly answer: NovaServer;
}

/** Nova's `osapi_max_limit` is 1000 unless a site has changed it; a smaller one of the site's wins. */
const pageSize = 1000;

/**
 * All servers of all projects, or those on one host, page by page.
 * @throws CloudError
 */
export async function readServers(
  nova: NovaApi,
  signal: AbortSignal,
  { host }: { readonly host?: string } = {},
): Promise<readonly KnownServer[]> {
  const what = host === undefined ? 'the list of servers' : `the list of servers on ${host}`;
  // A server may come twice when others are created while we turn pages.
  const servers = new Map<string, KnownServer>();
  for (let marker: string | undefined; ;) {
    const query = new URLSearchParams({
      all_tenants: '1',
      limit: String(pageSize),
      ...(host !== undefined && { host }),
      ...(marker !== undefined && { marker }),
    });
    const page = await nova.get(`/servers/detail?${query.toString()}`, serversSchema, what, signal);
    for (const server of page.servers) servers.set(server.id, knownServer(server));
    marker = page.servers.at(-1)?.id;
    // The link itself may name an address inside the site; the marker is all it says.
    if (marker === undefined || !page.servers_links.some(({ rel }) => rel === 'next'))
      return [...servers.values()];
  }
}

/**
 * One server.
 * @throws CloudError; `instance_gone` when there is none.
 */
export async function readServer(nova: NovaApi, id: string, signal: AbortSignal): Promise<KnownServer> {
  const path = `/servers/${encodeURIComponent(id)}`;
  const found = await nova.find(path, serverAnswerSchema, `a look at instance ${id}`, signal);
  if (found === undefined) throw new CloudError('instance_gone', `instance ${id} does not exist (any more)`);
  return knownServer(found.server);
}

function knownServer(server: NovaServer): KnownServer {
  const { id, name, status, fault } = server;
  const {
    'OS-EXT-SRV-ATTR:host': host,
    'OS-EXT-STS:vm_state': vmState,
    'OS-EXT-STS:task_state': task,
  } = server;
  if (vmState === undefined) {
    throw new CloudError('unavailable', `Nova tells too little of instance ${id}: its cell is probably down`);
  }
  if (host === undefined) {
    throw new CloudError(
      'failed',
      "Nova does not tell the hosts of instances: the service user's role does not allow it (admin is needed)",
    );
  }
  return {
    id,
    name,
    status,
    vmState,
    task: task ?? null,
    ...(host !== null && { host }),
    ...(fault && { faultMessage: fault.message }),
    answer: server,
  };
}
