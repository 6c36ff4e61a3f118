import {
  type Answer,
  type Call,
  findRoute,
  header,
  type LabService,
  type RecognisedCall,
} from '../wire/call.ts';
import { keystoneErrorAnswer, unauthorized } from '../keystone/keystone-error.ts';
import { isAdmin, type Tokens } from '../keystone/tokens.ts';
import type { FaultSubject } from '../model/faults.ts';
import type { LabCloud } from '../model/lab-cloud.ts';
import { flavorRoutes } from './flavors-api.ts';
import { hypervisorRoutes } from './hypervisors-api.ts';
import { instanceActionRoutes } from './instance-actions-api.ts';
import { readMicroversion, newestMinor, UnknownMicroversion, versionHeaders } from './microversion.ts';
import { migrationRoutes } from './migrations-api.ts';
import type { NovaContext, NovaRoute } from './nova-context.ts';
import { NovaError, notFound, novaErrorAnswer } from './nova-error.ts';
import { actionName, serverActionRoutes } from './server-actions-api.ts';
import { serverGroupRoutes } from './server-groups-api.ts';
import { serverRoutes } from './servers-api.ts';
import { serviceRoutes } from './services-api.ts';

const routes: readonly NovaRoute[] = [
  ...serverRoutes,
  ...serverActionRoutes,
  ...migrationRoutes,
  ...instanceActionRoutes,
  ...serviceRoutes,
  ...hypervisorRoutes,
  ...serverGroupRoutes,
  ...flavorRoutes,
];

/** Nova v2.1 under /compute, microversions 2.1 to 2.93, as far as maintenance of hosts needs it. */
export class NovaService implements LabService {
  readonly name = 'nova';
  readonly prefix = '/compute';
  readonly #cloud: LabCloud;
  readonly #tokens: Tokens;
  /** Where callers without a good token are sent. */
  readonly #authUrl: () => string;

  constructor(cloud: LabCloud, tokens: Tokens, authUrl: () => string) {
    this.#cloud = cloud;
    this.#tokens = tokens;
    this.#authUrl = authUrl;
  }

  recognise(call: Call): RecognisedCall {
    if (call.path === '') return { name: 'compute.versions', subject: {}, run: () => versions(call) };
    const path = call.path.replace(/^\/v2\.1(\/[0-9a-f]{32})?(?=\/|$)/, '');
    if (path === call.path) return unknownCall(call, 404);
    if (path === '') return { name: 'compute.version', subject: {}, run: () => version(call) };
    const found = findRoute(routes, call.method, path);
    if (!('route' in found))
      return this.#withCaller('unknown', {}, call, () =>
        unknownCall(call, found.pathKnown ? 405 : 404).run(),
      );
    const { route, parameters } = found;
    const name = route.name === 'servers.action' ? (actionName(call.body) ?? route.name) : route.name;
    return this.#withCaller(name, this.#subject(parameters, call), call, (context) =>
      route.handle(context, parameters),
    );
  }

  unavailable(): Answer {
    return novaErrorAnswer(new NovaError(503, 'The service is unavailable (a fault of the lab).'));
  }

  /** The token comes first, then the microversion, then the call itself; each has its own way to say no. */
  #withCaller(
    name: string,
    subject: FaultSubject,
    call: Call,
    handle: (context: NovaContext) => Answer | Promise<Answer>,
  ): RecognisedCall {
    return { name, subject, run: () => this.#run(call, handle) };
  }

  async #run(call: Call, handle: (context: NovaContext) => Answer | Promise<Answer>): Promise<Answer> {
    const always = { 'x-compute-request-id': call.requestId };
    const caller = this.#tokens.find(header(call, 'x-auth-token'));
    if (caller?.project == null) {
      const refused = keystoneErrorAnswer(unauthorized(), this.#authUrl());
      return { ...refused, headers: { ...refused.headers, ...always } };
    }
    let versioned: Record<string, string> = {};
    try {
      const { minor } = readMicroversion(call);
      versioned = versionHeaders(`2.${minor}`);
      const projectId = caller.project.id;
      const answer = await handle({
        call,
        cloud: this.#cloud,
        caller,
        admin: isAdmin(caller),
        projectId,
        minor,
        by: { userId: caller.user.id, projectId, requestId: call.requestId },
        base: `${call.serviceUrl}/v2.1`,
      });
      return { ...answer, headers: { ...versioned, ...always, ...answer.headers } };
    } catch (error) {
      if (!(error instanceof NovaError)) throw error;
      if (error instanceof UnknownMicroversion) versioned = versionHeaders(error.asked);
      const answer = novaErrorAnswer(error);
      return { ...answer, headers: { ...versioned, ...always, ...answer.headers } };
    }
  }

  #subject({ server, service }: Readonly<Record<string, string>>, call: Call): FaultSubject {
    const found = server === undefined ? undefined : this.#cloud.servers.get(server);
    if (found !== undefined) {
      return { server: [found.id, found.name], hosts: found.host === null ? [] : [found.host] };
    }
    if (service === undefined) return {};
    const host = this.#cloud.services.find((one) => one.uuid === service)?.host ?? hostInBody(call.body);
    return { hosts: host === undefined ? [] : [host] };
  }
}

function hostInBody(body: unknown): string | undefined {
  const host = typeof body === 'object' && body !== null ? (body as { host?: unknown }).host : undefined;
  return typeof host === 'string' ? host : undefined;
}

function unknownCall(call: Call, status: 404 | 405): RecognisedCall {
  const error =
    status === 404
      ? notFound('The resource could not be found.')
      : new NovaError(405, `The method ${call.method} is not allowed for this resource.`);
  return { name: 'unknown', subject: {}, run: () => novaErrorAnswer(error) };
}

function versions({ serviceUrl }: Call): Answer {
  const entry = (id: string, status: string, newest: string, oldest: string, updated: string) => ({
    id,
    status,
    version: newest,
    min_version: oldest,
    updated,
    links: [{ rel: 'self', href: `${serviceUrl}/${id === 'v2.0' ? 'v2' : id}/` }],
  });
  return {
    status: 200,
    body: {
      versions: [
        entry('v2.0', 'SUPPORTED', '', '', '2011-01-21T11:33:21Z'),
        entry('v2.1', 'CURRENT', `2.${newestMinor}`, '2.1', '2013-07-23T11:33:21Z'),
      ],
    },
  };
}

function version({ serviceUrl, requestId }: Call): Answer {
  return {
    status: 200,
    headers: { ...versionHeaders('2.1'), 'x-compute-request-id': requestId },
    body: {
      version: {
        id: 'v2.1',
        status: 'CURRENT',
        version: `2.${newestMinor}`,
        min_version: '2.1',
        updated: '2013-07-23T11:33:21Z',
        links: [
          { rel: 'self', href: `${serviceUrl}/v2.1/` },
          { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
        ],
        'media-types': [
          { base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' },
        ],
      },
    },
  };
}
