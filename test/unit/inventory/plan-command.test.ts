/** `fenix-server plan`, in this process: what it prints, and the status that it exits with. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printInventory } from '../../../src/inventory/inventory-file.ts';
import type { Inventory } from '../../../src/inventory/inventory.ts';
import type { PlanDetail } from '../../../src/sdk/index.ts';
import { runPlan } from '../../support/offline.ts';
import { inventoryHost, inventoryInstance, sampleInventory } from '../../support/sample-inventory.ts';

const run = (args: readonly string[] = [], change: Partial<Inventory> = {}) =>
  runPlan(['--inventory', '-', ...args], printInventory(sampleInventory(change)));

async function planned(args: readonly string[] = [], change: Partial<Inventory> = {}): Promise<PlanDetail> {
  const { output, complaints } = await run([...args, '--json'], change);
  expect(complaints).toBe('');
  return JSON.parse(output) as PlanDetail;
}

let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'fenix-plan-command-'))));
afterAll(() => rmSync(folder, { recursive: true }));

describe('plan --json', () => {
  it('is the same whenever it is made, but for its own date', async () => {
    const plan = await planned();
    expect(await planned()).toEqual(plan);
    expect(plan).toMatchObject({
      plan_id: 'offline',
      status: 'finished',
      created_at: '2026-11-01T00:00:00.000000',
      seen_at: '2026-11-03T02:30:00.000000',
      maintenance_at: '2026-11-03T02:30:00.000000',
      starts_at: '2026-11-03T02:30:00.000000',
      workflow: 'vnf',
      verdict: 'feasible',
    });
  });

  it('plans with the durations and limits of the file', async () => {
    const { hosts, moves } = await planned();
    const lasts = hosts.map((host) => [host.host, host.ends_seconds - host.maintenance_starts_seconds]);
    expect(Object.fromEntries(lasts)).toEqual({ a: 300, b: 600, c: 600 });
    expect(moves.map(({ action }) => action)).toEqual(moves.map(() => 'LIVE_MIGRATE'));
    const starts = moves.map(({ starts_seconds }) => starts_seconds);
    // One member at a time, a minute for each, and 20 s after it.
    starts.slice(1).forEach((start, n) => expect(start).toBeGreaterThanOrEqual((starts[n] ?? 0) + 80));
  });

  it('takes what is asked of a session', async () => {
    const args = ['--hosts', 'a, c', '--parallel-hosts', '1', '--failure-policy', 'skip'];
    const times = [
      '--maintenance-at',
      '2026-12-01 10:00:00',
      '--window-ends-at',
      '2026-12-01T14:00:00+01:00',
    ];
    const plan = await planned([...args, ...times]);
    expect(plan).toMatchObject({
      requested_hosts: ['a', 'c'],
      parallel_hosts: 1,
      failure_policy: 'skip',
      maintenance_at: '2026-12-01T10:00:00.000000',
      window_ends_at: '2026-12-01T13:00:00.000000',
      starts_at: '2026-12-01T10:00:00.000000',
    });
    expect(plan.hosts.map(({ host }) => host).sort()).toEqual(['a', 'c']);
    // One after the other.
    const [first, second] = plan.hosts;
    expect(second?.admitted_seconds).toBeGreaterThanOrEqual(first?.ends_seconds ?? Infinity);
  });

  it('reads a file as well', async () => {
    const file = join(folder, 'inventory.json');
    writeFileSync(file, printInventory(sampleInventory()));
    const { output, status } = await runPlan(['--inventory', file, '--json']);
    expect([JSON.parse(output), status]).toEqual([await planned(), 0]);
  });
});

/** Two hosts, both full. */
const full: Partial<Inventory> = {
  hosts: ['a', 'b'].map((name) => inventoryHost(name, 2)),
};

describe('plan', () => {
  it('tells people the verdict, how long, why, and what each host and project has of it', async () => {
    const { output, complaints, status } = await run();
    expect([complaints, status]).toEqual(['', 0]);
    const { makespan_seconds, lower_bound_seconds, ratio, binding, binding_because } = await planned();
    expect(output).toMatch(/^verdict +feasible: all hosts can be maintained under the limits$/m);
    expect(output).toMatch(
      new RegExp(`^makespan .*\\(${Math.round(makespan_seconds ?? 0)} s\\); 2026-11-03 02:30:00 to `, 'm'),
    );
    expect(output).toMatch(new RegExp(`^lower bound .*\\(${Math.round(lower_bound_seconds ?? 0)} s\\)`, 'm'));
    expect(output).toMatch(new RegExp(`^ratio +${ratio?.toFixed(3)}$`, 'm'));
    expect(output).toContain(`${binding}: ${binding_because}`);
    expect(output).toMatch(/^ {2}host +emptied from +maintained from +until +time of day$/m);
    expect(output).toMatch(/^ {2}a +\d+ +\d+ +\d+ +02:\d\d:\d\d to 0\d:\d\d:\d\d$/m);
    expect(output).toMatch(/^ {2}shop: 1 of 4$/m);
    expect(output).toMatch(/one more empty host/);
    expect(output).not.toContain('stands in the way');
  });

  it('says who has to give up how much first, and that this is feasible', async () => {
    const { output, status } = await run([], full);
    expect(status).toBe(0);
    expect(output).toMatch(/^verdict +feasible once projects have scaled in/m);
    expect(output).toMatch(/^ {2}project shop: 2 instances; the most helpful of them: [ab]-\d, [ab]-\d$/m);
  });

  it('says why it is not feasible, and exits with 3', async () => {
    const { output, status } = await run([], { subscribedProjects: [] });
    expect(status).toBe(3);
    expect(output).toMatch(/^verdict +infeasible/m);
    expect(output).toMatch(/^ {2}no alarm for maintenance.scheduled in project shop: /m);
  });

  it('has nothing to say of a cloud on which nothing is to be done', async () => {
    const { output, status } = await run(['--hosts', 'controller'], {
      hosts: [inventoryHost('controller', 0, { type: 'controller' })],
      instances: [],
    });
    expect(status).toBe(0);
    expect(output).toMatch(/^makespan +0 s \(0 s\)/m);
  });

  it('shows the figures of hosts in columns', async () => {
    const instances = Array.from({ length: 8 }, (_, n) => inventoryInstance(`i-${n}`, n % 2 ? 'a' : 'b'));
    const { output } = await run([], { instances });
    const table = output.split('\n').filter((line) => /^ {2}(host|[abc]) /.test(line));
    const column = (line: string) => line.search(/\S+ to \S+$|time of day$/);
    expect(new Set(table.map(column)).size).toBe(1);
  });
});

describe('what cannot be planned', () => {
  it.each<[string, readonly string[], string]>([
    [
      'a host that is not there',
      ['--hosts', 'z'],
      'nothing can be planned with -: the cloud has no host z\n',
    ],
    ['a host that comes twice', ['--hosts', 'a,b,a'], '--hosts: a comes twice\n'],
    ['a stray comma', ['--hosts', 'a,'], '--hosts: names are separated by one comma each\n'],
    [
      'no number',
      ['--parallel-hosts', 'two'],
      '--parallel-hosts: "two" is not a whole number from 1 to 10000\n',
    ],
    [
      'none at once',
      ['--parallel-hosts', '0'],
      '--parallel-hosts: "0" is not a whole number from 1 to 10000\n',
    ],
    ['no time', ['--maintenance-at', 'soon'], '--maintenance-at: "soon" is not a date and time: '],
    [
      'a window of the past',
      ['--window-ends-at', '2026-01-01 00:00:00'],
      '--window-ends-at: The window ends before ',
    ],
    ['a policy that there is not', ['--failure-policy', 'pray'], 'Allowed choices are fail, skip, force'],
    ['an option that there is not', ['--host', 'a'], "unknown option '--host'"],
  ])('%s is told, with status 2', async (_what, args, says) => {
    const { output, complaints, status } = await run(args);
    expect([output, status]).toEqual(['', 2]);
    expect(complaints).toContain(says);
  });

  it.each<[string, string, string]>([
    [
      'a file that is not there',
      join(tmpdir(), 'no-such-inventory.json'),
      'no-such-inventory.json cannot be read: ENOENT',
    ],
    [
      'a file that is something else',
      join(import.meta.dirname, 'plan-command.test.ts'),
      'is no inventory: it is not JSON',
    ],
  ])('%s is told by its name, with status 2', async (_what, file, says) => {
    const { output, complaints, status } = await runPlan(['--inventory', file]);
    expect([output, status]).toEqual(['', 2]);
    expect(complaints).toContain(says);
  });

  it('needs an inventory', async () => {
    const { complaints, status } = await runPlan([]);
    expect(status).toBe(2);
    expect(complaints).toContain("required option '--inventory <file>' not specified");
  });

  it('a cloud without hosts', async () => {
    const { complaints, status } = await run([], { hosts: [], instances: [] });
    expect(status).toBe(2);
    expect(complaints).toContain('the cloud has no host: there is nothing to maintain');
  });
});

it('--help tells the statuses', async () => {
  const { output, status } = await runPlan(['--help']);
  expect(status).toBe(0);
  expect(output).toContain(
    'Exit status: 0 all hosts can be maintained, as things are or once projects have scaled in; 3',
  );
});
