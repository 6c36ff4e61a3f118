import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { LabCloud } from '../model/lab-cloud.ts';
import type { Answer, Call, LabService, RecognisedCall } from './call.ts';

/** One call that was made, for tests and for whoever wants to show it. */
export interface CallRecord {
  /** Milliseconds since 1970, when it came in. */
  readonly at: number;
  readonly service: LabService['name'];
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** What was answered; null when a fault cut the connection. */
  readonly status: number | null;
}

/** Calls that are kept in the record; a lab that runs for days must not grow for ever. */
const keptCalls = 20_000;
/** Largest request that is read, bytes. */
const largestBody = 1024 * 1024;

/** The lab's HTTP server: finds the service, lets faults strike, answers, keeps a record of calls. */
export class LabServer {
  readonly calls: CallRecord[] = [];
  readonly #services: readonly LabService[];
  readonly #cloud: LabCloud;
  readonly #http: Server;

  constructor(cloud: LabCloud, services: readonly LabService[]) {
    this.#cloud = cloud;
    this.#services = services;
    this.#http = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        send(response, {
          status: 500,
          body: { error: { code: 500, title: 'Lab failure', message: String(error) } },
        });
      });
    });
  }

  /** Starts to listen. Resolves with the port. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, host, resolve);
    });
    const address = this.#http.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = this.#cloud.now();
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
    const service = this.#services.find(
      ({ prefix }) => url.pathname === prefix || url.pathname.startsWith(`${prefix}/`),
    );
    if (service === undefined) {
      const places = this.#services.map(({ prefix }) => prefix).join(', ');
      send(response, {
        status: 404,
        body: { error: { code: 404, title: 'Not Found', message: `The lab serves ${places}` } },
      });
      return;
    }
    const content = await readBody(request);
    if (!content.ok) {
      send(response, {
        status: 400,
        body: { error: { code: 400, title: 'Bad Request', message: content.reason } },
      });
      return;
    }
    const method = request.method ?? 'GET';
    const call: Call = {
      method,
      serviceUrl: url.origin + service.prefix,
      path: url.pathname.slice(service.prefix.length).replace(/\/+$/, ''),
      query: url.searchParams,
      headers: request.headers,
      body: content.body,
      requestId: `req-${randomUUID()}`,
    };
    const recognised = service.recognise(call);
    const answer = await this.#answer(service, call, recognised);
    this.#note({
      at,
      service: service.name,
      name: recognised.name,
      method,
      path: url.pathname,
      status: answer?.status ?? null,
    });
    if (answer === undefined) {
      request.socket.destroy();
      return;
    }
    send(response, { ...answer, headers: { 'x-openstack-request-id': call.requestId, ...answer.headers } });
  }

  /** Undefined: the connection is to be cut. */
  async #answer(service: LabService, call: Call, recognised: RecognisedCall): Promise<Answer | undefined> {
    if (service.name === 'lab') return recognised.run();
    const { faults, timers } = this.#cloud;
    const { subject } = recognised;
    const concerns = (wanted: string): boolean => wanted === recognised.name || isOfKind(wanted, call.method);
    const gone = faults.strike(
      'unavailable',
      subject,
      (fault) => concerns(fault.call) && (fault.service ?? service.name) === service.name,
    );
    if (gone !== undefined) return service.unavailable();
    const lost = faults.strike('lost_call', subject, (fault) => concerns(fault.call));
    if (lost?.carried_out === false) return undefined;
    const answer = await recognised.run();
    const slow = faults.strike('slow_answer', subject, (fault) => concerns(fault.call));
    if (slow !== undefined) await new Promise<void>((resolve) => void timers.after(slow.seconds, resolve));
    return lost === undefined ? answer : undefined;
  }

  #note(record: CallRecord): void {
    this.calls.push(record);
    if (this.calls.length > keptCalls) this.calls.shift();
  }
}

function isOfKind(wanted: string, method: string): boolean {
  const reads = method === 'GET' || method === 'HEAD';
  return wanted === 'all' || (wanted === 'read' && reads) || (wanted === 'write' && !reads);
}

type Content =
  { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly reason: string };

async function readBody(request: IncomingMessage): Promise<Content> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) return { ok: false, reason: `the body is longer than ${largestBody} bytes` };
    chunks.push(chunk);
  }
  if (size === 0) return { ok: true, body: undefined };
  try {
    return { ok: true, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown };
  } catch {
    return { ok: false, reason: 'the body is not JSON' };
  }
}

function send(response: ServerResponse, answer: Answer): void {
  const content = answer.body === undefined ? '' : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    'Content-Type': 'application/json',
    ...(answer.status === 204 ? {} : { 'Content-Length': Buffer.byteLength(content) }),
    ...answer.headers,
  });
  response.end(content);
}
