/** An inventory that is exported from the lab, and planned without it: the answer is that of the server. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { serverVariables } from '../../src/demo/stage.ts';
import { applicationsScenario } from '../../src/lab/applications-scenario.ts';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import { printInventory } from '../../src/inventory/inventory-file.ts';
import type { LabConfigInput } from '../../src/lab/lab-config.ts';
import { dataOf, planSession, type PlanDetail, type SessionRequest } from '../../src/sdk/index.ts';
import { answerOf, runExport, runPlan } from '../support/offline.ts';
import { inventoryHost, inventoryInstance, sampleInventory } from '../support/sample-inventory.ts';
import { startProgram } from '../support/stage-process.ts';
import { endOf, expectDone, startTestStage, type AtEnd, type TestStage } from '../support/stage.ts';

const run = promisify(execFile);

interface Site {
  readonly stage: TestStage;
  /** The variables of the server, and so of the command. */
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
}

async function startSite(
  atEnd: AtEnd,
  lab: LabConfigInput,
  server: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'fenix-offline-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const own = { FENIX_DATABASE_URL: `sqlite://${join(folder, 'fenix.sqlite')}`, ...server };
  const stage = await startTestStage(atEnd, { lab, server: own });
  return { stage, env: { ...serverVariables(stage.lab, folder), ...own }, folder };
}

/** Both sides count from there, whenever they look at the cloud. */
const maintenanceAt = '2099-11-03 02:30:00';

type Wish = Partial<Pick<SessionRequest, 'hosts' | 'parallel_hosts' | 'failure_policy' | 'window_ends_at'>>;

function online({ stage }: Site, wish: Wish): Promise<PlanDetail> {
  const body = { workflow: 'vnf', maintenance_at: maintenanceAt, ...wish };
  return planSession(stage.admin, body, { pollSeconds: 0.05 });
}

function argumentsOf({ hosts, parallel_hosts, failure_policy, window_ends_at }: Wish): readonly string[] {
  return [
    ...['--maintenance-at', maintenanceAt, '--json'],
    ...(hosts === undefined ? [] : ['--hosts', hosts.join(',')]),
    ...(parallel_hosts === undefined ? [] : ['--parallel-hosts', String(parallel_hosts)]),
    ...(failure_policy === undefined ? [] : ['--failure-policy', failure_policy]),
    ...(window_ends_at === undefined ? [] : ['--window-ends-at', window_ends_at]),
  ];
}

/** Asks both; they have to say the same. @returns what they say, and the status of the command */
async function bothSay(site: Site, wish: Wish = {}) {
  const { output: inventory } = await runExport(site.env);
  const expected = await online(site, wish);
  const { output, complaints, status } = await runPlan(['--inventory', '-', ...argumentsOf(wish)], inventory);
  expect(complaints).toBe('');
  const plan = JSON.parse(output) as PlanDetail;
  expect(answerOf(plan)).toEqual(answerOf(expected));
  return { plan, status };
}

const roomy = doctorScenario({ hosts: 3, slots: 4, empty: 6 });
const full = doctorScenario();

describe('a plan over an inventory is that of the server', () => {
  it.for<[string, LabConfigInput, Wish, PlanDetail['verdict']]>([
    ['of a cloud with room', roomy, {}, 'feasible'],
    ['of some hosts', roomy, { hosts: ['compute-2', 'compute-3'] }, 'feasible'],
    ['for a short window', roomy, { window_ends_at: '2099-11-03 02:40:00' }, 'infeasible'],
    ['of a full cloud', full, {}, 'after_scale_in'],
    ['of two hosts at once', full, { parallel_hosts: 2, failure_policy: 'skip' }, 'after_scale_in'],
    ['with a project that listens to no alarm', applicationsScenario(6), {}, 'infeasible'],
  ])('%s', async ([, lab, wish, verdict], { onTestFinished }) => {
    const { plan, status } = await bothSay(await startSite(onTestFinished, lab), wish);
    expect(plan.verdict).toBe(verdict);
    expect(status).toBe(verdict === 'infeasible' ? 3 : 0);
  });

  it('with the durations that earlier sessions measured', async ({ onTestFinished }) => {
    const options = { FENIX_WORKFLOW_HOST_MAINTENANCE_SECONDS: '1' };
    const site = await startSite(onTestFinished, roomy, options);
    const { admin } = site.stage;
    const at = new Date(Date.now() - 1000).toISOString();
    const body = { workflow: 'vnf', maintenance_at: at, hosts: ['compute-1'] };
    expectDone(await endOf(admin, dataOf(await admin.POST('/v1/maintenance', { body })).session_id));
    const { told } = await runExport(site.env);
    expect(told).toContain('maintenance of 1 host was measured');
    const { plan } = await bothSay(site);
    // A move of the lab takes less than the minute of the options.
    expect(plan.makespan_seconds).toBeLessThan(60);
  });

  it('under options that matter to it', async ({ onTestFinished }) => {
    const options = {
      FENIX_WORKFLOW_UNSUBSCRIBED_PROJECTS: 'live_migrate',
      FENIX_WORKFLOW_PARALLEL_MOVES: '1',
      FENIX_WORKFLOW_PLANNED_MOVE_SECONDS: '90',
    };
    const { plan } = await bothSay(await startSite(onTestFinished, applicationsScenario(6), options));
    expect(plan.verdict).toBe('feasible');
    expect(plan.moves.map(({ action }) => action)).toContain('LIVE_MIGRATE');
  });
});

describe('export-inventory', () => {
  it('writes a file for its owner alone, without secrets, and touches nothing', async ({
    onTestFinished,
  }) => {
    const site = await startSite(onTestFinished, roomy);
    const { lab } = site.stage;
    const before = { hosts: lab.hosts(), servers: lab.servers(), changes: lab.changes().length };
    const file = join(site.folder, 'inventory.json');
    const { output, told } = await runExport(site.env, ['--output', file]);
    expect({ hosts: lab.hosts(), servers: lab.servers(), changes: lab.changes().length }).toEqual(before);
    expect(output).toBe('');
    expect(told).toMatch(/^4 hosts, 6 instances, 1 server group\n/);
    expect(told).toContain(`written to ${file}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain(site.env['FENIX_KEYSTONE_PASSWORD']);
    expect(text).not.toContain(site.env['FENIX_KEYSTONE_AUTH_URL']);
  });

  it('needs a cloud, one that answers, and the database of the server', async ({ onTestFinished }) => {
    const { stage, env, folder } = await startSite(onTestFinished, roomy);
    await expect(runExport({})).rejects.toThrow('no cloud is configured: set keystone.auth_url');
    const elsewhere = join(folder, 'elsewhere.sqlite');
    const mistaken = { ...env, FENIX_DATABASE_URL: `sqlite://${elsewhere}` };
    await expect(runExport(mistaken)).rejects.toThrow(`there is no database (SQLite ${elsewhere})`);
    expect(existsSync(elsewhere)).toBe(false);
    stage.lab.setFault({ kind: 'unavailable', call: 'os-services.list' });
    await expect(runExport(env)).rejects.toThrow(/services/);
  });

  it('does without a server that ever ran, with a database in memory', async ({ onTestFinished }) => {
    const { env } = await startSite(onTestFinished, roomy);
    const { output, told } = await runExport({ ...env, FENIX_DATABASE_URL: 'sqlite::memory:' });
    expect(told).toContain('limits registered for 0 instances and 0 instance groups');
    const { output: plan, status } = await runPlan(['--inventory', '-', '--json'], output);
    expect(status).toBe(3);
    expect((JSON.parse(plan) as PlanDetail).problems).toMatchObject([{ kind: 'refused' }]);
  });
});

describe('the program', () => {
  it('exports beside a server that runs, and plans when both are gone', async ({ onTestFinished }) => {
    const { stage, env, folder } = await startSite(onTestFinished, full);
    const file = join(folder, 'inventory.json');
    const exporter = startProgram(
      'src/main.ts',
      ['export-inventory', '-o', file],
      env as Record<string, string>,
    );
    expect([await exporter.ended, exporter.stderr()]).toEqual([[0, null], expect.stringContaining(file)]);
    await stage.stop();
    const planner = startProgram('src/main.ts', [
      'plan',
      '--inventory',
      file,
      '--hosts',
      'compute-1',
      '--json',
    ]);
    expect([await planner.ended, planner.stderr()]).toEqual([[0, null], '']);
    expect(JSON.parse(planner.lines.join('\n'))).toMatchObject({ verdict: 'after_scale_in' });
    const refused = startProgram('src/main.ts', ['plan', '--inventory', file, '--hosts', 'compute-9']);
    expect([await refused.ended, refused.lines]).toEqual([[2, null], []]);
    expect(refused.stderr()).toBe(`nothing can be planned with ${file}: the cloud has no host compute-9\n`);
  });

  it('ends when all of a long answer was read, or as much as somebody wanted', async ({ onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), 'fenix-offline-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'inventory.json');
    const hosts = Array.from({ length: 40 }, (_, n) => inventoryHost(`host-${n}`, 12));
    const instances = Array.from({ length: 400 }, (_, n) => inventoryInstance(`i-${n}`, `host-${n % 36}`));
    writeFileSync(file, printInventory(sampleInventory({ hosts, instances })));
    const node = JSON.stringify(process.execPath);
    const command = `${node} --import tsx src/main.ts plan --inventory ${file} --json`;
    // The shell reads nothing until it has read the first line, and then begins another program for the rest.
    const slowly = `${command} | { read -r line; echo "$line"; ${node} -e 0; cat; }`;
    const { stdout } = await run('bash', ['-c', slowly], { maxBuffer: 1e8 });
    expect((JSON.parse(stdout) as PlanDetail).moves).toHaveLength(400);
    const { stderr } = await run('bash', ['-o', 'pipefail', '-c', `${command} | head -1`]);
    expect(stderr).toBe('');
  });
});
