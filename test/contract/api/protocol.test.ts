/** HTTP as strangers may speak it: everything is answered, at once, and nothing is a fault of ours. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { maxBodyBytes, startApi, type ErrorBody } from './api-under-test.ts';
import { sampleProjectId, sampleSessionId } from './fake-maintenance.ts';

const api = await startApi();
let server: Server;
beforeAll(async () => {
  server = createServer(api.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => api.reset());

interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends bytes and reads until the server has closed, or until `done` is satisfied with what came. */
async function raw(
  parts: string | readonly (string | Buffer)[],
  done: (text: string) => boolean = () => false,
): Promise<RawAnswer> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  const closed = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      if (done(text)) resolve();
    });
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  for (const part of typeof parts === 'string' ? [parts] : parts) socket.write(part);
  await closed;
  socket.destroy();
  const [head = '', ...body] = text.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), head, body: body.join('\r\n\r\n') };
}

const headers = (more: readonly string[] = []) =>
  ['Host: maintenance.example.net', 'X-Auth-Token: admin', 'Connection: close', ...more].join('\r\n');
const ask = (line: string, more?: readonly string[]) => raw(`${line} HTTP/1.1\r\n${headers(more)}\r\n\r\n`);

const path = `/v1/maintenance/${sampleSessionId}/${sampleProjectId}`;
const reply = '{"state": "ACK_MAINTENANCE"}';
const put = (body: readonly (string | Buffer)[], more: readonly string[], done?: (text: string) => boolean) =>
  raw([`PUT ${path} HTTP/1.1\r\n${headers(more)}\r\n\r\n`, ...body], done);

describe('a path', () => {
  it.each([
    ['/v1/maintenance/', 200],
    ['/v1/maintenance///', 200],
    ['//v1//maintenance', 404],
    ['/v1/./maintenance', 404],
    ['/v1/maintenance/../maintenance', 422],
    ['/v1%2Fmaintenance', 404],
    [`/v1/maintenance/${sampleSessionId}%2Fdetail`, 422],
    ['/v1/maintenance/a%00b', 422],
    ['/v1/maintenance/%', 422],
    ['/v1/maintenance;x=1', 404],
    ['/V1/maintenance', 404],
    ['http://maintenance.example.net:12347/v1/maintenance', 200],
    ['HTTPS://maintenance.example.net/v1/maintenance/?limit=1', 200],
    ['http://maintenance.example.net', 300],
    ['ftp://maintenance.example.net/v1', 404],
    ['*', 404],
    ['/v1/maintenance?limit=1?limit=2', 400],
    ['/v1/maintenance?%', 200],
    ['/v1/maintenance?%ff=%ff', 200],
    ['/v1/maintenance?', 200],
    [`/v1/maintenance?${'a=b&'.repeat(1500)}`, 200],
    ['/v1/maintenance#fragment', 404],
  ])('%s is answered with %i', async (target, status) => {
    const answer = await ask(`GET ${target}`);
    expect(answer.status).toBe(status);
  });

  it('that is too long is refused by Node.js', async () => {
    expect((await ask(`GET /v1/maintenance/${'a'.repeat(20_000)}`)).status).toBe(431);
    expect((await ask('GET /v1', [`X-Long: ${'a'.repeat(20_000)}`])).status).toBe(431);
  });
});

describe('a method', () => {
  it.each([
    ['HEAD', '/v1/maintenance', 200],
    ['HEAD', `/v1/maintenance/${sampleSessionId}`, 200],
    ['HEAD', '/v1/nowhere', 404],
    ['HEAD', `${path}/a`, 405],
    ['OPTIONS', '/v1/maintenance', 405],
    ['OPTIONS', '*', 404],
    ['TRACE', '/v1/maintenance', 405],
    ['PATCH', '/v1/maintenance', 405],
    ['PROPFIND', '/v1/maintenance', 405],
    ['DELETE', '/v1/maintenance', 405],
  ])('%s of %s is answered with %i', async (method, target, status) => {
    const answer = await ask(`${method} ${target}`);
    expect(answer.status).toBe(status);
    expect(answer.body === '').toBe(method === 'HEAD');
    if (status === 405) expect(answer.head).toMatch(/^allow: (GET|PUT|POST)/im);
  });

  it('that does not exist is refused by Node.js', async () => {
    expect((await ask('FETCH /v1/maintenance')).status).toBe(400);
    expect((await raw('nonsense\r\n\r\n')).status).toBe(400);
  });

  it('CONNECT is hung up on', async () => {
    expect((await ask('CONNECT example.net:443')).head).toBe('');
  });
});

describe('a body', () => {
  const length = (body: string | Buffer) => `Content-Length: ${Buffer.byteLength(body)}`;

  it('may come in chunks, and without its length', async () => {
    const chunks = [
      '5\r\n{"sta\r\n',
      `${(reply.length - 5).toString(16)}\r\n${reply.slice(5)}\r\n`,
      '0\r\n\r\n',
    ];
    const answer = await put(chunks, ['Transfer-Encoding: chunked']);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, JSON.parse(reply)]);
  });

  it('may be announced with Expect: 100-continue', async () => {
    const answer = await put([reply], [length(reply), 'Expect: 100-continue']);
    expect(answer.status).toBe(100);
    expect(answer.body).toContain('HTTP/1.1 200 OK');
  });

  it('is waited for only where Expect: 100-continue finds a reader', async () => {
    const answer = await raw(
      `PUT /v1/nowhere HTTP/1.1\r\n${headers(['Content-Length: 5', 'Expect: 100-continue'])}\r\n\r\n`,
      (text) => text.includes('not_found'),
    );
    expect(answer.body).toContain('HTTP/1.1 404');
  });

  it('that is expected otherwise is refused by Node.js', async () => {
    expect((await put([reply], [length(reply), 'Expect: 200-ok'])).status).toBe(417);
  });

  it.each(['gzip', 'GZIP'])('may be packed with %s', async (encoding) => {
    const packed = gzipSync(reply);
    const answer = await put([packed], [length(packed), `Content-Encoding: ${encoding}`]);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, JSON.parse(reply)]);
  });

  it('that swells beyond the limit when it is unpacked is too large', async () => {
    const bomb = gzipSync(' '.repeat(maxBodyBytes * 100) + reply);
    expect((await put([bomb], [length(bomb), 'Content-Encoding: gzip'])).status).toBe(413);
  });

  it.each([
    ['that is packed badly', Buffer.from('no gzip at all'), 'gzip'],
    ['that is packed twice', gzipSync(gzipSync(reply)), 'gzip, gzip'],
    ['that is packed in a way of its own', Buffer.from(reply), 'snappy'],
    ['that is cut off', gzipSync(reply).subarray(0, 12), 'gzip'],
  ])('%s is refused as malformed', async (_what, body, encoding) => {
    const answer = await put([body], [length(body), `Content-Encoding: ${encoding}`]);
    expect([answer.status, (JSON.parse(answer.body) as ErrorBody).code]).toEqual([400, 'malformed_body']);
  });

  it('may begin with a byte order mark', async () => {
    const marked = `\ufeff${reply}`;
    expect((await put([marked], [length(marked)])).status).toBe(200);
  });

  it('in another alphabet than UTF-8 is refused as malformed', async () => {
    const wide = Buffer.from(reply, 'utf16le');
    const answer = await put([wide], [length(wide), 'Content-Type: application/json; charset=utf-16le']);
    expect(answer.status).toBe(400);
  });

  it('that ends before its length does is no fault of ours', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.end(`PUT ${path} HTTP/1.1\r\n${headers(['Content-Length: 1000'])}\r\n\r\n{"state"`);
    socket.resume();
    await once(socket, 'close');
    expect(api.log.filter(({ level }) => level >= 50)).toEqual([]);
    expect(api.maintenance.replies).toEqual([]);
  });

  it('of a GET or DELETE may be of any length and is not waited for', async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await raw(
        `${method} /v1/maintenance/${sampleSessionId} HTTP/1.1\r\n${headers(['Content-Length: 9000000'])}\r\n\r\n{`,
        (text) => text.includes('\r\n\r\n'),
      );
      expect(answer.status).toBe(200);
    }
  });

  it('with two lengths is refused by Node.js', async () => {
    const more = ['Content-Length: 5', 'Transfer-Encoding: chunked'];
    expect((await put(['0\r\n\r\n'], more)).status).toBe(400);
  });
});

describe('two requests on one connection', () => {
  it('are answered one after the other', async () => {
    const first = `GET /v1 HTTP/1.1\r\nHost: a\r\n\r\n`;
    const second = `GET /healthcheck HTTP/1.1\r\n${headers()}\r\n\r\n`;
    const { status, body } = await raw(first + second);
    expect(status).toBe(200);
    expect(body).toMatch(/"versions".*HTTP\/1\.1 200 OK.*"status":"ok"/s);
  });
});
