import { z } from 'zod';
import {
  type Answer,
  type Call,
  findRoute,
  type LabService,
  type RecognisedCall,
  type Route,
} from './wire/call.ts';
import type { CallRecord } from './wire/lab-server.ts';
import type { ChangeLog } from './model/change-log.ts';
import { type ActiveFault, type Fault, faultSchema } from './model/faults.ts';

/** What the control API may do with the lab. */
export interface LabControls {
  readonly changes: ChangeLog;
  calls(): readonly CallRecord[];
  hostNames(): readonly string[];
  faults(): readonly ActiveFault[];
  setFault(fault: Fault): ActiveFault;
  clearFault(id: string): boolean;
  clearFaults(): void;
  setEndpoint(type: string, url: string | null): void;
  /** Hosts and servers, in one small picture. */
  picture(): unknown;
}

const endpointSchema = z.strictObject({ url: z.url().nullable() });

/** The API under /lab that plays the hand of fate: faults, the catalog, and what happened so far. No token is needed. */
export class ControlService implements LabService {
  readonly name = 'lab';
  readonly prefix = '/lab';
  readonly #controls: LabControls;

  constructor(controls: LabControls) {
    this.#controls = controls;
  }

  recognise(call: Call): RecognisedCall {
    const found = findRoute(this.#routes, call.method, call.path);
    if (!('route' in found)) {
      const status = found.pathKnown ? 405 : 404;
      const places = this.#routes.map((route) => `${route.method} /lab${route.path}`).join(', ');
      return { name: 'unknown', subject: {}, run: () => problem(status, `There are: ${places}`) };
    }
    const { route, parameters } = found;
    return { name: route.name, subject: {}, run: () => route.handle(call, parameters) };
  }

  unavailable(): Answer {
    return problem(503, 'unavailable');
  }

  readonly #routes: readonly Route<Call>[] = [
    { method: 'GET', path: '', name: 'lab.picture', handle: () => good(this.#controls.picture()) },
    {
      method: 'GET',
      path: '/changes',
      name: 'lab.changes',
      handle: (call) => good({ changes: this.#controls.changes.since(Number(call.query.get('after') ?? 0)) }),
    },
    {
      method: 'GET',
      path: '/calls',
      name: 'lab.calls',
      handle: () => good({ calls: this.#controls.calls() }),
    },
    {
      method: 'GET',
      path: '/faults',
      name: 'lab.faults',
      handle: () => good({ faults: this.#controls.faults() }),
    },
    { method: 'POST', path: '/faults', name: 'lab.fault', handle: (call) => this.#addFault(call) },
    {
      method: 'DELETE',
      path: '/faults',
      name: 'lab.clear_faults',
      handle: () => {
        this.#controls.clearFaults();
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path: '/faults/:id',
      name: 'lab.clear_fault',
      handle: (_call, { id = '' }) =>
        this.#controls.clearFault(id) ? { status: 204 } : problem(404, `no fault ${id} is switched on`),
    },
    {
      method: 'PUT',
      path: '/endpoints/:type',
      name: 'lab.endpoint',
      handle: (call, { type = '' }) => {
        const parsed = endpointSchema.safeParse(call.body);
        if (!parsed.success) return problem(400, z.prettifyError(parsed.error));
        this.#controls.setEndpoint(type, parsed.data.url);
        return { status: 204 };
      },
    },
  ];

  #addFault(call: Call): Answer {
    const parsed = faultSchema.safeParse(call.body);
    if (!parsed.success) return problem(400, z.prettifyError(parsed.error));
    const known = this.#controls.hostNames();
    const host = 'host' in parsed.data ? parsed.data.host : undefined;
    if (host !== undefined && !known.includes(host)) {
      return problem(400, `there is no host ${host}; there are ${known.join(', ')}`);
    }
    return { status: 201, body: this.#controls.setFault(parsed.data) };
  }
}

function good(body: unknown): Answer {
  return { status: 200, body };
}

function problem(status: number, message: string): Answer {
  return { status, body: { error: { code: status, message } } };
}
