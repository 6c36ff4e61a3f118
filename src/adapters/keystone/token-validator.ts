import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  IdentityUnavailable,
  TokenRejected,
  type Clock,
  type Identity,
  type TokenValidator,
} from '../../engine/ports.ts';
import type { HttpAnswer } from '../http-client/http-client.ts';
import { HttpFailure } from '../http-client/http-errors.ts';
import type { ServiceApi } from '../http-client/service-api.ts';
import { ExpiringMap } from './expiring-map.ts';
import { looksLikeJws, type JwsKeys } from './jws-keys.ts';

export interface KeystoneTokenValidatorOptions {
  /** Keystone, spoken to as the service user (`ServiceSession.identity`). */
  readonly identity: ServiceApi;
  readonly clock: Pick<Clock, 'now'>;
  /** With it a JWS token is verified before Keystone is asked. */
  readonly keys?: JwsKeys;
  /** How long an answer of Keystone is good: a revoked token works this long at most. 10 when absent. */
  readonly cacheSeconds?: number;
  /** How many tokens are kept at a time; 1000 when absent. */
  readonly cacheEntries?: number;
}

/** A Keystone whose nodes do not agree yet about a new token must not lock it out for long. */
const longestRefusalSeconds = 3;
/** Longer than any token: Fernet needs about 250 characters, JWS 500. */
const longestToken = 4096;

const withId = z.object({ id: z.string() });
const answerSchema = z.object({
  token: z.object({
    user: withId.extend({ name: z.string().optional(), domain: withId.optional() }),
    project: withId.extend({ name: z.string().optional(), domain: withId.optional() }).optional(),
    domain: withId.optional(),
    system: z.object({ all: z.boolean().optional() }).optional(),
    roles: z.array(z.object({ name: z.string() })).default([]),
    is_admin_project: z.boolean().optional(),
    'OS-TRUST:trust': withId
      .extend({ trustor_user: withId.optional(), trustee_user: withId.optional() })
      .optional(),
    expires_at: z.string(),
  }),
});

/**
 * Asks Keystone whose a token is, and remembers the answer for a short time. A JWS token is verified here first, so
 * that a forged or expired one costs Keystone nothing. Tokens are remembered by their SHA-256 digest only.
 */
export class KeystoneTokenValidator implements TokenValidator {
  readonly #identity: ServiceApi;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #keys: JwsKeys | undefined;
  readonly #cacheSeconds: number;
  readonly #accepted: ExpiringMap<Identity>;
  /** Apart from the accepted ones: a flood of bad tokens must not push out the good ones. */
  readonly #refused: ExpiringMap<string>;
  readonly #underWay = new Map<string, Promise<Identity>>();

  constructor(options: KeystoneTokenValidatorOptions) {
    const { identity, clock, keys, cacheSeconds = 10, cacheEntries = 1000 } = options;
    this.#identity = identity;
    this.#clock = clock;
    this.#keys = keys;
    this.#cacheSeconds = cacheSeconds;
    this.#accepted = new ExpiringMap(cacheEntries);
    this.#refused = new ExpiringMap(cacheEntries);
  }

  async validate(token: string): Promise<Identity> {
    if (token.length > longestToken || !/^[\x21-\x7e]+$/.test(token)) {
      throw new TokenRejected('the token is malformed');
    }
    const digest = createHash('sha256').update(token).digest('base64');
    const known = this.#accepted.get(digest, this.#clock.now());
    if (known !== undefined) return known;
    let asking = this.#underWay.get(digest);
    if (asking === undefined) {
      asking = this.#ask(token, digest).finally(() => this.#underWay.delete(digest));
      this.#underWay.set(digest, asking);
    }
    return asking;
  }

  async #ask(token: string, digest: string): Promise<Identity> {
    if (this.#keys !== undefined && looksLikeJws(token)) await this.#keys.verify(token, this.#clock.now());
    const refusal = this.#refused.get(digest, this.#clock.now());
    if (refusal !== undefined) throw new TokenRejected(refusal);

    const askedAt = this.#clock.now();
    const answer = await this.#askKeystone(token);
    if (answer.status === 404 || answer.status === 400) {
      // Keystone's own text may repeat the token.
      const reason = 'Keystone does not know the token, or it has expired or was revoked';
      const seconds = Math.min(this.#cacheSeconds, longestRefusalSeconds);
      this.#refused.set(digest, reason, askedAt + seconds * 1000);
      throw new TokenRejected(reason);
    }
    const identity = readIdentity(answer);
    const until = Math.min(askedAt + this.#cacheSeconds * 1000, identity.expiresAt);
    this.#accepted.set(digest, identity, until);
    return identity;
  }

  async #askKeystone(token: string): Promise<HttpAnswer> {
    try {
      return await this.#identity.request({
        method: 'GET',
        path: '/auth/tokens?nocatalog',
        headers: { 'x-subject-token': token },
      });
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      throw new IdentityUnavailable(`cannot check tokens: ${error.message}`, { cause: error });
    }
  }
}

function readIdentity({ status, headers, body }: HttpAnswer): Identity {
  const parsed = answerSchema.safeParse(body);
  if (status !== 200 || !parsed.success) {
    const hint = status === 403 ? '; the service user needs a role that may validate tokens' : '';
    const requestId = headers['x-openstack-request-id'] ?? 'no request id';
    throw new IdentityUnavailable(`cannot check tokens: Keystone answered ${status} (${requestId})${hint}`);
  }
  const { user, project, domain, system, roles, is_admin_project, expires_at } = parsed.data.token;
  const trust = parsed.data.token['OS-TRUST:trust'];
  return {
    userId: user.id,
    ...(user.name !== undefined && { userName: user.name }),
    ...(project && { projectId: project.id }),
    ...(project?.name !== undefined && { projectName: project.name }),
    ...(user.domain && { userDomainId: user.domain.id }),
    ...(project?.domain && { projectDomainId: project.domain.id }),
    ...(domain && { domainId: domain.id }),
    ...(system?.all === true && { systemScope: 'all' }),
    ...(is_admin_project !== undefined && { isAdminProject: is_admin_project }),
    ...(trust && { trustId: trust.id }),
    ...(trust?.trustor_user && { trustorUserId: trust.trustor_user.id }),
    ...(trust?.trustee_user && { trusteeUserId: trust.trustee_user.id }),
    roles: roles.map(({ name }) => name),
    expiresAt: Date.parse(expires_at),
  };
}
