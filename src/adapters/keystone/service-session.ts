import type { Logger } from 'pino';
import { z } from 'zod';
import { CloudError, IdentityUnavailable, type Clock } from '../../engine/ports.ts';
import { answerText, cloudErrorOf, refusalOf } from '../http-client/cloud-error.ts';
import type { HttpAnswer, HttpClient } from '../http-client/http-client.ts';
import { HttpFailure } from '../http-client/http-errors.ts';
import { abortable } from '../http-client/pause.ts';
import { AuthorizedService } from './authorized-service.ts';
import { identityUrl, loginBody, type ServiceCredentials } from './credentials.ts';
import { endpointOf, readServiceToken, type ServiceToken } from './service-token.ts';

export interface ServiceSessionOptions {
  /** For Keystone's endpoint. */
  readonly http: HttpClient;
  readonly credentials: ServiceCredentials;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger?: Logger;
}

const projectsSchema = z.object({ projects: z.array(z.object({ id: z.string(), name: z.string() })) });

/**
 * The server's own service user: logs in when it is first needed, keeps its token, renews it in the background before
 * it expires and at once when a service refuses it; one login at a time, whoever asks. Nothing runs between calls, so
 * there is nothing to stop.
 */
export class ServiceSession {
  /** Keystone itself, spoken to as the service user. */
  readonly identity: AuthorizedService;
  readonly #http: HttpClient;
  readonly #credentials: ServiceCredentials;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #logger: Logger | undefined;
  #token: ServiceToken | undefined;
  #login: Promise<ServiceToken> | undefined;
  readonly #projectIds = new Map<string, string>();

  constructor({ http, credentials, clock, logger }: ServiceSessionOptions) {
    this.#http = http;
    this.#credentials = credentials;
    this.#clock = clock;
    this.#logger = logger;
    const url = identityUrl(credentials.authUrl);
    this.identity = new AuthorizedService({ session: this, http, baseUrl: () => Promise.resolve(url) });
  }

  /**
   * A token that is good now.
   * @throws IdentityUnavailable when Keystone is out of reach or refuses the service user.
   */
  async token(signal?: AbortSignal): Promise<string> {
    return (await this.#current(signal)).secret;
  }

  /**
   * A token other than `refused`, which a service did not accept. Does nothing when it was renewed meanwhile.
   * @throws IdentityUnavailable
   */
  async renew(refused: string, signal?: AbortSignal): Promise<string> {
    if (this.#token?.secret === refused) this.#token = undefined;
    return this.token(signal);
  }

  /**
   * The address of a service, from the configuration or else the catalog. Several types are names of the same service,
   * in order of preference.
   * @throws IdentityUnavailable; Error when neither has it.
   */
  async endpoint(types: readonly string[], signal?: AbortSignal): Promise<string> {
    for (const type of types) {
      const configured = this.#credentials.endpoints?.[type];
      if (configured !== undefined) return configured.replace(/\/+$/, '');
    }
    return endpointOf((await this.#current(signal)).catalog, this.#credentials, types);
  }

  /**
   * The id of the project with this name, in the domain of the service user's own project. An id is kept once it is
   * known.
   * @throws CloudError `unavailable`, or `failed` when there is no such project.
   */
  async projectId(name: string, signal?: AbortSignal): Promise<string> {
    const known = this.#projectIds.get(name);
    if (known !== undefined) return known;
    const asked = { service: 'Keystone', what: `the look-up of project ${name}`, repeatable: true };
    try {
      const { project } = await this.#current(signal);
      const id =
        project.name === name ? project.id : await this.#lookUpProject(name, project.domainId, asked, signal);
      this.#projectIds.set(name, id);
      return id;
    } catch (error) {
      if (error instanceof IdentityUnavailable)
        throw new CloudError('unavailable', error.message, { cause: error });
      throw cloudErrorOf(error, asked);
    }
  }

  async #lookUpProject(
    name: string,
    domainId: string,
    asked: Parameters<typeof refusalOf>[1],
    signal?: AbortSignal,
  ): Promise<string> {
    const query = new URLSearchParams({ name, domain_id: domainId });
    const answer = await this.identity.request({
      method: 'GET',
      path: `/projects?${query.toString()}`,
      ...(signal && { signal }),
    });
    if (answer.status !== 200) throw refusalOf(answer, asked);
    const found = projectsSchema
      .safeParse(answer.body)
      .data?.projects.find((project) => project.name === name);
    if (found === undefined)
      throw new CloudError('failed', `Keystone has no project ${name} in domain ${domainId}`);
    return found.id;
  }

  #current(signal?: AbortSignal): Promise<ServiceToken> {
    const now = this.#clock.now();
    const token = this.#token;
    if (token === undefined || now >= token.endsAt) return abortable(this.#logIn(), signal);
    if (now >= token.renewAt) {
      this.#logIn().catch((error: unknown) => {
        this.#logger?.warn(
          { err: error },
          'cannot renew the service token yet; the present one is still good',
        );
      });
    }
    return Promise.resolve(token);
  }

  #logIn(): Promise<ServiceToken> {
    this.#login ??= this.#postLogin()
      .then((token) => (this.#token = token))
      .finally(() => (this.#login = undefined));
    return this.#login;
  }

  async #postLogin(): Promise<ServiceToken> {
    const { authUrl, username } = this.#credentials;
    const url = identityUrl(authUrl);
    let answer: HttpAnswer;
    try {
      const body = loginBody(this.#credentials);
      answer = await this.#http.request({ method: 'POST', url: `${url}/auth/tokens`, body });
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      throw new IdentityUnavailable(`Keystone is out of reach: ${error.message}`, { cause: error });
    }
    if (answer.status !== 201) {
      throw new IdentityUnavailable(
        `Keystone at ${url} did not log in the service user ${username}: ${answer.status}: ${answerText(answer.body)}`,
      );
    }
    try {
      return readServiceToken(answer, this.#clock.now());
    } catch (error) {
      throw new IdentityUnavailable(`Keystone at ${url}: ${String(error)}`, { cause: error });
    }
  }
}
