/** What Nova itself recorded: where every instance was, and when. */
import { z } from 'zod';
import {
  createAuthorizedFetch,
  createKeystoneTokens,
  type KeystoneCredentials,
} from '../../../src/sdk/index.ts';

const serverSchema = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  'OS-EXT-SRV-ATTR:host': z.string().nullable(),
});
const migrationSchema = z.object({
  instance_uuid: z.string(),
  status: z.string(),
  source_compute: z.string(),
  dest_compute: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string().nullable(),
});
const serviceSchema = z.object({ host: z.string(), status: z.string() });

/** A stay of an instance on a host. Milliseconds since 1970; Nova records whole seconds. */
export interface Stay {
  readonly instanceId: string;
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

/** A migration, as Nova dates it. Milliseconds since 1970, whole seconds. */
export interface Operation {
  readonly instanceId: string;
  readonly from: number;
  readonly to: number;
}

const finished = new Set(['completed', 'confirmed']);

export async function connectNova(credentials: KeystoneCredentials) {
  const tokens = createKeystoneTokens(credentials);
  const base = await tokens.endpoint('compute');
  const send = createAuthorizedFetch({ token: tokens.token });
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
    const answer = await send(`${base}${path}`, { headers: { 'OpenStack-API-Version': 'compute 2.87' } });
    return schema.parse(await answer.json());
  };
  const servers = async () =>
    (await get('/servers/detail?all_tenants=1', z.object({ servers: z.array(serverSchema) }))).servers;
  const migrations = async () =>
    (await get('/os-migrations', z.object({ migrations: z.array(migrationSchema) }))).migrations;
  const computes = async () =>
    (await get('/os-services?binary=nova-compute', z.object({ services: z.array(serviceSchema) }))).services;

  return {
    servers,
    computes,
    /** Every migration that came to a good end since `start`, from its first record to its last. */
    async operationsSince(start: number): Promise<readonly Operation[]> {
      return (await migrations())
        .filter(({ status, created_at }) => finished.has(status) && time(created_at) >= start - 1000)
        .map(({ instance_uuid: instanceId, created_at, updated_at }) => ({
          instanceId,
          from: time(created_at),
          to: time(updated_at ?? created_at),
        }));
    },
    /** Where the instances that were there at `start` have been since, by the migrations that Nova recorded. */
    async staysSince(start: number, placement: ReadonlyMap<string, string>): Promise<readonly Stay[]> {
      const moves = (await migrations())
        .filter(({ status, created_at }) => finished.has(status) && time(created_at) >= start - 1000)
        .sort((a, b) => time(a.created_at) - time(b.created_at));
      return [...placement].flatMap(([instanceId, host]) => {
        const stays: Stay[] = [];
        let here = { instanceId, host, from: 0 };
        for (const move of moves.filter(({ instance_uuid }) => instance_uuid === instanceId)) {
          stays.push({ ...here, to: time(move.updated_at ?? move.created_at) });
          here = { instanceId, host: move.dest_compute ?? '', from: time(move.created_at) };
        }
        return [...stays, { ...here, to: Infinity }];
      });
    },
  };
}

function time(text: string): number {
  return Date.parse(text.endsWith('Z') ? text : `${text}Z`);
}
