import { CloudError, type CloudErrorCode } from '../../engine/ports.ts';
import type { HttpAnswer } from './http-client.ts';
import { AnswerLost, RequestNotSent } from './http-errors.ts';

/** What was asked of whom, for messages, and whether asking again is harmless. */
export interface Asked {
  /** The service, as people call it: Nova, Aodh, Keystone. */
  readonly service: string;
  /** What was asked, such as `cold migration of 3f2c...`. */
  readonly what: string;
  /** False where a second call would do a second thing. */
  readonly repeatable: boolean;
}

/**
 * A request that got no answer, in the words of the port. A lost answer is an unknown outcome only where repeating
 * would do harm; anything but a failed request comes back as it is.
 */
export function cloudErrorOf(error: unknown, { service, what, repeatable }: Asked): unknown {
  if (error instanceof RequestNotSent || (error instanceof AnswerLost && repeatable)) {
    return new CloudError('unavailable', `${service}: ${what}: ${error.message}`, { cause: error });
  }
  if (error instanceof AnswerLost) {
    return new CloudError('unknown_outcome', `${service}: ${what}: ${error.message}`, { cause: error });
  }
  return error;
}

/**
 * An answer that says no, in the words of the port. With `unrepeatable` calls a 500, 502 or 504 is an unknown outcome:
 * the fault may have come after the work, or from a proxy that did not wait for it.
 */
export function refusalOf(answer: HttpAnswer, asked: Asked): CloudError {
  const requestId = answer.headers['x-openstack-request-id'];
  const { service, what } = asked;
  return new CloudError(
    codeOf(answer.status, asked.repeatable),
    `${service}: ${what} was answered with ${answer.status}: ${answerText(answer.body)}` +
      (requestId === undefined ? '' : ` (${requestId})`),
  );
}

function codeOf(status: number, repeatable: boolean): CloudErrorCode {
  // 401: our token was renewed and refused again, so the service cannot check tokens. 429: too many requests.
  if (status === 401 || status === 408 || status === 429 || status === 503) return 'unavailable';
  if (status >= 500) return repeatable ? 'unavailable' : 'unknown_outcome';
  return 'failed';
}

/** The sentence in an error body: `{x: {message}}` of Nova and Keystone, `{error_message: {faultstring}}` of Aodh. */
export function answerText(body: unknown): string {
  const text = messageIn(body) ?? (typeof body === 'string' ? body : JSON.stringify(body ?? 'no text'));
  return text.length > 500 ? `${text.slice(0, 500)}...` : text;
}

function messageIn(value: unknown, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null || depth > 2) return undefined;
  const record = value as Record<string, unknown>;
  for (const key of ['message', 'faultstring']) {
    const text = record[key];
    if (typeof text === 'string') return text;
  }
  return Object.values(record)
    .map((inner) => messageIn(inner, depth + 1))
    .find((text) => text !== undefined);
}
