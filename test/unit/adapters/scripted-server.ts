import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** What to answer: status, body (JSON unless it is text) and headers; or what to do with the connection instead. */
export type Scripted =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | ((request: IncomingMessage, response: ServerResponse) => void);

export interface ScriptedServer {
  readonly url: string;
  readonly arrived: readonly Arrived[];
}

/** A server that answers as a test wants it to; it ends with the test. */
export async function startScriptedServer(
  answer: (request: Arrived, count: number) => Scripted | Promise<Scripted>,
  tls?: ServerOptions,
): Promise<ScriptedServer> {
  const arrived: Arrived[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { method = '', url = '', headers } = request;
    const record = { method, url, headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    arrived.push(record);
    const scripted = await answer(record, arrived.length);
    if (typeof scripted === 'function') {
      scripted(request, response);
      return;
    }
    const { status, body, headers: answered } = scripted;
    response.writeHead(status, { 'content-type': 'application/json', ...answered });
    response.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => void handle(request, response);
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, arrived };
}
