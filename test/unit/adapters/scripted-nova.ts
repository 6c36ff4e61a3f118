import { NovaCloud, type NovaCloudOptions } from '../../../src/adapters/nova/nova-cloud.ts';
import type { HttpAnswer } from '../../../src/adapters/http-client/http-client.ts';
import type { ServiceRequest } from '../../../src/adapters/http-client/service-api.ts';

export interface ScriptedNova {
  /** `GET /servers/...` without the query; the last one answers for ever. An error is thrown instead. */
  readonly answers?: Readonly<Record<string, readonly (Partial<HttpAnswer> | Error)[]>>;
  /** Newest microversion. */
  readonly version?: string;
}

/** A Nova that gives prepared answers, and the calls that were made of it. */
export function scriptedNova(
  { answers = {}, version = '2.93' }: ScriptedNova,
  options: Partial<NovaCloudOptions> = {},
) {
  const calls: ServiceRequest[] = [];
  const used = new Map<string, number>();
  const service = {
    async request(request: ServiceRequest): Promise<HttpAnswer> {
      calls.push(request);
      await Promise.resolve();
      const key = `${request.method} ${request.path.split('?')[0] ?? ''}`;
      if (key === 'GET /') return { status: 200, headers: {}, body: { version: { version } } };
      const prepared = answers[key] ?? [];
      const count = used.get(key) ?? 0;
      used.set(key, count + 1);
      const answer = prepared[Math.min(count, prepared.length - 1)] ?? {
        status: 404,
        body: { itemNotFound: {} },
      };
      if (answer instanceof Error) throw answer;
      return { status: 200, headers: {}, body: undefined, ...answer };
    },
  };
  const pauses = { firstMilliseconds: 1, longestMilliseconds: 1 };
  return { cloud: new NovaCloud({ service, pauses, ...options }), calls };
}

export interface ServerFields {
  readonly host?: string | null;
  readonly vm_state?: string;
  readonly task_state?: string | null;
  readonly fault?: { readonly message: string };
}

/** A server as Nova describes it. */
export function server({
  host = 'compute-1',
  vm_state = 'active',
  task_state = null,
  fault,
}: ServerFields = {}) {
  return {
    id: 'server-1',
    name: 'app',
    status: vm_state.toUpperCase(),
    tenant_id: 'project-1',
    image: { id: 'image-1' },
    flavor: { vcpus: 2, ram: 512, disk: 10, ephemeral: 5, swap: 1500 },
    'OS-EXT-SRV-ATTR:host': host,
    'OS-EXT-STS:vm_state': vm_state,
    'OS-EXT-STS:task_state': task_state,
    ...(fault && { fault }),
  };
}

export const shows = (fields: ServerFields) => ({ body: { server: server(fields) } });
export const migrations = (
  ...list: readonly (readonly [id: number, status: string, dest?: string, type?: string])[]
) => ({
  body: {
    migrations: list.map(([id, status, dest_compute = null, migration_type = 'migration']) => ({
      id,
      status,
      dest_compute,
      migration_type,
      source_compute: 'compute-1',
    })),
  },
});
export const actions = (
  ...list: readonly (readonly [requestId: string, action: string, message?: string])[]
) => ({
  body: {
    instanceActions: list.map(([request_id, action, message = null]) => ({
      request_id,
      action,
      message,
      start_time: '2026-11-22T21:43:18.000000',
    })),
  },
});
export const events = (
  ...list: readonly (readonly [result: string, details: string | null, traceback?: string])[]
) => ({
  body: {
    instanceAction: {
      events: list.map(([result, details, traceback = null]) => ({
        event: 'cold_migrate',
        result,
        details,
        traceback,
      })),
    },
  },
});
