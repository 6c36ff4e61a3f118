import { randomUUID } from 'node:crypto';
import { z } from 'zod';

/** The operations of the cloud that take time, and that can be slowed down. */
export const operations = [
  'boot',
  'delete',
  'cold_migrate',
  'confirm',
  'revert',
  'live_migrate',
  'power',
  'disable_service',
] as const;
export type Operation = (typeof operations)[number];

const times = z.int().positive().optional().describe('how often it strikes; until it is cleared when absent');
const server = z.string().optional().describe('id or name of the one server that it strikes');
const host = z.string().optional().describe('name of the one host that it strikes');
const call = z
  .string()
  .default('all')
  .describe('the name of a call (README), or all, or read (GET and HEAD), or write (everything else)');

/** A fault that can be switched on; field by field in README.md. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('slow'),
    operation: z.enum(operations),
    seconds: z.number().nonnegative(),
    server,
    host,
    times,
  }),
  z.strictObject({
    kind: z.literal('fail'),
    operation: z.enum(['boot', 'cold_migrate', 'live_migrate', 'confirm']),
    message: z.string().default('lab: injected fault'),
    server,
    host,
    times,
  }),
  z.strictObject({ kind: z.literal('lost_call'), call, carried_out: z.boolean(), server, host, times }),
  z.strictObject({
    kind: z.literal('slow_answer'),
    call,
    seconds: z.number().nonnegative(),
    server,
    host,
    times,
  }),
  z.strictObject({
    kind: z.literal('unavailable'),
    service: z.enum(['keystone', 'nova']).optional(),
    call,
    server,
    host,
    times,
  }),
  z.strictObject({ kind: z.literal('host_down'), host: z.string() }),
]);

/** A fault as it is written. */
export type FaultInput = z.input<typeof faultSchema>;
/** A fault with its defaults filled in. */
export type Fault = z.output<typeof faultSchema>;
export type FaultKind = Fault['kind'];
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;

/** A fault that is switched on. */
export interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  /** How often it may still strike; absent when that is not limited. */
  remaining?: number;
}

/** What a fault is held against: whatever is about to happen. */
export interface FaultSubject {
  /** Id and name of the server in question. */
  readonly server?: readonly string[];
  /** The hosts in question. */
  readonly hosts?: readonly string[];
}

/** The faults that are switched on. */
export class Faults {
  readonly #active = new Map<string, ActiveFault>();
  readonly #onStrike: (active: ActiveFault, subject: FaultSubject) => void;

  constructor(onStrike: (active: ActiveFault, subject: FaultSubject) => void) {
    this.#onStrike = onStrike;
  }

  add(fault: Fault): ActiveFault {
    const limit = 'times' in fault ? fault.times : undefined;
    const active: ActiveFault = {
      id: randomUUID(),
      fault,
      ...(limit === undefined ? {} : { remaining: limit }),
    };
    this.#active.set(active.id, active);
    return active;
  }

  remove(id: string): ActiveFault | undefined {
    const active = this.#active.get(id);
    this.#active.delete(id);
    return active;
  }

  list(): readonly ActiveFault[] {
    return [...this.#active.values()];
  }

  /** Lets the first fault strike that is of this kind and meets the condition; counts it down. */
  strike<Kind extends FaultKind>(
    kind: Kind,
    subject: FaultSubject,
    condition: (fault: FaultOf<Kind>) => boolean,
  ): FaultOf<Kind> | undefined {
    for (const active of this.#active.values()) {
      if (!isKind(active.fault, kind)) continue;
      const fault = active.fault;
      if (!condition(fault) || !concerns(fault, subject)) continue;
      if (active.remaining !== undefined) {
        active.remaining -= 1;
        if (active.remaining === 0) this.#active.delete(active.id);
      }
      this.#onStrike(active, subject);
      return fault;
    }
    return undefined;
  }
}

function isKind<Kind extends FaultKind>(fault: Fault, kind: Kind): fault is FaultOf<Kind> {
  return fault.kind === kind;
}

function concerns(fault: Fault, subject: FaultSubject): boolean {
  const serverWanted = 'server' in fault ? fault.server : undefined;
  if (serverWanted !== undefined && !(subject.server ?? []).includes(serverWanted)) return false;
  const hostWanted = 'host' in fault ? fault.host : undefined;
  return hostWanted === undefined || (subject.hosts ?? []).includes(hostWanted);
}
