/** Who an application is, as people tell OpenStack's clients. */

/** Names and ids as in an `openrc` file. */
export interface KeystoneCredentials {
  /** Keystone's address, with or without `/v3` (OS_AUTH_URL). */
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
  /** Default: the domain named `Default`. An id goes before a name. */
  readonly userDomainName?: string;
  readonly userDomainId?: string;
  readonly projectDomainName?: string;
  readonly projectDomainId?: string;
  /** Which region's endpoints are wanted; any if absent (OS_REGION_NAME). */
  readonly region?: string;
  /** Which endpoints are wanted (OS_INTERFACE). Default: public. */
  readonly interface?: 'public' | 'internal' | 'admin';
}

/**
 * Reads credentials from the variables that an `openrc` file sets.
 * @throws Error that names what is missing or wrong
 */
export function credentialsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): KeystoneCredentials {
  const optional = (name: string) => environment[name] || undefined;
  const missing: string[] = [];
  const required = (name: string) => {
    const value = optional(name);
    if (value === undefined) missing.push(name);
    return value ?? '';
  };
  const credentials = {
    authUrl: required('OS_AUTH_URL'),
    username: required('OS_USERNAME'),
    password: required('OS_PASSWORD'),
    projectName: required('OS_PROJECT_NAME'),
  };
  if (missing.length > 0)
    throw new Error(`${missing.join(', ')} not set in the environment: an openrc file sets them`);
  const wanted = optional('OS_INTERFACE')?.replace(/URL$/, '');
  if (wanted !== undefined && wanted !== 'public' && wanted !== 'internal' && wanted !== 'admin')
    throw new Error(`OS_INTERFACE is ${wanted}: public, internal and admin are known`);
  const rest = {
    userDomainName: optional('OS_USER_DOMAIN_NAME'),
    userDomainId: optional('OS_USER_DOMAIN_ID'),
    projectDomainName: optional('OS_PROJECT_DOMAIN_NAME'),
    projectDomainId: optional('OS_PROJECT_DOMAIN_ID'),
    region: optional('OS_REGION_NAME'),
    interface: wanted,
  };
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return { ...credentials, ...(Object.fromEntries(given) as Partial<KeystoneCredentials>) };
}
