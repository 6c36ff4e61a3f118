import { Client } from 'undici';
import type { Dispatcher } from 'undici';
import type { LookupFunction } from 'node:net';
import { TargetRefused } from '../http-client/target-rule.ts';

/**
 * How one attempt went. `refused`: by our own rule of targets. `sent` is false when no byte of the request can have
 * reached the receiver.
 */
export type PostOutcome =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'refused'; readonly error: Error }
  | { readonly kind: 'failed'; readonly sent: boolean; readonly error: Error };

export interface PostOptions {
  /** Resolves names; see TargetRule. */
  readonly lookup: LookupFunction;
  /** To wait for a connection. Seconds. */
  readonly connectSeconds: number;
  /** To wait for the answer once the request is sent. Seconds. */
  readonly answerSeconds: number;
  /** Certificates (PEM) of authorities to trust for https, instead of those that Node.js knows. */
  readonly certificateAuthority?: string | undefined;
}

/** Answers are not read: one that goes on for this long is cut off. Milliseconds. */
const bodyMilliseconds = 10_000;

/**
 * Posts a JSON text once, over a connection of its own: a kept connection may turn out closed by the other side just
 * when it is used, and then nobody knows whether the request was read. Redirects are answers like any other. Ends with
 * the status line, whatever body may follow. Never rejects.
 */
export function postOnce(
  target: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: PostOptions,
  signal: AbortSignal,
): Promise<PostOutcome> {
  const url = new URL(target);
  const ca = options.certificateAuthority;
  const client = new Client(url.origin, {
    pipelining: 0,
    headersTimeout: options.answerSeconds * 1000,
    bodyTimeout: bodyMilliseconds,
    connect: {
      lookup: options.lookup,
      timeout: options.connectSeconds * 1000,
      ...(ca === undefined ? {} : { ca }),
    },
  });
  return new Promise<PostOutcome>((resolve) => {
    let sent = false;
    const finish = (outcome: PostOutcome): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
      void client.destroy();
    };
    const onAbort = (): void => finish({ kind: 'failed', sent, error: new Error('cut off') });
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    const handler: Dispatcher.DispatchHandler = {
      // Called when the connection stands and the request is about to be written to it.
      onRequestStart: () => {
        sent = true;
      },
      onResponseStart: (_controller, status) => {
        if (status >= 200) finish({ kind: 'answered', status });
      },
      onResponseData: () => undefined,
      onResponseEnd: () => undefined,
      onResponseError: (_controller, error) =>
        finish(error instanceof TargetRefused ? { kind: 'refused', error } : { kind: 'failed', sent, error }),
    };
    client.dispatch(
      {
        path: url.pathname + url.search,
        method: 'POST',
        headers: { ...headers, ...basicAuthorization(url) },
        body,
      },
      handler,
    );
  });
}

/** A user and password in the URL, as Aodh takes them. */
function basicAuthorization(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {};
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
