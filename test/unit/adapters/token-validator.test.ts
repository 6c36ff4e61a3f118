import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HttpAnswer } from '../../../src/adapters/http-client/http-client.ts';
import { RequestNotSent } from '../../../src/adapters/http-client/http-errors.ts';
import type { ServiceRequest } from '../../../src/adapters/http-client/service-api.ts';
import { ExpiringMap } from '../../../src/adapters/keystone/expiring-map.ts';
import { JwsKeys } from '../../../src/adapters/keystone/jws-keys.ts';
import { KeystoneTokenValidator } from '../../../src/adapters/keystone/token-validator.ts';

const start = Date.parse('2026-11-22T12:00:00Z');
const good = (expiresAt = start + 3_600_000): HttpAnswer => ({
  status: 200,
  headers: {},
  body: {
    token: {
      user: { id: 'user-1', name: 'doctor' },
      project: { id: 'project-1', name: 'doctor' },
      roles: [{ name: 'member' }, { name: 'reader' }],
      expires_at: new Date(expiresAt).toISOString(),
    },
  },
});
const unknown: HttpAnswer = {
  status: 404,
  headers: {},
  body: { error: { code: 404, message: 'Could not find token: the-secret-token.' } },
};

function makeValidator(
  answer: (token: string) => HttpAnswer | Promise<HttpAnswer>,
  options: { readonly cacheEntries?: number; readonly keys?: JwsKeys } = {},
) {
  const asked: string[] = [];
  const clock = { time: start, now: () => clock.time };
  const identity = {
    request({ path, headers }: ServiceRequest) {
      expect(path).toBe('/auth/tokens?nocatalog');
      const token = headers?.['x-subject-token'] ?? '';
      asked.push(token);
      return Promise.resolve(answer(token));
    },
  };
  return { validator: new KeystoneTokenValidator({ identity, clock, ...options }), asked, clock };
}

describe('KeystoneTokenValidator', () => {
  it('remembers an answer for ten seconds', async () => {
    const { validator, asked, clock } = makeValidator(() => good());
    const identity = await validator.validate('t');
    expect(identity).toEqual({
      userId: 'user-1',
      userName: 'doctor',
      projectId: 'project-1',
      projectName: 'doctor',
      roles: ['member', 'reader'],
      expiresAt: start + 3_600_000,
    });
    clock.time += 9_999;
    expect(await validator.validate('t')).toEqual(identity);
    expect(asked).toHaveLength(1);
    clock.time += 1;
    await validator.validate('t');
    expect(asked).toHaveLength(2);
  });

  it('remembers no token beyond its end', async () => {
    const { validator, asked, clock } = makeValidator(() => good(start + 2_000));
    await validator.validate('t');
    clock.time += 2_000;
    await validator.validate('t');
    expect(asked).toHaveLength(2);
  });

  it('remembers a refusal for a shorter time, and tells it without the token', async () => {
    const { validator, asked, clock } = makeValidator(() => unknown);
    const refusal = () => validator.validate('the-secret-token').catch((error: unknown) => error);
    const first = await refusal();
    expect(first).toMatchObject({ name: 'TokenRejected' });
    expect(String(first)).not.toContain('secret');
    clock.time += 2_999;
    expect(await refusal()).toMatchObject({ name: 'TokenRejected' });
    expect(asked).toHaveLength(1);
    clock.time += 1;
    await refusal();
    expect(asked).toHaveLength(2);
  });

  it('asks once for all who come with the same token at the same time', async () => {
    const { validator, asked } = makeValidator(() => good());
    await Promise.all([validator.validate('t'), validator.validate('t'), validator.validate('u')]);
    expect(asked).toEqual(['t', 'u']);
  });

  it('remembers so many tokens and no more, and bad ones do not push out good ones', async () => {
    const { validator, asked } = makeValidator((token) => (token.startsWith('bad') ? unknown : good()), {
      cacheEntries: 2,
    });
    await validator.validate('good');
    for (let n = 0; n < 10; n += 1) await validator.validate(`bad-${n}`).catch(() => undefined);
    await validator.validate('good');
    expect(asked.filter((token) => token === 'good')).toHaveLength(1);
    await validator.validate('good-2');
    await validator.validate('good-3');
    await validator.validate('good');
    expect(asked.filter((token) => token === 'good')).toHaveLength(2);
  });

  it.each([401, 403, 500, 503, 200])('takes no other answer for a verdict: %i', async (status) => {
    const { validator, asked } = makeValidator(() => ({ status, headers: {}, body: { token: {} } }));
    await expect(validator.validate('t')).rejects.toMatchObject({ name: 'IdentityUnavailable' });
    await expect(validator.validate('t')).rejects.toMatchObject({ name: 'IdentityUnavailable' });
    expect(asked).toHaveLength(2);
  });

  it('takes no silence for a verdict', async () => {
    const { validator } = makeValidator(() => {
      throw new RequestNotSent('no connection');
    });
    await expect(validator.validate('t')).rejects.toMatchObject({ name: 'IdentityUnavailable' });
  });

  it('reads a token without a project', async () => {
    const token = { user: { id: 'u' }, expires_at: '2026-11-22T13:00:00.000000Z' };
    const { validator } = makeValidator(() => ({ status: 200, headers: {}, body: { token } }));
    expect(await validator.validate('t')).toEqual({ userId: 'u', roles: [], expiresAt: start + 3_600_000 });
  });
});

describe('JWS tokens', () => {
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const first = pair();
  const second = pair();
  const sign = (key: ReturnType<typeof pair>, expiresAt = start + 3_600_000) =>
    jwt.sign({ sub: 'user-1', exp: expiresAt / 1000 }, key.privateKey, { algorithm: 'ES256' });

  function keyFolder() {
    const folder = mkdtempSync(join(tmpdir(), 'fenix-keys-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const add = (name: string, key: ReturnType<typeof pair>) =>
      writeFileSync(join(folder, name), key.publicKey.export({ type: 'spki', format: 'pem' }));
    return { folder, add };
  }

  it('passes what one of the keys has signed on to Keystone', async () => {
    const { folder, add } = keyFolder();
    add('1.pem', first);
    add('2.pem', second);
    writeFileSync(join(folder, 'README'), 'not a key');
    const { validator, asked } = makeValidator(() => good(), { keys: new JwsKeys(folder) });
    await validator.validate(sign(first));
    await validator.validate(sign(second));
    await validator.validate('gAAAAAfernet');
    expect(asked).toHaveLength(3);
  });

  it('refuses what is expired, or signed by nobody, without asking Keystone', async () => {
    const { folder, add } = keyFolder();
    add('1.pem', first);
    const { validator, asked } = makeValidator(() => good(), { keys: new JwsKeys(folder) });
    const expired = sign(first, start - 60_000);
    const foreign = sign(second);
    const symmetric = jwt.sign(
      { sub: 'user-1' },
      first.publicKey.export({ type: 'spki', format: 'pem' }) as string,
    );
    const unsigned = jwt.sign({ sub: 'user-1' }, '', { algorithm: 'none' });
    for (const token of [expired, foreign, symmetric, unsigned]) {
      await expect(validator.validate(token)).rejects.toMatchObject({ name: 'TokenRejected' });
    }
    await expect(validator.validate(expired)).rejects.toThrow('expired');
    expect(asked).toEqual([]);
  });

  it('reads the folder again for a key that it does not know', async () => {
    const { folder, add } = keyFolder();
    add('1.pem', first);
    const { validator } = makeValidator(() => good(), { keys: new JwsKeys(folder) });
    await expect(validator.validate(sign(second))).rejects.toMatchObject({ name: 'TokenRejected' });
    add('2.pem', second);
    await validator.validate(sign(second));
    rmSync(join(folder, '1.pem'));
    await validator.validate(sign(first));
    await expect(validator.validate(sign(pair()))).rejects.toMatchObject({ name: 'TokenRejected' });
    await expect(validator.validate(sign(first, start + 60_000))).rejects.toMatchObject({
      name: 'TokenRejected',
    });
  });

  it('cannot judge without a key', async () => {
    const { folder } = keyFolder();
    const { validator } = makeValidator(() => good(), { keys: new JwsKeys(folder) });
    await expect(validator.validate(sign(first))).rejects.toMatchObject({
      name: 'IdentityUnavailable',
      message: expect.stringContaining(folder) as string,
    });
  });

  it('leaves them to Keystone where no folder of keys is configured', async () => {
    const { validator, asked } = makeValidator(() => good());
    await validator.validate(sign(second));
    expect(asked).toHaveLength(1);
  });
});

describe('ExpiringMap', () => {
  it('forgets in time, and the oldest first', () => {
    const map = new ExpiringMap<number>(2);
    map.set('a', 1, 10);
    map.set('b', 2, 20);
    expect(map.get('a', 9)).toBe(1);
    expect(map.get('a', 10)).toBeUndefined();
    map.set('c', 3, 20);
    map.set('b', 4, 20);
    map.set('d', 5, 20);
    expect([map.get('b', 0), map.get('c', 0), map.get('d', 0)]).toEqual([4, undefined, 5]);
  });
});
