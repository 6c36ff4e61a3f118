import { z } from 'zod';
import type { HttpAnswer } from '../http-client/http-client.ts';
import type { ServiceCredentials } from './credentials.ts';

const catalogSchema = z.array(
  z.object({
    type: z.string(),
    endpoints: z.array(
      z.object({
        interface: z.string(),
        url: z.string(),
        region: z.string().nullish(),
        region_id: z.string().nullish(),
      }),
    ),
  }),
);

const loginAnswerSchema = z.object({
  token: z.object({
    expires_at: z.string(),
    issued_at: z.string(),
    project: z.object({ id: z.string(), name: z.string(), domain: z.object({ id: z.string() }) }),
    catalog: catalogSchema.default([]),
  }),
});

export type Catalog = z.infer<typeof catalogSchema>;

/** A login of the service user: the token, its life, and what came with it. Times are milliseconds since 1970. */
export interface ServiceToken {
  readonly secret: string;
  /** From here on a new one is fetched in the background. */
  readonly renewAt: number;
  /** From here on it is not used any more. */
  readonly endsAt: number;
  readonly project: { readonly id: string; readonly name: string; readonly domainId: string };
  readonly catalog: Catalog;
}

/**
 * Reads the answer to a login. The life of the token is counted from `now`, so that clocks need not agree.
 * @throws Error when a token came without what belongs to it.
 */
export function readServiceToken({ headers, body }: HttpAnswer, now: number): ServiceToken {
  const secret = headers['x-subject-token'];
  const parsed = loginAnswerSchema.safeParse(body);
  if (secret === undefined) throw new Error('the answer to the login has no X-Subject-Token header');
  if (!parsed.success)
    throw new Error(`the answer to the login is not as expected:\n${z.prettifyError(parsed.error)}`);
  const { project, catalog, expires_at, issued_at } = parsed.data.token;
  const life = Date.parse(expires_at) - Date.parse(issued_at);
  return {
    secret,
    renewAt: now + life * 0.8,
    endsAt: now + life * 0.95,
    project: { id: project.id, name: project.name, domainId: project.domain.id },
    catalog,
  };
}

/**
 * The address of a service, by the first of its types that is there, in the region and on the interface that the
 * credentials name. Without a slash at the end.
 * @throws Error that says what was looked for and what there is.
 */
export function endpointOf(
  catalog: Catalog,
  { region, interface: wanted }: Pick<ServiceCredentials, 'region' | 'interface'>,
  types: readonly string[],
): string {
  for (const type of types) {
    const endpoints = catalog
      .filter((service) => service.type === type)
      .flatMap((service) => service.endpoints);
    const found = endpoints.find(
      (endpoint) =>
        endpoint.interface === wanted &&
        (region === undefined || endpoint.region_id === region || endpoint.region === region),
    );
    if (found !== undefined) return found.url.replace(/\/+$/, '');
  }
  const known = [...new Set(catalog.map((service) => service.type))].join(', ') || 'nothing';
  const where = region === undefined ? '' : ` in region ${region}`;
  throw new Error(
    `the catalog has no ${wanted} endpoint of type ${types.join(' or ')}${where} (it has: ${known}); ` +
      'set its address in the configuration, or correct region and interface',
  );
}
