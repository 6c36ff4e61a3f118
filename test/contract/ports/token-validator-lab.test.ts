import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JwsKeys } from '../../../src/adapters/keystone/jws-keys.ts';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { startLab, type Lab } from '../../../src/lab/lab.ts';
import type { Account } from './connect-openstack.ts';
import { identityUnderTest } from './identity-under-test.ts';
import { describeTokenValidatorContract, type IdentityUnderTest } from './token-validator.contract.ts';

function accountOf({ authUrl, users }: Lab, name: string): Account {
  const { password, projectName } = users[name]!;
  return { authUrl, username: name, password, projectName };
}

async function startJwsLab(): Promise<{ lab: Lab; subject: IdentityUnderTest; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'fenix-keys-'));
  const config = {
    ...doctorScenario({ filled: false }),
    tokens: { format: 'jws', key_folder: folder },
  } as const;
  const lab = await startLab({ config });
  const subject = identityUnderTest(
    accountOf(lab, 'fenix'),
    accountOf(lab, 'doctor'),
    () => new JwsKeys(folder),
  );
  const close = async () => {
    await subject.close();
    await lab.stop();
    await rm(folder, { recursive: true });
  };
  return { lab, subject, close };
}

describeTokenValidatorContract('Keystone of the lab, opaque tokens', async () => {
  const lab = await startLab({ config: doctorScenario({ filled: false }) });
  const subject = identityUnderTest(accountOf(lab, 'fenix'), accountOf(lab, 'doctor'));
  return {
    ...subject,
    async close() {
      await subject.close();
      await lab.stop();
    },
  };
});

describeTokenValidatorContract('Keystone of the lab, JWS tokens and their keys', async () => {
  const { subject, close } = await startJwsLab();
  return { ...subject, close };
});

describe('JWS tokens of Keystone', () => {
  let lab: Lab;
  let subject: IdentityUnderTest;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ lab, subject, close } = await startJwsLab());
  });
  afterAll(() => close());
  const timesKeystoneWasAsked = () => lab.calls().filter(({ name }) => name === 'identity.validate').length;

  it('refuses a forged one without asking Keystone', async () => {
    const validator = subject.makeValidator({ cacheSeconds: 10 });
    const token = await subject.issueToken();
    await validator.validate(token);
    const asked = timesKeystoneWasAsked();
    const [head, , signature] = token.split('.');
    const claims = { sub: 'root', iat: 1, exp: 4_102_444_800, openstack_project_id: 'admin' };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    for (const forged of [
      `${head}.${body}.${signature}`,
      `${unsigned}.${body}.`,
      `${unsigned}.${body}.${signature}`,
    ]) {
      await expect(validator.validate(forged)).rejects.toMatchObject({ name: 'TokenRejected' });
    }
    expect(timesKeystoneWasAsked()).toBe(asked);
  });

  it('accepts one that is signed with a key that came later', async () => {
    const validator = subject.makeValidator({ cacheSeconds: 10 });
    await validator.validate(await subject.issueToken());
    lab.rotateSigningKey();
    expect(await validator.validate(await subject.issueToken())).toMatchObject({ userName: 'doctor' });
  });

  it('takes a good signature for no more than it is: Keystone has the last word', async () => {
    const validator = subject.makeValidator({ cacheSeconds: 0 });
    const token = await subject.issueToken();
    await subject.revokeToken(token);
    await expect(validator.validate(token)).rejects.toMatchObject({ name: 'TokenRejected' });
  });
});
