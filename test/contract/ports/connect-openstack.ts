import { AuthorizedService } from '../../../src/adapters/keystone/authorized-service.ts';
import type { ServiceCredentials } from '../../../src/adapters/keystone/credentials.ts';
import { ServiceSession } from '../../../src/adapters/keystone/service-session.ts';
import { HttpClient } from '../../../src/adapters/http-client/http-client.ts';
import { computeBaseUrl } from '../../../src/adapters/nova/compute-base-url.ts';
import { NovaCloud } from '../../../src/adapters/nova/nova-cloud.ts';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import type { CloudUnderTest } from './cloud.contract.ts';

export interface Account {
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
}

export function credentialsOf({ authUrl, username, password, projectName }: Account): ServiceCredentials {
  const domain = { id: 'default' };
  return {
    authUrl,
    username,
    password,
    projectName,
    userDomain: domain,
    projectDomain: domain,
    region: 'RegionOne',
    interface: 'public',
  };
}

/** Our adapters on an OpenStack, the lab or a real one, and what its users and operators do beside us. */
export function connectOpenstack(
  account: Account,
): Omit<CloudUnderTest, 'failNextMove' | 'projectId'> & { readonly session: ServiceSession } {
  const http = new HttpClient();
  const session = new ServiceSession({ http, credentials: credentialsOf(account), clock: new SystemClock() });
  const service = new AuthorizedService({
    session,
    http,
    baseUrl: async (signal) => computeBaseUrl(await session.endpoint(['compute'], signal)),
  });
  return {
    session,
    cloud: new NovaCloud({ service }),
    async deleteInstance(id) {
      const { status } = await service.request({ method: 'DELETE', path: `/servers/${id}` });
      if (status !== 204) throw new Error(`deleting ${id} was answered with ${status}`);
    },
    async stopInstance(id) {
      const path = `/servers/${id}/action`;
      const { status } = await service.request({ method: 'POST', path, body: { 'os-stop': null } });
      if (status !== 202) throw new Error(`stopping ${id} was answered with ${status}`);
    },
    close: () => http.close(),
  };
}
