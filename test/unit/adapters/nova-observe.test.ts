import { describe, expect, it } from 'vitest';
import { server, scriptedNova, type ScriptedNova } from './scripted-nova.ts';
import { computeBaseUrl } from '../../../src/adapters/nova/compute-base-url.ts';

const { signal } = new AbortController();

const service = (host: string, binary = 'nova-compute', fields: object = {}) => ({
  id: `${binary}-${host}`,
  binary,
  host,
  status: 'enabled',
  state: 'up',
  ...fields,
});
const hypervisor = (host: string, fields: object = {}) => ({
  service: { host },
  hypervisor_hostname: `${host}.example`,
  vcpus: 4,
  memory_mb: 1000,
  local_gb: 100,
  ...fields,
});
const empty = {
  'GET /os-services': [{ body: { services: [] } }],
  'GET /os-hypervisors/detail': [{ body: { hypervisors: [] } }],
  'GET /servers/detail': [{ body: { servers: [] } }],
  'GET /os-server-groups': [{ body: { server_groups: [] } }],
};

function observe(answers: NonNullable<ScriptedNova['answers']>, ratios = {}, version = '2.93') {
  const { cloud, calls } = scriptedNova({ answers: { ...empty, ...answers }, version }, { ratios });
  return { observation: cloud.observe(signal), calls };
}

describe('observing Nova', () => {
  it('tells compute hosts from controllers, closed from open, down from up', async () => {
    const { observation } = observe({
      'GET /os-services': [
        {
          body: {
            services: [
              service('b-compute', 'nova-compute', { status: 'disabled' }),
              service('a-controller', 'nova-conductor', { state: 'down' }),
              service('a-controller', 'nova-scheduler'),
              service('c-both', 'nova-compute'),
              service('c-both', 'nova-conductor'),
              service('d-scheduler', 'nova-scheduler'),
            ],
          },
        },
      ],
    });
    const nothing = { vcpus: 0, memoryMb: 0, diskGb: 0 };
    expect((await observation).hosts).toEqual([
      { name: 'a-controller', type: 'controller', open: true, up: false, capacity: nothing },
      {
        name: 'b-compute',
        type: 'compute',
        serviceId: 'nova-compute-b-compute',
        open: false,
        up: true,
        capacity: nothing,
      },
      {
        name: 'c-both',
        type: 'compute',
        serviceId: 'nova-compute-c-both',
        open: true,
        up: true,
        capacity: nothing,
      },
      { name: 'd-scheduler', type: 'other', open: true, up: true, capacity: nothing },
    ]);
  });

  it('tells the reason that whoever closed a host gave', async () => {
    const closed = { status: 'disabled', disabled_reason: 'a bad disk' };
    const { observation } = observe({
      'GET /os-services': [{ body: { services: [service('a-compute', 'nova-compute', closed)] } }],
    });
    expect((await observation).hosts).toMatchObject([{ open: false, closedReason: 'a bad disk' }]);
  });

  it('multiplies what the hypervisors of a service have by the allocation ratios', async () => {
    const { observation } = observe(
      {
        'GET /os-services': [{ body: { services: [service('one'), service('two')] } }],
        'GET /os-hypervisors/detail': [
          { body: { hypervisors: [hypervisor('one'), hypervisor('two'), hypervisor('two', { vcpus: 1 })] } },
        ],
      },
      { cpu: 16, ram: 1.5 },
    );
    expect((await observation).hosts.map(({ capacity }) => capacity)).toEqual([
      { vcpus: 64, memoryMb: 1500, diskGb: 100 },
      { vcpus: 80, memoryMb: 3000, diskGb: 200 },
    ]);
  });

  it('tells what an instance takes, and that a volume is not on the host', async () => {
    const shelved = { ...server({ host: null, vm_state: 'shelved_offloaded' }), id: 'server-2', image: '' };
    const { observation } = observe({ 'GET /servers/detail': [{ body: { servers: [server(), shelved] } }] });
    expect((await observation).instances).toEqual([
      {
        id: 'server-1',
        name: 'app',
        projectId: 'project-1',
        host: 'compute-1',
        state: 'active',
        task: null,
        size: { vcpus: 2, memoryMb: 512, diskGb: 17 },
      },
      {
        id: 'server-2',
        name: 'app',
        projectId: 'project-1',
        state: 'shelved_offloaded',
        task: null,
        size: { vcpus: 2, memoryMb: 512, diskGb: 7 },
      },
    ]);
  });

  it('takes a server that Nova has just deleted for gone', async () => {
    const { observation } = observe({
      'GET /servers/detail': [
        {
          body: {
            servers: [
              { ...server(), id: 'there' },
              { ...server({ vm_state: 'deleted' }), id: 'gone' },
            ],
          },
        },
        { body: { servers: [] } },
      ],
    });
    expect((await observation).instances.map(({ id }) => id)).toEqual(['there']);
  });

  it('turns the pages of servers by the last id, whatever address the link has', async () => {
    const page = (...ids: string[]) => ids.map((id) => ({ ...server(), id }));
    const links = [{ rel: 'next', href: 'http://inside.example/' }];
    const { observation, calls } = observe({
      'GET /servers/detail': [
        { body: { servers: page('1', '2'), servers_links: links } },
        { body: { servers: page('2', '3'), servers_links: links } },
        { body: { servers: [] } },
      ],
    });
    expect((await observation).instances.map(({ id }) => id)).toEqual(['1', '2', '3']);
    const asked = calls
      .filter(({ path }) => path.startsWith('/servers'))
      .map(({ path }) => path.split('?')[1]);
    expect(asked).toEqual([
      'all_tenants=1&limit=1000',
      'all_tenants=1&limit=1000&marker=2',
      'all_tenants=1&limit=1000&marker=3',
    ]);
  });

  it('turns the pages of server groups until one brings nothing', async () => {
    const group = (id: string, fields: object) => ({
      id,
      name: id,
      project_id: 'p',
      members: ['server-1'],
      ...fields,
    });
    const { observation, calls } = observe({
      'GET /os-server-groups': [
        {
          body: {
            server_groups: [group('1', { policy: 'anti-affinity', rules: { max_server_per_host: 3 } })],
          },
        },
        { body: { server_groups: [group('2', { policies: ['affinity'] }), group('3', { policies: [] })] } },
        { body: { server_groups: [] } },
      ],
    });
    const common = { projectId: 'p', members: ['server-1'] };
    expect((await observation).serverGroups).toEqual([
      { id: '1', name: '1', policy: 'anti-affinity', maxPerHost: 3, ...common },
      { id: '2', name: '2', policy: 'affinity', maxPerHost: 1, ...common },
    ]);
    const asked = calls.filter(({ path }) => path.startsWith('/os-server-groups')).map(({ path }) => path);
    expect(asked.map((path) => /offset=\d+/.exec(path)?.[0])).toEqual(['offset=0', 'offset=1', 'offset=3']);
  });

  it('does not take a cell that is down for hosts without instances', async () => {
    const minimal = {
      id: 'server-1',
      status: 'UNKNOWN',
      tenant_id: 'p',
      created: '2026-11-22T21:43:18Z',
      links: [],
    };
    const { observation } = observe({ 'GET /servers/detail': [{ body: { servers: [minimal] } }] });
    await expect(observation).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('cell') as string,
    });
  });

  it('does not take missing rights for hosts without instances', async () => {
    const { 'OS-EXT-SRV-ATTR:host': _host, ...hidden } = server();
    const { observation } = observe({ 'GET /servers/detail': [{ body: { servers: [hidden] } }] });
    await expect(observation).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('admin') as string,
    });
  });

  it('refuses an answer that it does not understand, and says where', async () => {
    const { observation } = observe({ 'GET /os-services': [{ body: { services: [{ host: 'one' }] } }] });
    await expect(observation).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/list of services.*binary/s) as string,
    });
  });
});

describe("Nova's microversion", () => {
  it.each([
    ['2.93', 'compute 2.87'],
    ['2.87', 'compute 2.87'],
    ['2.60', 'compute 2.60'],
  ])('of %s is asked for once and used: %s', async (version, used) => {
    const { observation, calls } = observe({}, {}, version);
    await observation;
    expect(calls.filter(({ path }) => path === '/')).toHaveLength(1);
    for (const { path, headers } of calls.filter((call) => call.path !== '/')) {
      expect(headers, path).toEqual({ 'openstack-api-version': used });
    }
  });

  it.each(['2.42', ''])('of %j is too old', async (version) => {
    await expect(observe({}, {}, version).observation).rejects.toMatchObject({
      name: 'CloudError',
      code: 'failed',
    });
  });

  it('is asked for again when it is not known any more', async () => {
    const { cloud, calls } = scriptedNova({
      answers: { ...empty, 'PUT /os-services/1': [{ status: 406 }, { status: 200 }] },
    });
    const host = { name: 'one', serviceId: '1' };
    await expect(cloud.openHost(host, signal)).rejects.toMatchObject({ code: 'unavailable' });
    await cloud.openHost(host, signal);
    expect(calls.filter(({ path }) => path === '/')).toHaveLength(2);
  });
});

describe("Nova's address", () => {
  it.each([
    ['http://nova:8774/v2.1', 'http://nova:8774/v2.1'],
    ['http://nova:8774/v2.1/', 'http://nova:8774/v2.1'],
    ['http://nova:8774/v2.1/5f0c2d7b9e1a4c66b0d3f4a18e27c9ab', 'http://nova:8774/v2.1'],
    ['https://site/compute', 'https://site/compute/v2.1'],
    ['https://site/compute/v2.1', 'https://site/compute/v2.1'],
  ])('%s', (catalogUrl, expected) => expect(computeBaseUrl(catalogUrl)).toBe(expected));
});
