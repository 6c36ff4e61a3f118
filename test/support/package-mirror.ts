import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { AtEnd } from './stage.ts';

/** What is served under a path: bytes, or how to answer. */
export type Served = string | Buffer | RequestListener;

export interface PackageMirror {
  readonly url: string;
  readonly port: number;
  /** What was asked for, in order. */
  readonly asked: readonly string[];
  /** Changes what is served. */
  readonly files: Map<string, Served>;
}

/** Serves packages on the loopback; closed at the end of the test. With options over TLS. */
export async function startPackageMirror(
  atEnd: AtEnd,
  files: Readonly<Record<string, Served>>,
  tls?: ServerOptions,
): Promise<PackageMirror> {
  const served = new Map(Object.entries(files));
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(request.url ?? '');
    const file = served.get(request.url ?? '');
    if (typeof file === 'function') {
      file(request, response);
      return;
    }
    response.statusCode = file === undefined ? 404 : 200;
    response.end(file ?? 'no such package');
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, port, asked, files: served };
}
