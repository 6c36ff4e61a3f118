import { z } from 'zod';
import { defaultDomain, type Identity, type Project, type User } from './identity.ts';
import { KeystoneError, unauthorized } from './keystone-error.ts';
import type { Token, TokenRequest, Tokens } from './tokens.ts';

const domain = z.object({ id: z.string().optional(), name: z.string().optional() });
const authSchema = z.object({
  auth: z.object({
    identity: z.object({
      methods: z.array(z.string()),
      password: z
        .object({
          user: z.object({
            id: z.string().optional(),
            name: z.string().optional(),
            domain: domain.optional(),
            password: z.string().optional(),
          }),
        })
        .optional(),
      token: z.object({ id: z.string() }).optional(),
    }),
    scope: z
      .union([
        z.string(),
        z.object({
          project: z
            .object({ id: z.string().optional(), name: z.string().optional(), domain: domain.optional() })
            .optional(),
        }),
      ])
      .optional(),
  }),
});

type Auth = z.infer<typeof authSchema>['auth'];

/**
 * Reads the body of POST /v3/auth/tokens and finds out who asks for which token: methods password and token; scope a
 * project or none.
 * @throws KeystoneError 400 for a malformed body, 401 for everything that is not right
 */
export function authenticate(body: unknown, identity: Identity, tokens: Tokens): TokenRequest {
  const parsed = authSchema.safeParse(body);
  if (!parsed.success) throw new KeystoneError(400, z.prettifyError(parsed.error));
  const { auth } = parsed.data;
  const { methods } = auth.identity;
  if (methods.includes('password')) {
    const user = userWithPassword(auth, identity);
    return { user, project: scopeOf(auth, user, identity), methods: ['password'] };
  }
  if (methods.includes('token')) {
    const parent = tokens.find(auth.identity.token?.id);
    if (parent === undefined) throw unauthorized();
    return {
      user: parent.user,
      project: scopeOf(auth, parent.user, identity) ?? scopeOfParent(auth, parent),
      methods: [...new Set([...parent.methods, 'token'])],
      parent,
    };
  }
  throw unauthorized();
}

function userWithPassword(auth: Auth, identity: Identity): User {
  const given = auth.identity.password?.user;
  if (given === undefined) throw unauthorized();
  const user = identity.users.find((one) =>
    given.id === undefined ? one.name === given.name : one.id === given.id,
  );
  const domainIsRight = given.id !== undefined || isDefaultDomain(given.domain);
  if (user === undefined || !domainIsRight || user.password !== given.password) throw unauthorized();
  return user;
}

function scopeOf(auth: Auth, user: User, identity: Identity): Project | null {
  if (auth.scope === undefined || typeof auth.scope === 'string') return null;
  const wanted = auth.scope.project;
  // Domains and the system as a scope are not for the lab: nobody has roles there.
  if (wanted === undefined) throw unauthorized();
  const project = identity.projects.find((one) =>
    wanted.id === undefined
      ? one.name === wanted.name && isDefaultDomain(wanted.domain)
      : one.id === wanted.id,
  );
  if (project === undefined || identity.rolesOn(user, project.id).length === 0) throw unauthorized();
  return project;
}

/** Without a word about the scope, a token for a token keeps its project. */
function scopeOfParent(auth: Auth, parent: Token): Project | null {
  return auth.scope === undefined ? parent.project : null;
}

function isDefaultDomain(given: { id?: string | undefined; name?: string | undefined } | undefined): boolean {
  return given?.id === defaultDomain.id || given?.name === defaultDomain.name;
}
