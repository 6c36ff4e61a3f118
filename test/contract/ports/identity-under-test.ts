import { HttpClient } from '../../../src/adapters/http-client/http-client.ts';
import type { JwsKeys } from '../../../src/adapters/keystone/jws-keys.ts';
import { ServiceSession } from '../../../src/adapters/keystone/service-session.ts';
import { KeystoneTokenValidator } from '../../../src/adapters/keystone/token-validator.ts';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import { credentialsOf, type Account } from './connect-openstack.ts';
import type { IdentityUnderTest } from './token-validator.contract.ts';

/** A Keystone with the accounts of our service user and of `doctor`. */
export function identityUnderTest(
  service: Account,
  doctor: Account,
  keys?: () => JwsKeys,
): IdentityUnderTest {
  const http = new HttpClient({ retryPauses: [50] });
  const sessionOf = (account: Account) =>
    new ServiceSession({ http, credentials: credentialsOf(account), clock: new SystemClock() });
  const session = sessionOf(service);
  const revoke = async (token: string, by: ServiceSession) => {
    const headers = { 'x-subject-token': token };
    const { status } = await by.identity.request({ method: 'DELETE', path: '/auth/tokens', headers });
    if (status !== 204) throw new Error(`revoking a token was answered with ${status}`);
  };
  const validatorOf = (asking: ServiceSession, cacheSeconds: number) =>
    new KeystoneTokenValidator({
      identity: asking.identity,
      clock: new SystemClock(),
      cacheSeconds,
      ...(keys && { keys: keys() }),
    });
  return {
    makeValidator: ({ cacheSeconds }) => validatorOf(session, cacheSeconds),
    makeLonelyValidator: () => validatorOf(sessionOf({ ...service, authUrl: 'http://127.0.0.1:9/v3' }), 10),
    issueToken: () => sessionOf(doctor).token(),
    revokeToken: (token) => revoke(token, session),
    revokeServiceToken: async () => revoke(await session.token(), sessionOf(service)),
    close: () => http.close(),
  };
}
