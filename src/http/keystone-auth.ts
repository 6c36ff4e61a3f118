/**
 * Who calls: reads `X-Auth-Token` as keystonemiddleware does, and leaves the identity in `response.locals`. Discovery
 * and health are open. A refusal is a 401 with `WWW-Authenticate`; a Keystone that is out of reach a 503, never a bypass.
 */
import type { RequestHandler } from 'express';
import { IdentityUnavailable, TokenRejected, type Identity, type TokenValidator } from '../engine/ports.ts';
import { ApiError } from './api-error.ts';
import type { Operation } from './contract.ts';

/** How callers are known: by their token, or not at all. */
export type Authenticator =
  | { readonly mode: 'none' }
  | { readonly mode: 'keystone'; readonly tokens: TokenValidator; readonly authUrl: string };

/** With `auth.mode` `none` everybody is this: an admin without a project. Rules see it as `is_admin:True`. */
const anybody: Identity = {
  userId: 'nobody',
  roles: ['admin'],
  isAdmin: true,
  expiresAt: Number.MAX_SAFE_INTEGER,
};

/** Seconds after which a caller may try again when Keystone is away. */
const retryAfterSeconds = '5';

export function keystoneAuth(authenticator: Authenticator): RequestHandler {
  return async function keystoneAuthMiddleware(request, response, next) {
    const { operation, refusal } = response.locals as { operation?: Operation; refusal: ApiError };
    if (operation?.open !== true) {
      response.locals['identity'] =
        authenticator.mode === 'none' ? anybody : await identify(request.get('X-Auth-Token'), authenticator);
    }
    if (operation === undefined) throw refusal;
    next();
  };
}

async function identify(
  token: string | undefined,
  { tokens, authUrl }: Extract<Authenticator, { mode: 'keystone' }>,
): Promise<Identity> {
  const headers = { 'WWW-Authenticate': `Keystone uri="${authUrl}"` };
  if (token === undefined || token === '') {
    throw new ApiError('unauthorized', `Send a token of ${authUrl} in the header X-Auth-Token.`, { headers });
  }
  try {
    return await tokens.validate(token);
  } catch (error) {
    if (error instanceof TokenRejected) {
      const message = 'The token is unknown, expired or revoked: get a new one.';
      throw new ApiError('unauthorized', message, { headers, cause: error });
    }
    if (error instanceof IdentityUnavailable) {
      throw new ApiError('identity_unavailable', 'The token could not be checked. Try again later.', {
        headers: { 'Retry-After': retryAfterSeconds },
        cause: error,
      });
    }
    throw error;
  }
}
