import type { IncomingHttpHeaders } from 'node:http';
import type { FaultSubject } from '../model/faults.ts';

/** A request, as the services of the lab see it. */
export interface Call {
  readonly method: string;
  /** Base of the service as the caller addressed it, e.g. http://127.0.0.1:45123/compute */
  readonly serviceUrl: string;
  /** Path below the service's prefix, without a trailing slash. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON; undefined when there was none. */
  readonly body: unknown;
  readonly requestId: string;
}

/** What is answered. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; no body when undefined. */
  readonly body?: unknown;
}

/** A call that a service has recognised: faults are held against it before it is carried out. */
export interface RecognisedCall {
  readonly name: string;
  readonly subject: FaultSubject;
  run(): Answer | Promise<Answer>;
}

/** One of the services behind the lab's port. */
export interface LabService {
  readonly name: 'keystone' | 'nova' | 'glance' | 'lab';
  /** What its paths begin with, e.g. /identity */
  readonly prefix: string;
  recognise(call: Call): RecognisedCall;
  /** What is answered while a fault makes the service unavailable. */
  unavailable(): Answer;
}

/** The one value of a header. */
export function header(call: Call, name: string): string | undefined {
  const value = call.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

export type PathParameters = Readonly<Record<string, string>>;

/** A method and a path such as /servers/:id/action with what serves it. */
export interface Route<Context> {
  readonly method: string;
  readonly path: string;
  /** The name that faults and the record of calls use. */
  readonly name: string;
  handle(context: Context, parameters: PathParameters): Answer | Promise<Answer>;
}

export interface RouteMatch<Context> {
  readonly route: Route<Context>;
  readonly parameters: PathParameters;
}

/** Finds the route of a call. HEAD is served as GET is. `pathKnown`: only the method was wrong. */
export function findRoute<Context>(
  routes: readonly Route<Context>[],
  method: string,
  path: string,
): RouteMatch<Context> | { readonly pathKnown: boolean } {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const matches = routes.flatMap((route) => {
    const parameters = matchPath(route.path, path);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  return matches.find((match) => match.route.method === wanted) ?? { pathKnown: matches.length > 0 };
}

function matchPath(pattern: string, path: string): PathParameters | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [n, part] of wanted.entries()) {
    const value = given[n] ?? '';
    if (part.startsWith(':')) {
      if (value === '') return undefined;
      parameters[part.slice(1)] = value;
    } else if (part !== value) {
      return undefined;
    }
  }
  return parameters;
}
