/** Logins and Nova calls of strangers' clients on the lab: plain HTTP, nothing of ours in between. */
import { request } from 'node:http';
import type { Lab } from '../../../src/lab/lab.ts';
import { call, jsonOf } from './call.ts';

/** The headers that every one of these clients sends. */
export const jsonHeaders = { 'Content-Type': 'application/json', Accept: 'application/json' } as const;

/** A token of a user, scoped to a project by its name. */
export function tokenOf(lab: Lab, user: string, projectName: string): Promise<string> {
  const domain = { id: 'default' };
  const password = lab.users[user]?.password ?? '';
  const body = JSON.stringify({
    auth: {
      identity: { methods: ['password'], password: { user: { name: user, domain, password } } },
      scope: { project: { name: projectName, domain } },
    },
  });
  return new Promise((resolve, reject) => {
    const sent = request(
      `${lab.authUrl}/auth/tokens`,
      { method: 'POST', headers: { ...jsonHeaders, 'Content-Length': Buffer.byteLength(body) } },
      (response) => {
        response.resume();
        const token = response.headers['x-subject-token'];
        if (typeof token === 'string') resolve(token);
        else reject(new Error(`no token for ${user} in ${projectName}: ${response.statusCode}`));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A server of Nova as these clients read it. */
export interface NovaServer {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

/** The servers of the project that the token is for. */
export async function serversOf(lab: Lab, token: string): Promise<readonly NovaServer[]> {
  const answer = await call({
    method: 'GET',
    url: `${lab.computeUrl}/servers/detail`,
    headers: { ...jsonHeaders, 'X-Auth-Token': token },
  });
  return (jsonOf(answer) as { servers: NovaServer[] }).servers;
}

/**
 * What Heat does for Doctor and Tacker when a stack is updated: creates or deletes servers, and returns when that is done.
 */
export async function scaleServers(
  lab: Lab,
  token: string,
  { prefix, by }: { readonly prefix: string; readonly by: number },
): Promise<{ readonly added: readonly string[]; readonly removed: readonly string[] }> {
  const headers = { ...jsonHeaders, 'X-Auth-Token': token };
  const mine = (await serversOf(lab, token)).filter(({ name }) => name.startsWith(prefix));
  const added: string[] = [];
  const removed = by < 0 ? mine.slice(by).map(({ id }) => id) : [];
  for (const id of removed) await call({ method: 'DELETE', url: `${lab.computeUrl}/servers/${id}`, headers });
  for (let n = 0; n < by; n += 1) {
    const server = {
      name: `${prefix}new_${mine.length + n}`,
      imageRef: lab.imageId,
      flavorRef: Object.values(lab.flavors)[0],
      networks: 'none',
    };
    const url = `${lab.computeUrl}/servers`;
    const answer = await call({
      method: 'POST',
      url,
      headers: { ...headers, 'OpenStack-API-Version': 'compute 2.37' },
      data: JSON.stringify({ server }),
    });
    if (answer.status !== 202) throw new Error(answer.text);
    added.push((jsonOf(answer) as { server: { id: string } }).server.id);
  }
  const settled = async () => {
    const now = await serversOf(lab, token);
    return (
      !now.some(({ id }) => removed.includes(id)) &&
      added.every((id) => now.some((server) => server.id === id && server.status === 'ACTIVE'))
    );
  };
  while (!(await settled())) await new Promise((resolve) => setImmediate(resolve));
  return { added, removed };
}
