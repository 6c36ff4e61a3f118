import type { HttpAnswer, HttpClient } from '../http-client/http-client.ts';
import { RequestNotSent } from '../http-client/http-errors.ts';
import type { ServiceApi, ServiceRequest } from '../http-client/service-api.ts';

/** Where tokens come from (`ServiceSession`). */
export interface TokenSource {
  token(signal?: AbortSignal): Promise<string>;
  renew(refused: string, signal?: AbortSignal): Promise<string>;
}

export interface AuthorizedServiceOptions {
  readonly session: TokenSource;
  /** For this service's endpoint. */
  readonly http: HttpClient;
  /** The service's address, without a slash at the end. */
  readonly baseUrl: (signal?: AbortSignal) => Promise<string>;
}

/** A service of the cloud, spoken to with the service user's token. */
export class AuthorizedService implements ServiceApi {
  readonly #session: TokenSource;
  readonly #http: HttpClient;
  readonly #baseUrl: AuthorizedServiceOptions['baseUrl'];

  constructor({ session, http, baseUrl }: AuthorizedServiceOptions) {
    this.#session = session;
    this.#http = http;
    this.#baseUrl = baseUrl;
  }

  /** A 401 means that nothing was carried out, so the request is repeated with a new token, once. */
  async request(request: ServiceRequest): Promise<HttpAnswer> {
    const { signal } = request;
    const token = await this.#prepare(() => this.#session.token(signal), signal);
    const url = `${await this.#prepare(() => this.#baseUrl(signal), signal)}${request.path}`;
    const answer = await this.#send(request, url, token);
    if (answer.status !== 401) return answer;
    return this.#send(request, url, await this.#prepare(() => this.#session.renew(token, signal), signal));
  }

  async #prepare(step: () => Promise<string>, signal?: AbortSignal): Promise<string> {
    try {
      return await step();
    } catch (error) {
      signal?.throwIfAborted();
      throw new RequestNotSent(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  #send({ path: _path, headers, ...rest }: ServiceRequest, url: string, token: string): Promise<HttpAnswer> {
    return this.#http.request({ ...rest, url, headers: { ...headers, 'x-auth-token': token } });
  }
}
