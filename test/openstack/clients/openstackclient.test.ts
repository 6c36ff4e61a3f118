/** openstackclient: what an operator types around a maintenance, on the lab and on the real services. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { client } from '../../support/client.ts';
import { onBothClouds, type BothClouds, type ClientCloud } from './clouds.ts';
import { installedVersion } from './installed-version.ts';
import { openstack, type CommandResult } from './python.ts';
import { withoutAccidents } from './same-in-both.ts';

const facts = client({
  name: 'python-openstackclient',
  version: '6.0.0 (Debian 12)',
  ran: '`catalog`, `endpoint`, `service` and `token` commands; `compute service`, `hypervisor`, `server list`, `server group list`; `server migrate` with `migration confirm`, live too; `server migration list`, `server event list`',
  against: 'the lab, real Keystone 22 and Nova 26',
  result: 'the same output',
});

type Commands = Readonly<Record<string, CommandResult>>;

/** Services that the real cloud has beside those of the lab. */
const otherServices = ['placement', 'network'];

async function play({ admin, doctor }: ClientCloud): Promise<Commands> {
  const looked = await openstack(admin, {
    catalog: 'catalog list -f json',
    'catalog entry': 'catalog show maintenance -f json',
    endpoints: 'endpoint list --service maintenance -f json',
    'endpoints of an interface': 'endpoint list --interface public -f json',
    services: 'service list -f json',
    token: 'token issue -f json',
    projects: 'project show doctor -f json',
    'compute services': 'compute service list -f json',
    'compute services long': 'compute service list --service nova-compute --long -f json',
    hypervisors: 'hypervisor list -f json',
    'hypervisors long': 'hypervisor list --long -f json',
    groups: 'server group list --all-projects -f json',
    servers: 'server list --all-projects --long -f json',
    disable: 'compute service set --disable --disable-reason maintenance compute-1 nova-compute',
    disabled: 'compute service list --host compute-1 --long -f json',
    enable: 'compute service set --enable compute-1 nova-compute',
    enabled: 'compute service list --host compute-1 --long -f json',
  });
  const member = await openstack(doctor, {
    'own servers': 'server list --long -f json',
    'services as a member': 'service list -f json',
    'compute services as a member': 'compute service list -f json',
  });
  const rows = looked.servers.output as readonly { readonly ID: string; readonly Name: string }[];
  const id = rows.find(({ Name: name }) => name === 'doctor_nonha_app_0')?.ID ?? '';
  const moved = await openstack(admin, {
    migrate: `server migrate --wait ${id}`,
    confirm: `server migration confirm ${id}`,
  });
  await vi.waitFor(
    async () => {
      const { show } = await openstack(admin, { show: `server show ${id} -f json` });
      expect(show.output).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:task_state': null });
    },
    { timeout: 60_000 },
  );
  const movedAgain = await openstack(admin, {
    'live migrate': `--os-compute-api-version 2.30 server migrate --live-migration --wait ${id}`,
    migrations: `--os-compute-api-version 2.80 server migration list --server ${id} -f json`,
    'migrations at 2.1': `server migration list -f json`,
    events: `server event list ${id} -f json`,
    show: `server show ${id} -f json`,
  });
  return { ...looked, ...member, ...moved, ...movedAgain };
}

let played: BothClouds<Commands>;

beforeAll(async () => {
  const lab = { flavors: [{ name: 'fenix-1', vcpus: 1, ram_mb: 256, disk_gb: 1 }] };
  played = await onBothClouds({ freeSlots: 2, lab }, play);
});

it('is the version that the table tells', async () => {
  expect(facts.version).toContain(await installedVersion('python3-openstackclient'));
});

interface ShownRow {
  readonly Type?: string;
  readonly 'Service Type'?: string;
  readonly Binary?: string;
}

/** What was printed, without what only one of the clouds has. */
function comparable(commands: Commands): Readonly<Record<string, unknown>> {
  const shown = Object.entries(commands).map(([name, { status, output, stderr }]) => {
    const rows = Array.isArray(output) ? (output as readonly ShownRow[]) : undefined;
    const known = rows
      ?.filter((row) => !otherServices.includes(row.Type ?? row['Service Type'] ?? ''))
      // The services of the control plane are on a host of any name.
      .map((row) => ('Binary' in row && row.Binary !== 'nova-compute' ? { ...row, Host: '<control>' } : row));
    return [name, withoutAccidents({ status, output: known ?? output, stderr })] as const;
  });
  return Object.fromEntries(shown);
}

const text = expect.any(String) as string;

describe.each(['lab', 'real'] as const)('%s', (name) => {
  it('finds our server in the catalog', () => {
    const { catalog, endpoints } = comparable(played[name]);
    expect(catalog).toMatchObject({ status: 0 });
    expect(endpoints).toMatchObject({
      output: ['admin', 'internal', 'public'].map((kind) => ({
        Interface: kind,
        'Service Name': 'fenix',
        'Service Type': 'maintenance',
        Region: 'RegionOne',
        URL: '<address>/v1',
      })),
    });
  });

  it('gives out a token that is one of the project', () => {
    expect(played[name]['token']?.output).toMatchObject({
      id: text,
      expires: text,
    });
  });

  it('lists what runs where, and closes and opens a compute', () => {
    const { servers, disabled, enabled } = comparable(played[name]);
    expect(servers).toMatchObject({ status: 0 });
    expect(disabled).toMatchObject({ output: [{ Status: 'disabled', 'Disabled Reason': 'maintenance' }] });
    expect(enabled).toMatchObject({ output: [{ Status: 'enabled', 'Disabled Reason': null }] });
  });

  it('moves a server and shows how it went', () => {
    const { migrate, confirm, 'live migrate': live, migrations, show } = played[name];
    expect([migrate, confirm, live].map((done) => [done?.status, done?.stderr])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    expect(migrations?.output).toMatchObject([
      { Type: 'live-migration', Status: 'completed' },
      { Type: 'migration', Status: 'confirmed' },
    ]);
    expect(show?.output).toMatchObject({ status: 'ACTIVE', name: 'doctor_nonha_app_0' });
  });

  it('keeps from a member what is for admins', () => {
    expect(played[name]['compute services as a member']).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('403') as string,
    });
    expect(played[name]['own servers']).toMatchObject({ status: 0 });
  });
});

it('prints the same of the lab as of the real services', () => {
  expect(comparable(played.lab)).toEqual(comparable(played.real));
});
