import { startScriptedServer, type Arrived, type Scripted, type ScriptedServer } from './scripted-server.ts';

export interface FakeKeystone extends ScriptedServer {
  /** Tokens given out so far: `token-1`, `token-2`, ... */
  readonly logins: () => number;
}

export interface FakeKeystoneOptions {
  /** Of a service token. */
  readonly lifeSeconds?: number;
  readonly catalog?: readonly unknown[];
  /** Answers everything but logins. */
  readonly other?: (request: Arrived) => Scripted | Promise<Scripted>;
  /** Answers a login instead of a token. */
  readonly login?: (count: number) => Scripted | undefined;
}

/** A Keystone that logs everybody in. Its clock starts at 1970, and ours need not agree with it. */
export async function startFakeKeystone(options: FakeKeystoneOptions = {}): Promise<FakeKeystone> {
  const {
    lifeSeconds = 3600,
    catalog = [],
    other = () => ({ status: 404 }),
    login = () => undefined,
  } = options;
  let logins = 0;
  const server = await startScriptedServer((request) => {
    if (request.method !== 'POST' || request.url !== '/v3/auth/tokens') return other(request);
    logins += 1;
    return (
      login(logins) ?? {
        status: 201,
        headers: { 'x-subject-token': `token-${logins}` },
        body: {
          token: {
            issued_at: '1970-01-01T00:00:00.000000Z',
            expires_at: new Date(lifeSeconds * 1000).toISOString(),
            project: { id: 'service-id', name: 'service', domain: { id: 'default' } },
            catalog,
          },
        },
      }
    );
  });
  return { ...server, logins: () => logins };
}
