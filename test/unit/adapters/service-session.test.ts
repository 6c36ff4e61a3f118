import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpClient } from '../../../src/adapters/http-client/http-client.ts';
import { AuthorizedService } from '../../../src/adapters/keystone/authorized-service.ts';
import type { ServiceCredentials } from '../../../src/adapters/keystone/credentials.ts';
import { ServiceSession } from '../../../src/adapters/keystone/service-session.ts';
import { startFakeKeystone, type FakeKeystoneOptions } from './fake-keystone.ts';
import { startScriptedServer } from './scripted-server.ts';

const catalog = [
  {
    type: 'compute',
    endpoints: [
      { interface: 'public', region_id: 'One', region: 'One', url: 'http://one.public/v2.1/' },
      { interface: 'internal', region_id: 'One', region: 'One', url: 'http://one.internal/v2.1' },
      { interface: 'public', region_id: 'Two', region: 'Two', url: 'http://two.public/v2.1' },
    ],
  },
  {
    type: 'alarm',
    endpoints: [{ interface: 'public', region_id: 'One', region: 'One', url: 'http://alarms' }],
  },
];

async function makeSession(options: FakeKeystoneOptions = {}, changes: Partial<ServiceCredentials> = {}) {
  const keystone = await startFakeKeystone({ catalog, ...options });
  const http = new HttpClient({ retryPauses: [] });
  onTestFinished(() => http.close());
  const clock = { time: 1_000_000, now: () => clock.time };
  const credentials: ServiceCredentials = {
    authUrl: keystone.url,
    username: 'fenix',
    password: 'topsecret',
    userDomain: { name: 'Default' },
    projectName: 'service',
    projectDomain: { id: 'default' },
    interface: 'public',
    ...changes,
  };
  return { session: new ServiceSession({ http, credentials, clock }), keystone, clock, http };
}

describe('ServiceSession', () => {
  it('logs in with a password, domains by name or id, scoped to the project', async () => {
    const { session, keystone } = await makeSession();
    expect(await session.token()).toBe('token-1');
    expect(keystone.arrived[0]?.body).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'fenix', domain: { name: 'Default' }, password: 'topsecret' } },
        },
        scope: { project: { name: 'service', domain: { id: 'default' } } },
      },
    });
  });

  it('logs in once for all who ask, and keeps the token', async () => {
    const { session, keystone } = await makeSession();
    const tokens = await Promise.all([session.token(), session.token(), session.endpoint(['compute'])]);
    expect(tokens.slice(0, 2)).toEqual(['token-1', 'token-1']);
    await session.token();
    expect(keystone.logins()).toBe(1);
  });

  it('renews the token in the background before it expires, and waits for a new one after', async () => {
    const { session, keystone, clock } = await makeSession({ lifeSeconds: 100 });
    await session.token();
    clock.time += 79_000;
    expect(await session.token()).toBe('token-1');
    expect(keystone.logins()).toBe(1);
    clock.time += 2_000;
    expect(await session.token()).toBe('token-1');
    await expect.poll(() => session.token()).toBe('token-2');
    clock.time += 200_000;
    expect(await session.token()).toBe('token-3');
  });

  it('goes on with a good token while Keystone cannot renew it', async () => {
    const { session, clock } = await makeSession({
      lifeSeconds: 100,
      login: (count) => (count > 1 ? { status: 503 } : undefined),
    });
    await session.token();
    clock.time += 90_000;
    expect(await session.token()).toBe('token-1');
    clock.time += 9_000;
    await expect(session.token()).rejects.toMatchObject({ name: 'IdentityUnavailable' });
  });

  it('renews a refused token once, however many were refused with it', async () => {
    const { session, keystone } = await makeSession();
    const refused = await session.token();
    expect(await Promise.all([session.renew(refused), session.renew(refused)])).toEqual([
      'token-2',
      'token-2',
    ]);
    expect(await session.renew(refused)).toBe('token-2');
    expect(keystone.logins()).toBe(2);
  });

  it('tells why it cannot log in, without the password', async () => {
    const { session } = await makeSession({
      login: () => ({
        status: 401,
        body: { error: { message: 'The request you have made requires authentication.' } },
      }),
    });
    const error: unknown = await session.token().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'IdentityUnavailable' });
    expect(String(error)).toMatch(/service user fenix.*401.*requires authentication/);
    expect(String(error)).not.toContain('topsecret');
  });

  it('stops waiting for a login at once when told to, without spoiling it for others', async () => {
    const { session, keystone } = await makeSession();
    const stop = new AbortController();
    const reason = new Error('enough');
    const [impatient, patient] = [session.token(stop.signal), session.token()];
    stop.abort(reason);
    await expect(impatient).rejects.toBe(reason);
    expect(await patient).toBe('token-1');
    expect(keystone.logins()).toBe(1);
  });

  it('finds services by type, region and interface', async () => {
    expect(await (await makeSession()).session.endpoint(['compute'])).toBe('http://one.public/v2.1');
    const two = (await makeSession({}, { region: 'Two' })).session;
    expect(await two.endpoint(['compute'])).toBe('http://two.public/v2.1');
    await expect(two.endpoint(['alarming', 'alarm'])).rejects.toThrow(
      /alarming or alarm in region Two .*compute, alarm/,
    );
    const internal = (await makeSession({}, { interface: 'internal' })).session;
    expect(await internal.endpoint(['compute'])).toBe('http://one.internal/v2.1');
    expect(await (await makeSession()).session.endpoint(['alarming', 'alarm'])).toBe('http://alarms');
  });

  it('takes an address from the configuration without asking Keystone', async () => {
    const { session, keystone } = await makeSession(
      {},
      { endpoints: { compute: 'https://nova.example/v2.1/' } },
    );
    expect(await session.endpoint(['compute'])).toBe('https://nova.example/v2.1');
    expect(keystone.logins()).toBe(0);
  });

  it('knows the id of its own project, looks others up once, and says which is not there', async () => {
    const { session, keystone } = await makeSession({
      other: ({ url }) => ({
        status: 200,
        body: { projects: url.includes('name=admin') ? [{ id: 'admin-id', name: 'admin' }] : [] },
      }),
    });
    expect(await session.projectId('service')).toBe('service-id');
    expect(await session.projectId('admin')).toBe('admin-id');
    expect(await session.projectId('admin')).toBe('admin-id');
    const lookUps = keystone.arrived.filter(({ method }) => method === 'GET');
    expect(lookUps.map(({ url }) => url)).toEqual(['/v3/projects?name=admin&domain_id=default']);
    await expect(session.projectId('nosuch')).rejects.toMatchObject({ name: 'CloudError', code: 'failed' });
  });

  it('says that Keystone is away in the words of the engine when a project is looked up', async () => {
    const { session } = await makeSession({}, { authUrl: 'http://127.0.0.1:9' });
    await expect(session.projectId('admin')).rejects.toMatchObject({
      name: 'CloudError',
      code: 'unavailable',
    });
  });
});

describe('AuthorizedService', () => {
  it('renews a token that the service refuses, once, and repeats the request', async () => {
    const { session, http } = await makeSession();
    const service = await startScriptedServer(({ headers }) => ({
      status: headers['x-auth-token'] === 'token-2' ? 200 : 401,
    }));
    const authorized = new AuthorizedService({ session, http, baseUrl: () => Promise.resolve(service.url) });
    const request = { method: 'POST', path: '/thing', body: { a: 1 } } as const;
    expect((await authorized.request(request)).status).toBe(200);
    expect(service.arrived).toMatchObject([{ body: { a: 1 } }, { url: '/thing', body: { a: 1 } }]);
    await session.renew('token-2');
    expect((await authorized.request(request)).status).toBe(401);
    expect(service.arrived).toHaveLength(4);
  });

  it('has sent nothing when there is no token or no address', async () => {
    const { session, http } = await makeSession({ login: () => ({ status: 500 }) });
    const service = new AuthorizedService({
      session,
      http,
      baseUrl: () => Promise.resolve('http://127.0.0.1:9'),
    });
    await expect(service.request({ method: 'POST', path: '/' })).rejects.toMatchObject({
      name: 'RequestNotSent',
      cause: { name: 'IdentityUnavailable' },
    });
  });
});
