import { z } from 'zod';
import { CloudError } from '../../engine/ports.ts';
import { cloudErrorOf, refusalOf, type Asked } from '../http-client/cloud-error.ts';
import type { HttpAnswer } from '../http-client/http-client.ts';
import { abortable } from '../http-client/pause.ts';
import type { ServiceApi, ServiceRequest } from '../http-client/service-api.ts';
import { negotiateMicroversion, type Microversion } from './microversion.ts';

/** A call that changes something. */
export interface NovaCall {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly signal: AbortSignal;
  readonly answerSeconds?: number;
}

/** Nova's REST API: microversion, answers checked on arrival, failures in the words of the port. */
export class NovaApi {
  readonly #service: ServiceApi;
  #microversion: Promise<Microversion> | undefined;

  /** @param service Nova at its version root (`computeBaseUrl`), spoken to as an admin. */
  constructor(service: ServiceApi) {
    this.#service = service;
  }

  /**
   * The microversion in use, asked for once.
   * @throws CloudError
   */
  microversion(signal: AbortSignal): Promise<Microversion> {
    this.#microversion ??= this.#negotiate().catch((error: unknown) => {
      this.#microversion = undefined;
      throw error;
    });
    return abortable(this.#microversion, signal);
  }

  /**
   * Reads something that is there.
   * @throws CloudError
   */
  async get<T>(path: string, schema: z.ZodType<T>, what: string, signal: AbortSignal): Promise<T> {
    const found = await this.find(path, schema, what, signal);
    if (found === undefined) throw new CloudError('failed', `Nova: ${what}: not found (404)`);
    return found;
  }

  /**
   * Reads something that may not be there: undefined then.
   * @throws CloudError
   */
  async find<T>(
    path: string,
    schema: z.ZodType<T>,
    what: string,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const asked: Asked = { service: 'Nova', what, repeatable: true };
    const answer = await this.#request({ method: 'GET', path, signal }, asked);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refusalOf(answer, asked);
    const parsed = schema.safeParse(answer.body);
    if (parsed.success) return parsed.data;
    throw new CloudError(
      'failed',
      `Nova: ${what}: the answer is not as expected:\n${z.prettifyError(parsed.error)}`,
    );
  }

  /**
   * Makes a call and returns its answer, whatever its status.
   * @throws CloudError when there is none.
   */
  call(call: NovaCall, asked: Asked): Promise<HttpAnswer> {
    return this.#request(call, asked);
  }

  async #request(request: ServiceRequest & { signal: AbortSignal }, asked: Asked): Promise<HttpAnswer> {
    const version = `compute 2.${await this.microversion(request.signal)}`;
    let answer: HttpAnswer;
    try {
      answer = await this.#service.request({ ...request, headers: { 'openstack-api-version': version } });
    } catch (error) {
      throw cloudErrorOf(error, asked);
    }
    if (answer.status === 406) {
      // Nova was replaced by an older one since we asked.
      this.#microversion = undefined;
      throw new CloudError('unavailable', `Nova: ${asked.what}: ${version} is not known there any more`);
    }
    return answer;
  }

  async #negotiate(): Promise<Microversion> {
    const asked: Asked = { service: 'Nova', what: 'the question for its version', repeatable: true };
    let answer: HttpAnswer;
    try {
      answer = await this.#service.request({ method: 'GET', path: '/' });
    } catch (error) {
      throw cloudErrorOf(error, asked);
    }
    if (answer.status !== 200) throw refusalOf(answer, asked);
    try {
      return negotiateMicroversion(answer.body);
    } catch (error) {
      throw new CloudError('failed', error instanceof Error ? error.message : String(error), {
        cause: error,
      });
    }
  }
}
