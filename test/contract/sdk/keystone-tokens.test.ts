import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { startLab, type Lab } from '../../../src/lab/lab.ts';
import { createKeystoneTokens, credentialsFromEnvironment, explain } from '../../../src/sdk/index.ts';

describe('createKeystoneTokens', () => {
  let lab: Lab;
  let logins = 0;
  const countingFetch = (url: string, init: RequestInit) => {
    logins += 1;
    return fetch(url, init);
  };
  const credentials = () => ({
    authUrl: lab.authUrl,
    username: 'doctor',
    password: 'lab-secret',
    projectName: 'doctor',
  });

  beforeAll(async () => {
    lab = await startLab({ config: doctorScenario() });
    lab.setEndpoint('maintenance', 'http://127.0.0.1:12347/v1');
  });
  afterAll(() => lab.stop());
  beforeEach(() => (logins = 0));

  it('logs in once for everybody who asks', async () => {
    const tokens = createKeystoneTokens(credentials(), { fetch: countingFetch });
    const [a, b, projectId] = await Promise.all([tokens.token(), tokens.token(), tokens.projectId()]);
    expect(a).toBe(b);
    expect(projectId).toBe(lab.projects['doctor']?.id);
    expect(logins).toBe(1);
  });

  it('takes the address with and without /v3, and the domain by name or id', async () => {
    const authUrl = lab.authUrl.replace(/\/v3$/, '');
    for (const variant of [{ authUrl }, { authUrl: `${authUrl}/v3/` }, { userDomainId: 'default' }])
      await expect(createKeystoneTokens({ ...credentials(), ...variant }).token()).resolves.toBeTypeOf(
        'string',
      );
  });

  it('tells where services are', async () => {
    const tokens = createKeystoneTokens(credentials());
    expect(await tokens.endpoint('compute')).toBe(lab.computeUrl);
    expect(await tokens.endpoint('maintenance')).toBe('http://127.0.0.1:12347/v1');
    await expect(tokens.endpoint('volume')).rejects.toThrow('no public endpoint of type volume');
    const elsewhere = createKeystoneTokens({ ...credentials(), region: 'Elsewhere' });
    await expect(elsewhere.endpoint('compute')).rejects.toThrow('in region Elsewhere');
  });

  it('gets another token when one was refused, once for all who were', async () => {
    const tokens = createKeystoneTokens(credentials(), { fetch: countingFetch });
    const first = await tokens.token();
    const [second, third] = await Promise.all([tokens.token(first), tokens.token(first)]);
    expect(second).not.toBe(first);
    expect(third).toBe(second);
    expect(await tokens.token(first)).toBe(second);
    expect(logins).toBe(2);
  });

  it('renews a token before it expires', async () => {
    let time = 1_000_000;
    const tokens = createKeystoneTokens(credentials(), { fetch: countingFetch, now: () => time });
    const first = await tokens.token();
    // The lab's tokens live an hour; ours are renewed a minute earlier.
    time += 3_539_000;
    expect(await tokens.token()).toBe(first);
    time += 2_000;
    expect(await tokens.token()).not.toBe(first);
    expect(logins).toBe(2);
  });

  it('says what was wrong, without the password, and tries again at the next call', async () => {
    const tokens = createKeystoneTokens(
      { ...credentials(), password: 'wrong-secret' },
      { fetch: countingFetch },
    );
    const error = await tokens.token().catch((caught: unknown) => caught);
    expect(explain(error)).toMatch(
      /answered 401 for user doctor and project doctor: check user name, password/,
    );
    expect(explain(error)).not.toContain('wrong-secret');
    await expect(tokens.token()).rejects.toThrow('401');
    expect(logins).toBe(2);
  });

  it('says that Keystone cannot be reached', async () => {
    const tokens = createKeystoneTokens({ ...credentials(), authUrl: 'http://127.0.0.1:1' });
    await expect(tokens.token()).rejects.toThrow(
      'Keystone at http://127.0.0.1:1/v3/auth/tokens cannot be reached',
    );
  });
});

describe('credentialsFromEnvironment', () => {
  const openrc = {
    OS_AUTH_URL: 'http://keystone/v3',
    OS_USERNAME: 'doctor',
    OS_PASSWORD: 'secret',
    OS_PROJECT_NAME: 'doctor',
  };

  it('reads what an openrc file sets', () => {
    const environment = {
      ...openrc,
      OS_USER_DOMAIN_NAME: 'people',
      OS_REGION_NAME: '',
      OS_INTERFACE: 'internalURL',
    };
    expect(credentialsFromEnvironment(environment)).toEqual({
      authUrl: 'http://keystone/v3',
      username: 'doctor',
      password: 'secret',
      projectName: 'doctor',
      userDomainName: 'people',
      interface: 'internal',
    });
  });

  it('names what is missing or wrong', () => {
    expect(() => credentialsFromEnvironment({ ...openrc, OS_PASSWORD: '', OS_AUTH_URL: undefined })).toThrow(
      'OS_AUTH_URL, OS_PASSWORD not set',
    );
    expect(() => credentialsFromEnvironment({ ...openrc, OS_INTERFACE: 'secret' })).toThrow(
      'OS_INTERFACE is secret',
    );
  });
});
