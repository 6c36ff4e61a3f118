/** The few calls of Nova's API that an ordinary member of a project needs for its own servers. */
import { ApiError, type AuthorizedFetch } from '../sdk/index.ts';

/** A server as its project sees it. */
export interface Server {
  readonly id: string;
  readonly name: string;
  /** `ACTIVE`, `BUILD`, `ERROR`, ... */
  readonly status: string;
}

export interface ServerGroup {
  readonly id: string;
  readonly name: string;
  readonly members: readonly string[];
}

/** What is needed to boot a server like an existing one. */
export interface ServerTemplate {
  readonly name: string;
  readonly imageRef: string;
  readonly flavorRef: string;
  readonly networks: 'none' | readonly { readonly uuid: string }[];
  /** The server group that the new server is to be a member of. */
  readonly groupId?: string;
}

export interface Nova {
  servers(): Promise<readonly Server[]>;
  serverGroups(): Promise<readonly ServerGroup[]>;
  /** How a server was made. @throws Error for a server without an image (booted from a volume) */
  template(serverId: string): Promise<ServerTemplate>;
  /** Asks for a new server and returns its id at once; it is built in the background. */
  boot(template: ServerTemplate): Promise<string>;
  /** Asks for a server to be deleted. One that is gone already is as good. */
  remove(serverId: string): Promise<void>;
  /** A server's status and what went wrong with it; undefined when it is gone. */
  status(serverId: string): Promise<{ readonly status: string; readonly fault?: string } | undefined>;
}

/** Server groups with `policy`; `networks: none`; groups and tags in one answer. Any cloud since Ussuri has it. */
const currentVersion = '2.87';
/** From 2.47 on a server shows its flavor's properties and not its id. */
const flavorIdVersion = '2.46';

const gone = new Set(['DELETED', 'SOFT_DELETED']);

/** @param endpoint Nova's address in the catalog, which ends in `/v2.1` */
export function createNova(endpoint: string, send: AuthorizedFetch): Nova {
  const base = endpoint.replace(/\/+$/, '');

  async function call(
    method: string,
    path: string,
    body?: unknown,
    version = currentVersion,
  ): Promise<unknown> {
    const response = await send(`${base}${path}`, {
      method,
      headers: {
        Accept: 'application/json',
        'OpenStack-API-Version': `compute ${version}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiError(response, text);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** The answer, or undefined for what does not exist. */
  async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async function networksOf(serverId: string, addresses: object): Promise<ServerTemplate['networks']> {
    if (Object.keys(addresses).length === 0) return 'none';
    const answer = (await call('GET', `/servers/${serverId}/os-interface`)) as {
      interfaceAttachments: readonly { net_id: string }[];
    };
    return [...new Set(answer.interfaceAttachments.map(({ net_id }) => net_id))].map((uuid) => ({ uuid }));
  }

  async function serverGroups(): Promise<readonly ServerGroup[]> {
    const answer = (await call('GET', '/os-server-groups')) as { server_groups: readonly ServerGroup[] };
    return answer.server_groups.map(({ id, name, members }) => ({ id, name, members }));
  }

  return {
    serverGroups,
    async servers() {
      const { servers } = (await call('GET', '/servers/detail')) as { servers: readonly Server[] };
      return servers
        .map(({ id, name, status }) => ({ id, name, status }))
        .filter(({ status }) => !gone.has(status));
    },
    async template(serverId) {
      const answer = (await call('GET', `/servers/${serverId}`, undefined, flavorIdVersion)) as {
        server: { name: string; image: { id: string } | ''; flavor: { id: string }; addresses: object };
      };
      const { name, image, flavor, addresses } = answer.server;
      if (image === '')
        throw new Error(`${name} (${serverId}) was booted from a volume: it cannot be booted again`);
      const group = (await serverGroups()).find(({ members }) => members.includes(serverId));
      return {
        name,
        imageRef: image.id,
        flavorRef: flavor.id,
        networks: await networksOf(serverId, addresses),
        ...(group && { groupId: group.id }),
      };
    },
    async boot({ groupId, ...server }) {
      const body = { server, ...(groupId !== undefined && { 'os:scheduler_hints': { group: groupId } }) };
      const answer = (await call('POST', '/servers', body)) as { server: { id: string } };
      return answer.server.id;
    },
    async remove(serverId) {
      await ifThere(call('DELETE', `/servers/${serverId}`));
    },
    async status(serverId) {
      const answer = (await ifThere(call('GET', `/servers/${serverId}`))) as
        { server: { status: string; fault?: { message: string } } } | undefined;
      if (!answer || gone.has(answer.server.status)) return undefined;
      const { status, fault } = answer.server;
      return { status, ...(fault && { fault: fault.message }) };
    },
  };
}
