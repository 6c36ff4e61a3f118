import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JwsKeys } from '../../../src/adapters/keystone/jws-keys.ts';
import { identityUnderTest } from '../../contract/ports/identity-under-test.ts';
import { describeTokenValidatorContract } from '../../contract/ports/token-validator.contract.ts';
import { readOpenstackEnv } from './openstack-env.ts';

/** With JWS tokens (`up.sh --tokens jws`) Keystone's public key is used as well. */
describeTokenValidatorContract('real Keystone', async () => {
  const { service, doctor, jws_public_key } = await readOpenstackEnv();
  if (jws_public_key === null) return identityUnderTest(service, doctor);
  const folder = await mkdtemp(join(tmpdir(), 'fenix-keys-'));
  await copyFile(jws_public_key, join(folder, 'public.pem'));
  const subject = identityUnderTest(service, doctor, () => new JwsKeys(folder));
  return {
    ...subject,
    async close() {
      await subject.close();
      await rm(folder, { recursive: true });
    },
  };
});
