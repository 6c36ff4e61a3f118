/** A domain by its name or its id. */
type DomainRef = { readonly id: string } | { readonly name: string };

/** How our own service user logs in at Keystone, and where it finds the other services (facts 7.1, `[service_user]`). */
export interface ServiceCredentials {
  /** Keystone's address; `/v3` is added where it is missing. */
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly userDomain: DomainRef;
  readonly projectName: string;
  readonly projectDomain: DomainRef;
  /** The region whose services are used; any when absent. */
  readonly region?: string;
  readonly interface: 'public' | 'internal' | 'admin';
  /** Addresses of services by type, instead of the catalog's. */
  readonly endpoints?: Readonly<Record<string, string>>;
}

/** The body of a password login, scoped to the service user's project. */
export function loginBody({
  username,
  password,
  userDomain,
  projectName,
  projectDomain,
}: ServiceCredentials) {
  return {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: username, domain: userDomain, password } },
      },
      scope: { project: { name: projectName, domain: projectDomain } },
    },
  };
}

/** Keystone's address with its version and without a slash at the end. */
export function identityUrl(authUrl: string): string {
  const url = authUrl.replace(/\/+$/, '');
  return /\/v3$/.test(url) ? url : `${url}/v3`;
}
