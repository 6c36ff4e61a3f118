import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { type Lab, startLab } from '../../../src/lab/lab.ts';
import {
  call,
  expectLikeRecorded,
  fill,
  placeholdersOf,
  readRecording,
  type RecordedFact,
  tokenOf,
} from './recorded-facts.ts';

const reads = readRecording('nova') as Record<string, RecordedFact>;
const errors = readRecording('nova-errors') as Record<string, RecordedFact>;

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ config: doctorScenario() });
});

afterAll(() => lab.stop());

async function make(fact: RecordedFact) {
  const token = tokenOf(lab, fact.as);
  const request = {
    method: fact.method,
    path: fact.path,
    ...(fact.version === undefined ? {} : { version: fact.version }),
    ...(token === undefined ? {} : { token }),
  };
  if (fact.first !== undefined) expect((await call({ ...request, body: fact.first })).status).toBe(202);
  return call({ ...request, ...(fact.body === undefined ? {} : { body: fact.body }) });
}

describe("the lab's Nova answers as the recorded one", () => {
  it.each(Object.entries(reads))('%s', async (_name, recorded) => {
    const fact = fill(recorded, placeholdersOf(lab));
    const made = await make(fact);
    expectLikeRecorded(fact, made);
    if (fact.status >= 400) expect(made.body).toEqual(fact.answer);
    if (fact.path.includes('compute-1') || fact.method === 'PUT') {
      expect(valuesOf(made.body, fieldsOfServices)).toEqual(valuesOf(fact.answer, fieldsOfServices));
    }
  });
});

/** Fields whose values, and not only their form, are to be as recorded when one service is asked for or changed. */
const fieldsOfServices = ['binary', 'host', 'status', 'state', 'disabled_reason', 'forced_down', 'zone'];

function valuesOf(answer: unknown, fields: readonly string[]): unknown[] {
  if (typeof answer !== 'object' || answer === null) return [];
  return Object.entries(answer)
    .sort(([one], [other]) => one.localeCompare(other))
    .flatMap(([key, value]) => (fields.includes(key) ? [[key, value as unknown]] : valuesOf(value, fields)));
}

describe("the lab's Nova refuses as the recorded one", () => {
  beforeEach(async () => {
    await vi.waitFor(() => {
      expect([...lab.cloud.servers.values()].every((server) => server.taskState === null)).toBe(true);
    });
  });

  it.each(Object.entries(errors))('%s', async (_name, recorded) => {
    const fact = fill(recorded, placeholdersOf(lab));
    const made = await make(fact);
    expectLikeRecorded(fact, made);
    if (fact.status >= 400) expect(made.body).toEqual(fact.answer);
  });
});

describe('lists of servers', () => {
  const list = async (query: string) => {
    const made = await call({
      method: 'GET',
      path: query.startsWith('http') ? query : `${lab.computeUrl}/servers/detail?${query}`,
      token: lab.token('admin'),
      version: 'compute 2.87',
    });
    return made.body as { servers: { name: string }[]; servers_links?: { href: string }[] };
  };

  it('come in pages that follow each other without a gap', async () => {
    const names: string[] = [];
    let next: string | undefined = 'all_tenants=1&limit=3';
    while (next !== undefined) {
      const { servers, servers_links: links }: Awaited<ReturnType<typeof list>> = await list(next);
      names.push(...servers.map(({ name }) => name));
      next = links?.[0]?.href;
    }
    expect(names).toHaveLength(8);
    expect(new Set(names)).toEqual(new Set(lab.servers().map(({ name }) => name)));
    expect(names[0]).toBe('doctor_nonha_app_5');
  });

  it('are filtered by status, host and name', async () => {
    expect((await list('all_tenants=1&status=ERROR')).servers).toEqual([]);
    expect((await list('all_tenants=1&status=active')).servers).toHaveLength(8);
    expect((await list('all_tenants=1&host=compute-1')).servers).toHaveLength(2);
    expect((await list('all_tenants=1&name=_ha_')).servers.map(({ name }) => name)).toEqual([
      'doctor_ha_app_1',
      'doctor_ha_app_0',
    ]);
  });

  it('refuse a marker that is not in the list', async () => {
    expect(await list('all_tenants=1&marker=nosuch')).toMatchObject({ badRequest: { code: 400 } });
  });
});

it('shows a member the host name of a server since 2.90, and nothing else of the attributes', async () => {
  const attributes = async (version: string) => {
    const path = `${lab.computeUrl}/servers/detail?name=doctor_ha_app_0`;
    const made = await call({ method: 'GET', path, token: lab.token('doctor'), version });
    const [server = {}] = (made.body as { servers: Record<string, unknown>[] }).servers;
    return Object.entries(server).filter(([key]) => key.startsWith('OS-EXT-SRV-ATTR:'));
  };
  expect(await attributes('compute 2.89')).toEqual([]);
  expect(await attributes('compute 2.90')).toEqual([['OS-EXT-SRV-ATTR:hostname', 'doctor-ha-app-0']]);
});
