import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ApiError,
  createMaintenanceClient,
  dataOf,
  subscribe,
  UntrustedUrl,
} from '../../../src/sdk/index.ts';
import { StubMaintenanceServer } from './stub-maintenance-server.ts';

describe('createMaintenanceClient', () => {
  let stub: StubMaintenanceServer;
  beforeEach(async () => {
    stub = await StubMaintenanceServer.start();
  });
  afterEach(() => stub.stop());

  it.each(['', '/', '/v1', '/v1/', '/v2'])('takes an endpoint that ends in “%s”', async (end) => {
    const client = createMaintenanceClient({ endpoint: `${stub.url}${end}`, token: 'a-token' });
    expect(dataOf(await client.GET('/v1/maintenance'))).toMatchObject({ sessions: ['a-session'] });
    expect(stub.calls).toMatchObject([{ path: '/v1/maintenance', token: 'a-token' }]);
  });

  it('sends no token to a server that wants none', async () => {
    const client = createMaintenanceClient({ endpoint: stub.url, token: undefined });
    await client.GET('/v1/maintenance');
    expect(stub.calls[0]?.token).toBeUndefined();
  });

  it('asks for a fresh token when one is refused, and repeats the request with its body', async () => {
    const asked: (string | undefined)[] = [];
    const token = (refused?: string) => {
      asked.push(refused);
      return Promise.resolve(refused === undefined ? 'old' : 'new');
    };
    const client = createMaintenanceClient({ endpoint: stub.url, token });
    stub.statuses.push(401);
    const body = { state: 'ACK_MAINTENANCE' };
    const response = await client.send(`${stub.url}/v1/maintenance/s/p`, {
      method: 'PUT',
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    expect(asked).toEqual([undefined, 'old']);
    expect(stub.calls).toMatchObject([
      { token: 'old', body },
      { token: 'new', body },
    ]);
  });

  it('repeats it once only, and not with the same token', async () => {
    const client = createMaintenanceClient({ endpoint: stub.url, token: () => Promise.resolve('same') });
    stub.statuses.push(401);
    const { response } = await client.GET('/v1/maintenance');
    expect(response.status).toBe(401);
    expect(stub.calls).toHaveLength(1);

    let count = 0;
    const renewing = createMaintenanceClient({
      endpoint: stub.url,
      token: () => Promise.resolve(`t${++count}`),
    });
    stub.statuses.push(401, 401, 401);
    expect((await renewing.GET('/v1/maintenance')).response.status).toBe(401);
    expect(stub.calls).toHaveLength(3);
  });

  it('bears a short absence of the server, but repeats no POST', async () => {
    const client = createMaintenanceClient({ endpoint: stub.url, token: undefined });
    stub.statuses.push(503, 502);
    expect((await client.GET('/v1/maintenance')).response.status).toBe(200);
    stub.statuses.push(503);
    const { response } = await client.POST('/v2/alarms', {
      body: { name: 'a', type: 'event', event_rule: { event_type: '*', query: [] }, alarm_actions: [] },
    });
    expect(response.status).toBe(503);
  });

  it('gives up in the end, with the answer or the error', async () => {
    const client = createMaintenanceClient({ endpoint: stub.url, token: undefined, attempts: 2 });
    stub.statuses.push(503, 503);
    expect((await client.GET('/v1/maintenance')).response.status).toBe(503);
    const nowhere = createMaintenanceClient({
      endpoint: 'http://127.0.0.1:1',
      token: undefined,
      attempts: 2,
    });
    await expect(nowhere.GET('/v1/maintenance')).rejects.toThrow('fetch failed');
  });

  it('tries again when a request gets no answer', async () => {
    let calls = 0;
    const client = createMaintenanceClient({
      endpoint: stub.url,
      token: undefined,
      timeoutSeconds: 0.05,
      fetch: (request) => {
        calls += 1;
        if (calls > 1) return fetch(request);
        return new Promise((_, reject) => {
          request.signal.addEventListener('abort', () => reject(request.signal.reason as Error));
        });
      },
    });
    expect((await client.GET('/v1/maintenance')).response.status).toBe(200);
    expect(calls).toBe(2);
  });

  it('stops waiting when it is told to', async () => {
    const stopping = new AbortController();
    const client = createMaintenanceClient({
      endpoint: stub.url,
      token: undefined,
      attempts: 1000,
      signal: stopping.signal,
      fetch: () => {
        // Once it waits for the next attempt.
        setImmediate(() => stopping.abort());
        return Promise.reject(new TypeError('fetch failed'));
      },
    });
    await expect(client.GET('/v1/maintenance')).rejects.toThrow('aborted');
  });

  it('sends the token to nobody whom it was not told to trust', async () => {
    const client = createMaintenanceClient({
      endpoint: 'http://maintenance.example.net/v1',
      token: 'a-token',
    });
    const sending = client.send(`${stub.url}/v1/maintenance/s/p`);
    await expect(sending).rejects.toThrow(UntrustedUrl);
    await expect(sending).rejects.toThrow('add it to trustedOrigins');
    expect(stub.calls).toEqual([]);

    const trusting = createMaintenanceClient({
      endpoint: 'http://maintenance.example.net/v1',
      token: 'a-token',
      trustedOrigins: [stub.url],
    });
    expect((await trusting.send(`${stub.url}/v1/maintenance/s/p`)).status).toBe(200);
  });

  it('follows no redirect', async () => {
    const client = createMaintenanceClient({ endpoint: stub.url, token: 'a-token' });
    stub.statuses.push(307);
    expect((await client.GET('/v1/maintenance')).response.status).toBe(307);
  });
});

describe('dataOf', () => {
  it('turns an error into an exception that tells what the server said', async () => {
    const stub = await StubMaintenanceServer.start();
    try {
      const client = createMaintenanceClient({ endpoint: stub.url, token: undefined });
      stub.statuses.push(422);
      const result = await client.GET('/v1/maintenance');
      expect(() => dataOf(result)).toThrow(ApiError);
      expect(() => dataOf(result)).toThrow(`${stub.url}/v1/maintenance answered 422: a stubbed 422`);
    } finally {
      await stub.stop();
    }
  });
});

describe('subscribe', () => {
  it('deletes what an earlier run left, creates an alarm that repeats, and deletes it', async () => {
    const stub = await StubMaintenanceServer.start();
    try {
      const alarming = createMaintenanceClient({ endpoint: stub.url, token: 'a-token' });
      const options = {
        eventType: 'maintenance.scheduled',
        url: 'http://127.0.0.1:1/maintenance',
        name: 'mine',
      } as const;
      const other = await subscribe(alarming, { ...options, name: 'other' });
      await subscribe(alarming, options);
      const { alarmId, cancel } = await subscribe(alarming, options);
      expect([...stub.alarms.keys()]).toEqual([other.alarmId, alarmId]);
      expect(stub.alarms.get(alarmId)).toMatchObject({
        type: 'event',
        repeat_actions: true,
        event_rule: { event_type: 'maintenance.scheduled' },
        alarm_actions: [options.url],
      });
      await cancel();
      expect([...stub.alarms.keys()]).toEqual([other.alarmId]);
      // Gone already is as good.
      await cancel();
    } finally {
      await stub.stop();
    }
  });
});
