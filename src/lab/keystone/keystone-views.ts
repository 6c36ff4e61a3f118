import { defaultDomain, type Project, type User } from './identity.ts';
import type { Token } from './tokens.ts';

/** Keystone writes whole seconds with microseconds. */
function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, '.000000Z');
}

/** @param catalog left out when undefined, and for unscoped tokens always */
export function tokenView(token: Token, catalog: readonly unknown[] | undefined): unknown {
  const { user, project } = token;
  return {
    token: {
      methods: token.methods,
      user: { domain: defaultDomain, id: user.id, name: user.name, password_expires_at: null },
      audit_ids: token.auditIds,
      expires_at: time(token.expiresAt),
      issued_at: time(token.issuedAt),
      ...(project === null
        ? {}
        : {
            project: { domain: defaultDomain, id: project.id, name: project.name },
            is_domain: false,
            roles: token.roles,
            ...(catalog === undefined ? {} : { catalog }),
          }),
    },
  };
}

export function projectView(project: Project, v3: string): unknown {
  return {
    id: project.id,
    name: project.name,
    domain_id: defaultDomain.id,
    description: project.description,
    enabled: true,
    parent_id: defaultDomain.id,
    is_domain: false,
    tags: [],
    options: {},
    links: { self: `${v3}/projects/${project.id}` },
  };
}

export function userView(user: User, v3: string): unknown {
  return {
    id: user.id,
    name: user.name,
    domain_id: defaultDomain.id,
    enabled: true,
    password_expires_at: null,
    options: {},
    links: { self: `${v3}/users/${user.id}` },
  };
}

export function versionView(v3: string): unknown {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${v3}/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
}
