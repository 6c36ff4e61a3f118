import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpClient, type HttpClientOptions } from '../../../src/adapters/http-client/http-client.ts';
import { startScriptedServer } from './scripted-server.ts';

const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name);
const pem = (name: string) => readFileSync(fixture(name), 'utf8');

function makeClient(options: HttpClientOptions = {}): HttpClient {
  const client = new HttpClient({ retryPauses: [1, 1], ...options });
  onTestFinished(() => client.close());
  return client;
}

describe('HttpClient', () => {
  it('sends and reads JSON', async () => {
    const server = await startScriptedServer(() => ({
      status: 201,
      body: { a: 1 },
      headers: { 'X-Thing': 'b' },
    }));
    const answer = await makeClient().request({
      method: 'POST',
      url: `${server.url}/path?query=1`,
      headers: { 'x-auth-token': 'secret' },
      body: { deep: [null] },
    });
    expect(answer).toMatchObject({ status: 201, body: { a: 1 }, headers: { 'x-thing': 'b' } });
    expect(server.arrived).toMatchObject([
      {
        method: 'POST',
        url: '/path?query=1',
        headers: { 'x-auth-token': 'secret', 'content-type': 'application/json', accept: 'application/json' },
        body: { deep: [null] },
      },
    ]);
  });

  it('reads an answer without a body, and one that is not JSON', async () => {
    const server = await startScriptedServer(({ url }) =>
      url === '/empty' ? { status: 204 } : { status: 400, body: '<html>no</html>' },
    );
    const client = makeClient();
    expect(await client.request({ method: 'GET', url: `${server.url}/empty` })).toMatchObject({
      status: 204,
      body: undefined,
    });
    expect(await client.request({ method: 'GET', url: server.url })).toMatchObject({
      body: '<html>no</html>',
    });
  });

  it('knows that nothing was sent where nobody listens', async () => {
    const client = makeClient();
    const request = { method: 'POST', url: 'http://127.0.0.1:9/', body: {} } as const;
    await expect(client.request(request)).rejects.toMatchObject({ name: 'RequestNotSent', sent: false });
    await expect(client.request({ ...request, url: 'http://nosuch.invalid/' })).rejects.toMatchObject({
      name: 'RequestNotSent',
    });
  });

  it('knows that a request was sent when the connection breaks or nothing comes', async () => {
    const server = await startScriptedServer(({ url }) => (request, response) => {
      if (url === '/reset') request.socket.destroy();
      if (url === '/half')
        response.writeHead(200, { 'content-length': '10' }).write('{"a"', () => request.socket.destroy());
    });
    const client = makeClient({ answerSeconds: 0.2 });
    for (const path of ['/reset', '/half', '/silent']) {
      const url = `${server.url}${path}`;
      await expect(client.request({ method: 'POST', url, body: {} })).rejects.toMatchObject({
        name: 'AnswerLost',
        sent: true,
        message: expect.stringContaining(`POST ${url}`) as string,
      });
    }
    expect(server.arrived).toHaveLength(3);
  });

  it('gives up a connection that does not come about', async () => {
    // The handshake of TLS is never answered.
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const sockets: { destroy(): void }[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    const { port } = silent.address() as AddressInfo;
    const client = makeClient({ connectSeconds: 0.2 });
    await expect(client.request({ method: 'POST', url: `https://127.0.0.1:${port}/` })).rejects.toMatchObject(
      {
        name: 'RequestNotSent',
      },
    );
    for (const socket of sockets) socket.destroy();
  });

  it.each([502, 503, 504])('repeats a GET that was answered with %i', async (status) => {
    const server = await startScriptedServer((_request, count) =>
      count < 3 ? { status } : { status: 200, body: 1 },
    );
    expect(await makeClient().request({ method: 'GET', url: server.url })).toMatchObject({
      status: 200,
      body: 1,
    });
  });

  it('repeats a GET whose connection broke, only so often', async () => {
    const server = await startScriptedServer(() => (request) => request.socket.destroy());
    await expect(makeClient().request({ method: 'GET', url: server.url })).rejects.toMatchObject({
      name: 'AnswerLost',
    });
    expect(server.arrived).toHaveLength(3);
  });

  it('repeats neither other methods nor other answers', async () => {
    const server = await startScriptedServer(({ url }) => ({ status: Number(url.slice(1)) }));
    const client = makeClient();
    for (const method of ['POST', 'PUT', 'DELETE'] as const) {
      expect((await client.request({ method, url: `${server.url}/503` })).status).toBe(503);
    }
    expect((await client.request({ method: 'GET', url: `${server.url}/500` })).status).toBe(500);
    expect(server.arrived).toHaveLength(4);
  });

  it('stops at once when told to, on the way and between two attempts', async () => {
    const reason = new Error('enough');
    const stop = new AbortController();
    const server = await startScriptedServer(() => () => stop.abort(reason));
    const request = { method: 'GET', url: server.url, signal: stop.signal } as const;
    await expect(makeClient().request(request)).rejects.toBe(reason);
    await expect(makeClient().request(request)).rejects.toBe(reason);
    expect(server.arrived).toHaveLength(1);

    const pausing = new AbortController();
    const failing = await startScriptedServer(() => ({ status: 503 }));
    const waiting = makeClient({ retryPauses: [60_000] }).request({
      method: 'GET',
      url: failing.url,
      signal: pausing.signal,
    });
    await expect.poll(() => failing.arrived.length).toBe(1);
    pausing.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it('reads no more than so much', async () => {
    const server = await startScriptedServer(() => ({ status: 200, body: 'x'.repeat(2000) }));
    const client = makeClient({ maxAnswerBytes: 1000 });
    await expect(client.request({ method: 'POST', url: server.url })).rejects.toMatchObject({
      name: 'AnswerLost',
      message: expect.stringContaining('longer than 1000 bytes') as string,
    });
  });

  it('follows no redirect', async () => {
    const server = await startScriptedServer(() => ({
      status: 302,
      headers: { location: 'http://127.0.0.1:9/' },
    }));
    expect((await makeClient().request({ method: 'GET', url: server.url })).status).toBe(302);
  });

  it('names no header in its errors', async () => {
    const server = await startScriptedServer(() => (request) => request.socket.destroy());
    const headers = { 'x-auth-token': 'gAAAAAsecret', 'x-subject-token': 'gAAAAAother' };
    const error: unknown = await makeClient()
      .request({ method: 'POST', url: server.url, headers, body: { password: 'hidden' } })
      .catch((reason: unknown) => reason);
    const texts: string[] = [];
    for (let one = error; one instanceof Error; one = one.cause) {
      texts.push(String(one), one.stack ?? '', JSON.stringify(one));
    }
    expect(texts.join('\n')).not.toMatch(/gAAAAA|hidden/);
  });
});

describe('HttpClient with TLS', () => {
  const server = () =>
    startScriptedServer(({ url }) => ({ status: 200, body: url }), {
      key: pem('server-key.pem'),
      cert: pem('server.pem'),
    });

  it('trusts nobody that it does not know', async () => {
    const { url, arrived } = await server();
    await expect(makeClient().request({ method: 'POST', url })).rejects.toMatchObject({
      name: 'RequestNotSent',
    });
    expect(arrived).toHaveLength(0);
  });

  it('trusts the authority of a file, for this endpoint alone', async () => {
    const { url } = await server();
    const trusting = makeClient({ tls: { caFile: fixture('ca.pem') } });
    expect((await trusting.request({ method: 'GET', url })).status).toBe(200);
    await expect(makeClient().request({ method: 'GET', url })).rejects.toMatchObject({
      name: 'RequestNotSent',
    });
  });

  it('trusts everybody when told to', async () => {
    const { url } = await server();
    expect((await makeClient({ tls: { insecure: true } }).request({ method: 'GET', url })).status).toBe(200);
  });

  it('shows its own certificate', async () => {
    const { url } = await startScriptedServer(() => ({ status: 200 }), {
      key: pem('server-key.pem'),
      cert: pem('server.pem'),
      ca: pem('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    });
    const tls = {
      caFile: fixture('ca.pem'),
      certFile: fixture('client.pem'),
      keyFile: fixture('client-key.pem'),
    };
    expect((await makeClient({ tls }).request({ method: 'GET', url })).status).toBe(200);
    const anonymous = makeClient({ tls: { caFile: fixture('ca.pem') } });
    await expect(anonymous.request({ method: 'GET', url })).rejects.toMatchObject({ name: 'AnswerLost' });
  });

  it('names a file that is not there', () => {
    expect(() => new HttpClient({ tls: { caFile: '/nosuch/ca.pem' } })).toThrow(/CA file \/nosuch\/ca\.pem/);
  });
});
