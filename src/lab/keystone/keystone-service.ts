import {
  type Answer,
  type Call,
  findRoute,
  header,
  type LabService,
  type RecognisedCall,
  type Route,
} from '../wire/call.ts';
import { authenticate } from './authentication.ts';
import type { Catalog } from './catalog.ts';
import type { Identity } from './identity.ts';
import { KeystoneError, keystoneErrorAnswer, notAllowed, unauthorized } from './keystone-error.ts';
import { projectView, tokenView, userView, versionView } from './keystone-views.ts';
import { isAdmin, type Token, type Tokens } from './tokens.ts';

/** Keystone v3 under /identity, as far as clients of a cloud need it. */
export class KeystoneService implements LabService {
  readonly name = 'keystone';
  readonly prefix = '/identity';
  readonly #identity: Identity;
  readonly #tokens: Tokens;
  readonly #catalog: Catalog;

  constructor(identity: Identity, tokens: Tokens, catalog: Catalog) {
    this.#identity = identity;
    this.#tokens = tokens;
    this.#catalog = catalog;
  }

  recognise(call: Call): RecognisedCall {
    const found = findRoute(this.#routes, call.method, call.path);
    if (!('route' in found)) {
      const status = found.pathKnown ? 405 : 404;
      const error = new KeystoneError(
        status,
        `No route for ${call.method} ${call.path} in the lab's Keystone.`,
      );
      return { name: 'unknown', subject: {}, run: () => keystoneErrorAnswer(error, `${call.serviceUrl}/v3`) };
    }
    const { route, parameters } = found;
    return {
      name: route.name,
      subject: {},
      run: async () => {
        const answer = await this.#safely(call, () => route.handle(call, parameters));
        return { ...answer, headers: { Vary: 'X-Auth-Token', ...answer.headers } };
      },
    };
  }

  unavailable(): Answer {
    return keystoneErrorAnswer(
      new KeystoneError(503, 'The service is unavailable (a fault of the lab).'),
      '',
    );
  }

  async #safely(call: Call, run: () => Answer | Promise<Answer>): Promise<Answer> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof KeystoneError) return keystoneErrorAnswer(error, `${call.serviceUrl}/v3`);
      throw error;
    }
  }

  readonly #routes: readonly Route<Call>[] = [
    { method: 'GET', path: '', name: 'identity.versions', handle: (call) => this.#versions(call) },
    {
      method: 'GET',
      path: '/v3',
      name: 'identity.version',
      handle: (call) => ({ status: 200, body: { version: versionView(`${call.serviceUrl}/v3`) } }),
    },
    {
      method: 'POST',
      path: '/v3/auth/tokens',
      name: 'identity.authenticate',
      handle: (call) => this.#issue(call),
    },
    {
      method: 'GET',
      path: '/v3/auth/tokens',
      name: 'identity.validate',
      handle: (call) => this.#validate(call),
    },
    {
      method: 'DELETE',
      path: '/v3/auth/tokens',
      name: 'identity.revoke',
      handle: (call) => this.#revoke(call),
    },
    {
      method: 'GET',
      path: '/v3/auth/catalog',
      name: 'identity.catalog',
      handle: (call) => this.#showCatalog(call),
    },
    {
      method: 'GET',
      path: '/v3/auth/projects',
      name: 'identity.own_projects',
      handle: (call) => this.#own(call),
    },
    {
      method: 'GET',
      path: '/v3/projects',
      name: 'identity.projects',
      handle: (call) => this.#projects(call),
    },
    {
      method: 'GET',
      path: '/v3/projects/:id',
      name: 'identity.project',
      handle: (call, { id = '' }) => this.#project(call, id),
    },
    { method: 'GET', path: '/v3/users', name: 'identity.users', handle: (call) => this.#users(call) },
    {
      method: 'GET',
      path: '/v3/users/:id',
      name: 'identity.user',
      handle: (call, { id = '' }) => this.#user(call, id),
    },
    {
      method: 'GET',
      path: '/v3/services',
      name: 'identity.services',
      handle: (call) => this.#services(call),
    },
    {
      method: 'GET',
      path: '/v3/endpoints',
      name: 'identity.endpoints',
      handle: (call) => this.#endpoints(call),
    },
  ];

  #versions(call: Call): Answer {
    const v3 = `${call.serviceUrl}/v3`;
    return {
      status: 300,
      headers: { Location: `${v3}/` },
      body: { versions: { values: [versionView(v3)] } },
    };
  }

  #issue(call: Call): Answer {
    const token = this.#tokens.issue(authenticate(call.body, this.#identity, this.#tokens));
    return {
      status: 201,
      headers: { 'X-Subject-Token': token.secret },
      body: tokenView(token, this.#catalogFor(call)),
    };
  }

  #validate(call: Call): Answer {
    const token = this.#subjectToken(
      call,
      call.method === 'HEAD' ? 'identity:check_token' : 'identity:validate_token',
    );
    return {
      status: 200,
      headers: { 'X-Subject-Token': token.secret },
      body: tokenView(token, this.#catalogFor(call)),
    };
  }

  #revoke(call: Call): Answer {
    this.#tokens.revoke(this.#subjectToken(call, 'identity:revoke_token').secret);
    return { status: 204 };
  }

  /** The order matters: first who asks (401), then whether the token is any good (404), then whether he may ask (403). */
  #subjectToken(call: Call, rule: string): Token {
    const caller = this.#caller(call);
    const secret = header(call, 'x-subject-token');
    if (secret === undefined) throw new KeystoneError(404, 'No token in the request');
    const token = this.#tokens.find(secret);
    if (token === undefined) throw new KeystoneError(404, this.#tokens.whyNot(secret));
    const maySeeOthers = isAdmin(caller) || caller.roles.some((role) => role.name === 'service');
    if (caller.secret !== secret && !maySeeOthers) throw notAllowed(rule);
    return token;
  }

  #showCatalog(call: Call): Answer {
    const caller = this.#caller(call);
    if (caller.project === null) throw notAllowed('identity:get_auth_catalog');
    return {
      status: 200,
      body: { catalog: this.#catalog.view(), links: { self: `${call.serviceUrl}/v3/auth/catalog` } },
    };
  }

  #own(call: Call): Answer {
    const caller = this.#caller(call);
    const own = this.#identity.projects.filter(
      (project) => this.#identity.rolesOn(caller.user, project.id).length > 0,
    );
    const v3 = `${call.serviceUrl}/v3`;
    return list(
      'projects',
      `${v3}/auth/projects`,
      own.map((project) => projectView(project, v3)),
    );
  }

  #projects(call: Call): Answer {
    this.#admin(call, 'identity:list_projects');
    const v3 = `${call.serviceUrl}/v3`;
    const wanted = named(this.#identity.projects, call);
    return list(
      'projects',
      `${v3}/projects`,
      wanted.map((project) => projectView(project, v3)),
    );
  }

  #project(call: Call, id: string): Answer {
    const caller = this.#caller(call);
    const project = this.#identity.projects.find((one) => one.id === id);
    if (!isAdmin(caller) && caller.project?.id !== id) throw notAllowed('identity:get_project');
    if (project === undefined) throw new KeystoneError(404, `Could not find project: ${id}.`);
    return { status: 200, body: { project: projectView(project, `${call.serviceUrl}/v3`) } };
  }

  #users(call: Call): Answer {
    this.#admin(call, 'identity:list_users');
    const v3 = `${call.serviceUrl}/v3`;
    return list(
      'users',
      `${v3}/users`,
      named(this.#identity.users, call).map((user) => userView(user, v3)),
    );
  }

  #user(call: Call, id: string): Answer {
    const caller = this.#caller(call);
    const user = this.#identity.users.find((one) => one.id === id);
    if (!isAdmin(caller) && caller.user.id !== id) throw notAllowed('identity:get_user');
    if (user === undefined) throw new KeystoneError(404, `Could not find user: ${id}.`);
    return { status: 200, body: { user: userView(user, `${call.serviceUrl}/v3`) } };
  }

  #services(call: Call): Answer {
    this.#admin(call, 'identity:list_services');
    const v3 = `${call.serviceUrl}/v3`;
    return list('services', `${v3}/services`, matching(this.#catalog.services(v3), call, ['name', 'type']));
  }

  #endpoints(call: Call): Answer {
    this.#admin(call, 'identity:list_endpoints');
    const v3 = `${call.serviceUrl}/v3`;
    const filters = ['interface', 'service_id', 'region_id'];
    return list('endpoints', `${v3}/endpoints`, matching(this.#catalog.endpoints(v3), call, filters));
  }

  #caller(call: Call): Token {
    const caller = this.#tokens.find(header(call, 'x-auth-token'));
    if (caller === undefined) throw unauthorized();
    return caller;
  }

  #admin(call: Call, rule: string): void {
    if (!isAdmin(this.#caller(call))) throw notAllowed(rule);
  }

  #catalogFor(call: Call): readonly unknown[] | undefined {
    return call.query.has('nocatalog') ? undefined : this.#catalog.view();
  }
}

function named<Thing extends { readonly name: string }>(
  things: readonly Thing[],
  call: Call,
): readonly Thing[] {
  const name = call.query.get('name');
  return things.filter((thing) => name === null || thing.name === name);
}

/** Those whose fields are as the query wants them. */
function matching<Thing extends Readonly<Record<string, unknown>>>(
  things: readonly Thing[],
  call: Call,
  filters: readonly string[],
): readonly Thing[] {
  return things.filter((thing) =>
    filters.every((name) => {
      const wanted = call.query.get(name);
      return wanted === null || thing[name] === wanted;
    }),
  );
}

function list(key: string, self: string, content: readonly unknown[]): Answer {
  return { status: 200, body: { [key]: content, links: { next: null, self, previous: null } } };
}
