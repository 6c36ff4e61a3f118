import type { Logger } from 'pino';
import { request as send, type Agent, type Dispatcher } from 'undici';
import { createAgent, type TlsOptions } from './agent.ts';
import { AnswerLost, HttpFailure, RequestNotSent } from './http-errors.ts';
import { pause } from './pause.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface HttpRequest {
  readonly method: Method;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** How long the answer may take, instead of the client's own limit. */
  readonly answerSeconds?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; the plain text where it is not JSON; undefined where there is none. */
  readonly body: unknown;
}

export interface HttpClientOptions {
  readonly tls?: TlsOptions;
  /** Until a connection stands, TLS included; 5 when absent. */
  readonly connectSeconds?: number;
  /** From the request to its answer, and for the longest silence within it; 30 when absent. */
  readonly answerSeconds?: number;
  /** Largest answer that is read; 64 MiB when absent, which is about 20 000 servers of Nova. */
  readonly maxAnswerBytes?: number;
  /** Pauses before a GET is repeated, milliseconds; 200 and 800 when absent. */
  readonly retryPauses?: readonly number[];
  readonly logger?: Logger;
}

/** Answers of a proxy without its server, or of a server that is just restarting. */
const worthRepeating = new Set([502, 503, 504]);

/** JSON over HTTP to one endpoint: its own connections and TLS, time-outs, bounded answers, repeated GETs. */
export class HttpClient {
  readonly #agent: Agent;
  readonly #maxAnswerBytes: number;
  readonly #retryPauses: readonly number[];
  readonly #logger: Logger | undefined;

  /** @throws Error that names a TLS file which cannot be read. */
  constructor(options: HttpClientOptions = {}) {
    const { tls, connectSeconds = 5, answerSeconds = 30 } = options;
    this.#agent = createAgent({ ...(tls && { tls }), connectSeconds, answerSeconds });
    this.#maxAnswerBytes = options.maxAnswerBytes ?? 64 * 1024 * 1024;
    this.#retryPauses = options.retryPauses ?? [200, 800];
    this.#logger = options.logger;
  }

  /**
   * Sends a request and reads its answer, whatever its status. A GET is repeated a few times where that may help.
   * @throws RequestNotSent, AnswerLost; the signal's reason when it aborts.
   */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    const pauses = request.method === 'GET' ? this.#retryPauses : [];
    for (const milliseconds of pauses) {
      try {
        const answer = await this.#attempt(request);
        if (!worthRepeating.has(answer.status)) return answer;
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
      }
      await pause(milliseconds, request.signal);
    }
    return this.#attempt(request);
  }

  /** Closes idle connections now and the others after their answer. */
  close(): Promise<void> {
    return this.#agent.close();
  }

  async #attempt(request: HttpRequest): Promise<HttpAnswer> {
    const { method, url, headers, body, signal, answerSeconds } = request;
    const startedAt = performance.now();
    try {
      const answer = await send(url, {
        dispatcher: this.#agent,
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
        ...(answerSeconds !== undefined && {
          headersTimeout: answerSeconds * 1000,
          bodyTimeout: answerSeconds * 1000,
        }),
      });
      const read = {
        status: answer.statusCode,
        headers: plainHeaders(answer),
        body: await this.#read(answer),
      };
      this.#log(request, startedAt, read.status, read.headers['x-openstack-request-id']);
      return read;
    } catch (error) {
      signal?.throwIfAborted();
      const failure = failureOf(method, url, error);
      this.#log(request, startedAt, failure.message);
      throw failure;
    }
  }

  async #read(answer: Dispatcher.ResponseData): Promise<unknown> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > this.#maxAnswerBytes)
        throw new Error(`the answer is longer than ${this.#maxAnswerBytes} bytes`);
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    if (text === '') return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }

  #log({ method, url }: HttpRequest, startedAt: number, outcome: number | string, requestId?: string): void {
    this.#logger?.debug(
      {
        method,
        url,
        outcome,
        request_id: requestId,
        milliseconds: Math.round(performance.now() - startedAt),
      },
      'request to the cloud',
    );
  }
}

function plainHeaders({ headers }: Dispatcher.ResponseData): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return plain;
}

function failureOf(method: string, url: string, error: unknown): HttpFailure {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof RequestNotSent) {
    return new RequestNotSent(`no connection for ${method} ${url}: ${reason}`, { cause: error.cause });
  }
  return new AnswerLost(`no answer to ${method} ${url}: ${reason}`, { cause: error });
}
