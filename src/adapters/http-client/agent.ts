import { readFileSync } from 'node:fs';
import { Agent, buildConnector } from 'undici';
import { RequestNotSent } from './http-errors.ts';

/** How the other side is known and we make ourselves known. Files are PEM. */
export interface TlsOptions {
  /** Certificates to trust instead of Node's own list. */
  readonly caFile?: string;
  /** Our certificate and its key, for sites that ask for one. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Accepts any certificate. */
  readonly insecure?: boolean;
}

export interface AgentOptions {
  readonly tls?: TlsOptions;
  readonly connectSeconds: number;
  readonly answerSeconds: number;
}

/**
 * Connections to one endpoint, with TLS settings of their own. Whatever goes wrong before a connection stands is made
 * a `RequestNotSent`: only here it is certain that nothing of a request was sent.
 * @throws Error that names a file which cannot be read.
 */
export function createAgent({ tls = {}, connectSeconds, answerSeconds }: AgentOptions): Agent {
  const connect = buildConnector({
    timeout: connectSeconds * 1000,
    ...(tls.caFile !== undefined && { ca: read('CA', tls.caFile) }),
    ...(tls.certFile !== undefined && { cert: read('client certificate', tls.certFile) }),
    ...(tls.keyFile !== undefined && { key: read('client key', tls.keyFile) }),
    rejectUnauthorized: tls.insecure !== true,
  });
  return new Agent({
    headersTimeout: answerSeconds * 1000,
    bodyTimeout: answerSeconds * 1000,
    connect: (options, callback) =>
      connect(options, (...result) => {
        const [error, socket] = result;
        if (error === null) callback(null, socket);
        else callback(new RequestNotSent(explain(error), { cause: error }), null);
      }),
  });
}

function read(what: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read the ${what} file ${file}: ${String(error)}`, { cause: error });
  }
}

function explain(error: Error): string {
  // A name with several addresses fails with one error for each; the aggregate itself has no message.
  if (error instanceof AggregateError) return error.errors.map(String).join(', ');
  return error.message;
}
