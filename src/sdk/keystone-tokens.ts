/** Tokens and the catalog of Keystone v3, by user name and password. */
import type { KeystoneCredentials } from './keystone-credentials.ts';

export interface KeystoneOptions {
  /** Instead of the global one. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** The clock, milliseconds since 1970. */
  readonly now?: () => number;
}

/** A token that is kept, and renewed when it is about to expire or was refused. */
export interface KeystoneTokens {
  /** A valid token. Give it the one that a service refused (401), and it gets another. @throws KeystoneError */
  readonly token: (refused?: string) => Promise<string>;
  /**
   * Where a service is, by its type (`compute`, `maintenance`, `alarming`), as the catalog says it.
   * @throws KeystoneError when the catalog has none
   */
  readonly endpoint: (serviceType: string) => Promise<string>;
  /** The id of the project that the token is for. */
  readonly projectId: () => Promise<string>;
}

/** Keystone refused, is out of reach, or does not know a service. Never holds the password. */
export class KeystoneError extends Error {
  override readonly name = 'KeystoneError';
}

/** The part of Keystone's answer that is used here. */
interface TokenBody {
  readonly expires_at: string;
  readonly issued_at: string;
  readonly project?: { readonly id: string };
  readonly catalog?: readonly {
    readonly type: string;
    readonly endpoints: readonly {
      readonly interface: string;
      readonly region_id?: string | null;
      readonly url: string;
    }[];
  }[];
}

interface KeptToken extends TokenBody {
  readonly id: string;
  /** When it should be renewed, by our clock. */
  readonly renewAt: number;
}

/** How long before its end a token is renewed, at most: enough for the slowest call that it is sent along with. */
const renewalMarginMilliseconds = 60_000;
const timeLimitMilliseconds = 30_000;

/** Keeps a token for these credentials. Asks Keystone at the first use, and once for all who ask meanwhile. */
export function createKeystoneTokens(
  credentials: KeystoneCredentials,
  options: KeystoneOptions = {},
): KeystoneTokens {
  const { fetch: send = fetch, now = Date.now } = options;
  let kept: KeptToken | undefined;
  let pending: Promise<KeptToken> | undefined;

  async function authenticate(): Promise<KeptToken> {
    const askedAt = now();
    const { id, token } = await passwordLogin(credentials, send);
    // Counted from our own clock, so that a clock that differs from Keystone's does no harm.
    const lifetime = Date.parse(token.expires_at) - Date.parse(token.issued_at);
    const margin = Math.min(renewalMarginMilliseconds, lifetime / 5);
    return { ...token, id, renewAt: askedAt + lifetime - margin };
  }

  async function current(refused?: string): Promise<KeptToken> {
    if (kept && kept.id !== refused && now() < kept.renewAt) return kept;
    pending ??= authenticate().finally(() => (pending = undefined));
    kept = await pending;
    return kept;
  }

  return {
    token: async (refused) => (await current(refused)).id,
    endpoint: async (serviceType) => findEndpoint(await current(), serviceType, credentials),
    async projectId() {
      const { project } = await current();
      if (!project) throw new KeystoneError('the token is for no project: check the project name');
      return project.id;
    },
  };
}

async function passwordLogin(
  credentials: KeystoneCredentials,
  send: NonNullable<KeystoneOptions['fetch']>,
): Promise<{ id: string; token: TokenBody }> {
  const url = `${credentials.authUrl.replace(/\/+$/, '').replace(/\/v3$/, '')}/v3/auth/tokens`;
  const { username: name, password, projectName } = credentials;
  const user = { name, password, domain: domain(credentials.userDomainId, credentials.userDomainName) };
  const project = {
    name: projectName,
    domain: domain(credentials.projectDomainId, credentials.projectDomainName),
  };
  let response;
  try {
    response = await send(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({
        auth: { identity: { methods: ['password'], password: { user } }, scope: { project } },
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeLimitMilliseconds),
    });
  } catch (error) {
    throw new KeystoneError(`Keystone at ${url} cannot be reached`, { cause: error });
  }
  const id = response.headers.get('X-Subject-Token');
  if (response.status !== 201 || id === null) {
    await response.body?.cancel();
    const who = `user ${name} and project ${projectName}`;
    const hint = response.status === 401 ? ': check user name, password, project and domains' : '';
    throw new KeystoneError(`Keystone at ${url} answered ${response.status} for ${who}${hint}`);
  }
  const { token } = (await response.json()) as { token: TokenBody };
  return { id, token };
}

function domain(id: string | undefined, name = 'Default'): { id: string } | { name: string } {
  return id === undefined ? { name } : { id };
}

function findEndpoint(token: TokenBody, serviceType: string, credentials: KeystoneCredentials): string {
  const { region, interface: wanted = 'public' } = credentials;
  const endpoint = (token.catalog ?? [])
    .filter(({ type }) => type === serviceType)
    .flatMap(({ endpoints }) => endpoints)
    .find(
      (candidate) =>
        candidate.interface === wanted && (region === undefined || candidate.region_id === region),
    );
  if (endpoint) return endpoint.url;
  const where = region === undefined ? '' : ` in region ${region}`;
  throw new KeystoneError(
    `the catalog has no ${wanted} endpoint of type ${serviceType}${where}: register one with ` +
      `“openstack endpoint create”`,
  );
}
