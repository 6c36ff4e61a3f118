import { isIP } from 'node:net';
import type { Config } from './schema.ts';

/** Options that are right each by itself and wrong together. */
interface Contradiction {
  /** The options involved; nothing is said while one of them is wrong by itself. */
  readonly options: readonly string[];
  /** What is wrong and what to do; undefined when all is well. */
  readonly says: (config: Config) => string | undefined;
}

/** Everything that is asked of options together, in the order of the sections. */
export const contradictions: readonly Contradiction[] = [
  {
    options: ['server.host', 'auth.mode', 'server.allow_unauthenticated_remote'],
    says: ({ server, auth }) =>
      auth.mode === 'none' && !isLoopback(server.host) && !server.allowUnauthenticatedRemote
        ? `with auth.mode none the server listens on loopback only (127.0.0.1); set auth.mode to keystone, or server.allow_unauthenticated_remote to true if everybody who reaches ${server.host} may do everything`
        : undefined,
  },
  {
    options: ['server.host', 'server.public_url'],
    says: ({ server }) =>
      isWildcard(server.host) && server.publicUrl === undefined
        ? `the server listens on every address (${server.host}), so server.public_url must say by which one clients reach it`
        : undefined,
  },
  {
    options: ['server.public_url'],
    says: ({ server }) =>
      /\/v1(\/|$)/.test(server.publicUrl ?? '') ? 'must not contain /v1: it is added' : undefined,
  },
  {
    options: ['keystone.auth_url', 'keystone.username', 'keystone.password', 'keystone.project_name'],
    says: (config) => {
      const reason = whyServiceUser(config);
      return reason !== undefined && serviceUser(config).some((value) => value === undefined)
        ? `must all be set, since ${reason}`
        : undefined;
    },
  },
  {
    options: ['keystone.client_cert_file', 'keystone.client_key_file'],
    says: ({ keystone }) =>
      (keystone.clientCertFile === undefined) !== (keystone.clientKeyFile === undefined)
        ? 'the certificate and its key must be set together'
        : undefined,
  },
  {
    options: ['keystone.insecure', 'keystone.ca_file'],
    says: ({ keystone }) =>
      keystone.insecure && keystone.caFile !== undefined
        ? 'with insecure no certificate is checked, so ca_file has no use; set one of them'
        : undefined,
  },
  {
    options: ['nova.first_look_milliseconds', 'nova.longest_look_milliseconds'],
    says: ({ nova }) =>
      nova.firstLookMilliseconds > nova.longestLookMilliseconds
        ? `the first pause (${nova.firstLookMilliseconds}) must not be longer than the longest (${nova.longestLookMilliseconds})`
        : undefined,
  },
  {
    options: ['notifications.driver', 'notifications.transport_url'],
    says: ({ notifications: { driver, transportUrl } }) => {
      if (driver === 'oslo' && transportUrl === undefined) return 'the driver oslo needs a transport_url';
      return driver === 'webhook' && transportUrl !== undefined
        ? 'the driver webhook sends nothing to a transport_url; set the driver to oslo, or remove it'
        : undefined;
    },
  },
];

function serviceUser({ keystone }: Config): readonly unknown[] {
  return [keystone.authUrl, keystone.username, keystone.password, keystone.projectName];
}

/** Why the service user has to be there; undefined when it need not. */
function whyServiceUser(config: Config): string | undefined {
  if (config.auth.mode === 'keystone') return 'auth.mode is keystone';
  if (config.notifications.driver === 'oslo')
    return 'notifications.driver is oslo, and Aodh knows who listens';
  return serviceUser(config).some((value) => value !== undefined) ? 'one of them is' : undefined;
}

/** Does this address only take connections from the same machine? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
