import { randomBytes } from 'node:crypto';
import type { Identity, Project, Role, User } from './identity.ts';
import type { JwsSigner } from './jws-signer.ts';

/** A token that was given out. Times are milliseconds since 1970, whole seconds. */
export interface Token {
  readonly secret: string;
  readonly user: User;
  /** Null when the token is unscoped. */
  readonly project: Project | null;
  readonly roles: readonly Role[];
  readonly methods: readonly string[];
  readonly auditIds: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface TokenRequest {
  readonly user: User;
  readonly project: Project | null;
  readonly methods: readonly string[];
  /** The token that was given instead of a password: the new one lives no longer than it. */
  readonly parent?: Token;
}

const keptAfterExpirySeconds = 600;

/** May a token do what administrators do? */
export function isAdmin(token: Token): boolean {
  return token.roles.some((role) => role.name === 'admin');
}

/** Gives out tokens and knows which are good. */
export class Tokens {
  readonly #identity: Identity;
  readonly #now: () => number;
  readonly #lifetimeSeconds: number;
  readonly #signer: JwsSigner | undefined;
  readonly #tokens = new Map<string, Token>();
  readonly #revoked = new Set<string>();

  /** @param signer makes JWS tokens; opaque ones are made without it */
  constructor(identity: Identity, now: () => number, lifetimeSeconds: number, signer: JwsSigner | undefined) {
    this.#identity = identity;
    this.#now = now;
    this.#lifetimeSeconds = lifetimeSeconds;
    this.#signer = signer;
  }

  issue({ user, project, methods, parent }: TokenRequest): Token {
    this.#forgetExpired();
    const auditId = randomBytes(16).toString('base64url');
    const issuedAt = Math.floor(this.#now() / 1000) * 1000;
    const content = {
      user,
      project,
      roles: project === null ? [] : this.#identity.rolesOn(user, project.id),
      methods,
      auditIds: parent === undefined ? [auditId] : [auditId, ...parent.auditIds.slice(-1)],
      issuedAt,
      // Rounded up to whole seconds: a token must not live shorter than was asked for.
      expiresAt: parent?.expiresAt ?? Math.ceil((this.#now() + this.#lifetimeSeconds * 1000) / 1000) * 1000,
    };
    const token: Token = { ...content, secret: this.#secret(content) };
    this.#tokens.set(token.secret, token);
    return token;
  }

  /** The token, if it is known, not expired and not revoked. */
  find(secret: string | undefined): Token | undefined {
    const token = secret === undefined ? undefined : this.#tokens.get(secret);
    if (token === undefined || this.#revoked.has(token.secret)) return undefined;
    return token.expiresAt > this.#now() ? token : undefined;
  }

  /** What Keystone says of a token that `find` does not find; it depends on the format, and on what became of it. */
  whyNot(secret: string): string {
    if (this.#tokens.has(secret)) return 'Failed to validate token';
    return this.#signer === undefined
      ? 'Could not recognize Fernet token'
      : `Could not find token: ${secret}.`;
  }

  revoke(secret: string): void {
    if (this.#tokens.has(secret)) this.#revoked.add(secret);
  }

  /** Makes every token bad that was given out so far. */
  revokeAll(): void {
    for (const secret of this.#tokens.keys()) this.#revoked.add(secret);
  }

  #secret(token: Omit<Token, 'secret'>): string {
    if (this.#signer === undefined) return `gAAAAA${randomBytes(135).toString('base64url')}`;
    return this.#signer.sign({
      sub: token.user.id,
      iat: token.issuedAt / 1000,
      exp: token.expiresAt / 1000,
      openstack_methods: token.methods,
      openstack_audit_ids: token.auditIds,
      ...(token.project === null ? {} : { openstack_project_id: token.project.id }),
    });
  }

  #forgetExpired(): void {
    for (const [secret, token] of this.#tokens) {
      // Kept for a while after its end, so that it is refused as expired and not as unknown.
      if (token.expiresAt + keptAfterExpirySeconds * 1000 <= this.#now()) {
        this.#tokens.delete(secret);
        this.#revoked.delete(secret);
      }
    }
  }
}
