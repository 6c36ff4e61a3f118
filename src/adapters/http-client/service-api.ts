import type { HttpAnswer, Method } from './http-client.ts';

/** A request to a service of the cloud, relative to its endpoint. */
export interface ServiceRequest {
  readonly method: Method;
  /** Begins with a slash; may carry a query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly answerSeconds?: number;
}

/** A service of the cloud, spoken to as our own service user. */
export interface ServiceApi {
  /**
   * Adds the service user's token and the endpoint's address. A token that is refused is renewed once.
   * @throws RequestNotSent (also when no token or no address is to be had), AnswerLost; the signal's reason when it
   * aborts.
   */
  request(request: ServiceRequest): Promise<HttpAnswer>;
}
