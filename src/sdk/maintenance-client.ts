/** A client for every operation of the contract, typed by it. */
import createClient, { type Client } from 'openapi-fetch';
import {
  createAuthorizedFetch,
  type AuthorizedFetch,
  type AuthorizedFetchOptions,
} from './authorized-fetch.ts';
import type { paths } from './openapi.ts';

export interface MaintenanceClientOptions extends AuthorizedFetchOptions {
  /** The address of the server, with or without `/v1`, as the catalog has it for `maintenance` (facts 7.1). */
  readonly endpoint: string;
  /**
   * Other origins than the endpoint's (`https://host:port`) that may be sent the token when a notification names them
   * in `reply_url` or `instance_ids`. Anybody who reaches an alarm's target can post a notification there.
   */
  readonly trustedOrigins?: readonly string[];
}

/** `GET`, `PUT`, `POST` and `DELETE` take a path of the contract: `client.GET('/v1/maintenance')`. */
export interface MaintenanceClient extends Client<paths> {
  /** For URLs that a notification names. @throws UntrustedUrl */
  send: AuthorizedFetch;
}

/** A notification names a place that must not be sent the token. */
export class UntrustedUrl extends Error {
  override readonly name = 'UntrustedUrl';
}

/** The server, or Aodh, did not do what was asked. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The HTTP status. */
  readonly status: number;
  /** The answer's body. */
  readonly body: unknown;
  constructor(response: Response, body: unknown) {
    super(`${response.url} answered ${response.status}: ${explanation(body)}`);
    this.status = response.status;
    this.body = body;
  }
}

/** Makes a client. It also speaks to Aodh, whose alarm API is part of the contract, when given Aodh's endpoint. */
export function createMaintenanceClient(options: MaintenanceClientOptions): MaintenanceClient {
  const baseUrl = options.endpoint.replace(/\/+$/, '').replace(/\/v\d$/, '');
  const authorized = createAuthorizedFetch(options);
  const trusted = new Set([baseUrl, ...(options.trustedOrigins ?? [])].map((url) => new URL(url).origin));
  return {
    ...createClient<paths>({ baseUrl, fetch: authorized, headers: { Accept: 'application/json' } }),
    async send(input, init) {
      const { origin } = new URL(input instanceof Request ? input.url : input);
      if (options.token !== undefined && !trusted.has(origin))
        throw new UntrustedUrl(
          `the token is not sent to ${origin}, only to ${[...trusted].join(', ')}: if that is the maintenance ` +
            'server too, add it to trustedOrigins',
        );
      return authorized(input, init);
    },
  };
}

/** The data of an answer. @throws ApiError when the answer was an error */
export function dataOf<T>(result: { data?: T; error?: unknown; response: Response }): T {
  if (!result.response.ok) throw new ApiError(result.response, result.error);
  return result.data as T;
}

/** The text in an error's body: ours and Fenix's (`error`, `message`), or Aodh's (`error_message.faultstring`). */
function explanation(body: unknown): string {
  if (typeof body !== 'object' || body === null) return typeof body === 'string' ? body : 'no explanation';
  const { error, message } = body as { error?: unknown; message?: unknown };
  return [message, error].find((text) => typeof text === 'string') ?? JSON.stringify(body);
}
