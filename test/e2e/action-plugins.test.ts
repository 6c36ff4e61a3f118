import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SessionDetail } from '../../src/demo/follow-session.ts';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import { dataOf } from '../../src/sdk/index.ts';
import { temporaryFolder, writeScript } from '../support/plugin-files.ts';
import { prepareServer, startClients, startServerProcess } from '../support/stage-process.ts';
import { expectAllWell, instanceNames } from '../support/stage-outcome.ts';
import {
  allHostsEnabled,
  endOf,
  eventually,
  expectDone,
  failureOf,
  openSession,
  sessionMetadata,
  startTestStage,
  type AtEnd,
} from '../support/stage.ts';

/** What a plug-in read and where it ran, as `noting` writes it down: a line for each run, in order. */
interface Note {
  readonly input: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string>>;
}

/** Plug-ins that write down what they got; one named `broken` fails while the file of that name is there. */
async function notingPlugins(atEnd: AtEnd, names: readonly string[]) {
  const home = await temporaryFolder(atEnd);
  const folder = join(home, 'plugins');
  const notes = join(home, 'notes');
  const fault = join(home, 'fault');
  const script = `#!${process.execPath}
const fs = require('node:fs');
const input = JSON.parse(fs.readFileSync(0, 'utf8'));
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('FENIX_')));
fs.appendFileSync(${JSON.stringify(notes)}, JSON.stringify({ input, environment }) + '\\n');
console.log('working on ' + input.host);
if (input.plugin === 'broken' && fs.existsSync(${JSON.stringify(fault)})) {
  console.error('bank 2 is bad');
  process.exit(4);
}
console.log('done');
`;
  for (const name of names) await writeScript(folder, name, script);
  const read = async (): Promise<readonly Note[]> =>
    (await readFile(notes, 'utf8').catch(() => ''))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Note);
  const runs = async () =>
    (await read()).map(({ input }) => `${String(input['plugin'])} on ${String(input['host'])}`);
  return { folder, fault, read, runs };
}

/** Those of these processes that still run; what is dead and was not waited for does not. */
async function living(pids: readonly number[]): Promise<readonly number[]> {
  const states = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z ')),
  );
  return pids.filter((_pid, index) => !states[index]?.includes(') Z '));
}

/** The hosts in the order in which their maintenance began. */
function hostsInOrder({ hosts }: SessionDetail): readonly string[] {
  return hosts
    .toSorted((a, b) => String(a.maintenance_started_at).localeCompare(String(b.maintenance_started_at)))
    .map(({ hostname }) => hostname);
}

describe.concurrent('a session with action plug-ins', () => {
  it('runs them in order, with what the admin gave, and shows what they wrote', async ({
    onTestFinished,
  }) => {
    const plugins = await notingPlugins(onTestFinished, [
      'stage',
      'bios',
      'audit',
      'agents',
      'kernel',
      'sweep',
    ]);
    const stage = await startTestStage(onTestFinished, { server: { FENIX_PLUGINS_FOLDER: plugins.folder } });
    const before = instanceNames(stage);
    const sessionId = await openSession(stage.admin, {
      actions: [
        { plugin: 'sweep', type: 'post' },
        { plugin: 'kernel', type: 'compute', metadata: { version: '6.8' } },
        { plugin: 'bios', type: 'host', metadata: { level: '7.2' } },
        { plugin: 'audit', type: 'host' },
        { plugin: 'agents', type: 'controller' },
        { plugin: 'stage', type: 'pre' },
      ],
    });
    const detail = expectDone(await endOf(stage.admin, sessionId));
    await expectAllWell(stage, before, detail);

    const [controller, ...computes] = hostsInOrder(detail);
    expect(controller).toBe('controller-1');
    expect(computes.toSorted()).toEqual(['compute-1', 'compute-2', 'compute-3', 'compute-4']);
    const expected = [
      'stage on localhost',
      'audit on controller-1',
      'bios on controller-1',
      'agents on controller-1',
      ...computes.flatMap((host) => [`audit on ${host}`, `bios on ${host}`, `kernel on ${host}`]),
      'sweep on localhost',
    ];
    expect(await plugins.runs()).toEqual(expected);

    const kernel = (await plugins.read()).find(({ input }) => input['plugin'] === 'kernel');
    const run = detail.action_plugin_instances.find(({ plugin }) => plugin === 'kernel');
    expect(kernel?.input).toEqual({
      session_id: sessionId,
      workflow: 'default',
      plugin: 'kernel',
      type: 'compute',
      host: computes[0],
      metadata: { version: '6.8' },
      session_metadata: sessionMetadata,
      run_id: run?.id,
      repeated: false,
    });
    expect(kernel?.environment).toEqual({
      FENIX_SESSION_ID: sessionId,
      FENIX_WORKFLOW: 'default',
      FENIX_PLUGIN: 'kernel',
      FENIX_TYPE: 'compute',
      FENIX_HOST: computes[0],
      FENIX_METADATA: '{"version":"6.8"}',
      FENIX_SESSION_METADATA: JSON.stringify(sessionMetadata),
      FENIX_RUN_ID: run?.id,
      FENIX_REPEATED: 'false',
    });

    expect(detail.action_plugins.map(({ plugin, type, meta }) => [plugin, type, meta])).toContainEqual([
      'kernel',
      'compute',
      "{'version': '6.8'}",
    ]);
    const shown = detail.action_plugin_instances;
    expect(shown.map(({ plugin, hostname }) => `${plugin} on ${hostname}`)).toEqual(expected);
    for (const { hostname, state, output, error, ended_at } of shown) {
      expect({ state, output, error }).toEqual({
        state: 'DONE',
        output: [`working on ${hostname}`, 'done'],
        error: null,
      });
      expect(ended_at).toEqual(expect.any(String));
    }
  });

  it('fails with the last lines of one that fails, and runs it again when it is continued', async ({
    onTestFinished,
  }) => {
    const plugins = await notingPlugins(onTestFinished, ['audit', 'broken']);
    await writeFile(plugins.fault, '');
    const stage = await startTestStage(onTestFinished, { server: { FENIX_PLUGINS_FOLDER: plugins.folder } });
    const before = instanceNames(stage);
    const sessionId = await openSession(stage.admin, {
      actions: [
        { plugin: 'audit', type: 'host' },
        { plugin: 'broken', type: 'compute' },
      ],
    });
    const { reason, detail } = await failureOf(stage.admin, sessionId);
    const host = detail.hosts.find(({ activity }) => activity === 'in_maintenance')?.hostname;
    expect(reason).toMatch(new RegExp(`^the plug-in broken failed on ${host} \\(exit status 4\\): `));
    expect(reason).toContain('bank 2 is bad');
    const failed = detail.action_plugin_instances.at(-1);
    expect(failed).toMatchObject({ plugin: 'broken', hostname: host, state: 'FAILED' });
    expect(failed?.output.toSorted()).toEqual(['bank 2 is bad', `working on ${host}`]);
    await eventually(() => {
      const closed = stage.lab.hosts().filter(({ status }) => status !== 'enabled');
      expect(closed.map(({ name, disabledReason }) => [name, disabledReason])).toEqual([
        [host, `maintenance session ${sessionId}: its maintenance began and did not end`],
      ]);
    });

    await rm(plugins.fault);
    const params = { path: { session_id: sessionId } };
    dataOf(await stage.admin.PUT('/v1/maintenance/{session_id}', { params, body: {} }));
    const ended = expectDone(await endOf(stage.admin, sessionId));
    expect(ended.hosts.every(({ maintained }) => maintained)).toBe(true);
    await allHostsEnabled(stage);
    expect(instanceNames(stage)).toEqual(before);
    const runs = await plugins.runs();
    const repeated = runs.filter((run, index) => runs.indexOf(run) !== index);
    expect(repeated).toEqual([`broken on ${host}`]);
  });

  it('is refused where a plug-in is not there, leaves the folder, or has a wrong manifest', async ({
    onTestFinished,
  }) => {
    const plugins = await notingPlugins(onTestFinished, ['stage', 'bad']);
    await writeScript(join(plugins.folder, '..'), 'outside', 'true');
    await writeFile(join(plugins.folder, 'bad.yaml'), 'after_crash: maybe\n');
    const stage = await startTestStage(onTestFinished, {
      lab: doctorScenario({ empty: 1 }),
      server: { FENIX_PLUGINS_FOLDER: plugins.folder },
    });
    const body = (actions: readonly { plugin: string; type: 'pre' }[]) => ({
      body: {
        state: 'MAINTENANCE' as const,
        workflow: 'default',
        maintenance_at: '2036-11-03 02:30:00',
        metadata: {},
        actions: [...actions],
      },
    });
    const answers = async (plugin: string) => {
      const { response, error } = await stage.admin.POST('/v1/maintenance', body([{ plugin, type: 'pre' }]));
      return { status: response.status, message: JSON.stringify(error) };
    };
    for (const plugin of ['../outside', '..', '/bin/sh', '.hidden', 'a/b', '']) {
      expect((await answers(plugin)).status, plugin).toBe(422);
    }
    const missing = await answers('missing');
    expect(missing.status).toBe(422);
    expect(missing.message).toContain('missing');
    const bad = await answers('bad');
    expect(bad.status).toBe(422);
    expect(bad.message).toContain('bad.yaml');
    expect(bad.message).toContain('after_crash');
    const twice = [
      { plugin: 'stage', type: 'pre' as const },
      { plugin: 'stage', type: 'pre' as const },
    ];
    expect((await stage.admin.POST('/v1/maintenance', body(twice))).response.status).toBe(422);
    expect(await plugins.runs()).toEqual([]);
  });

  it('breaks a plug-in off with all that it started when the server stops, and tells so', async ({
    onTestFinished,
  }) => {
    const folder = await temporaryFolder(onTestFinished);
    const pids = join(folder, 'pids');
    // One listens to SIGTERM, the one that it started does not.
    const deaf = `sh -c "trap '' TERM; touch ${pids}.deaf; while :; do sleep 0.1; done" &`;
    const ready = `until [ -e ${pids}.deaf ]; do sleep 0.05; done; echo "$$ $!" > ${pids}.new; mv ${pids}.new ${pids}`;
    await writeScript(folder, 'long', `${deaf}\n${ready}\nwait`);
    const serverless = await prepareServer(onTestFinished, {
      lab: doctorScenario({ empty: 1 }),
      server: { FENIX_PLUGINS_FOLDER: folder },
    });
    const server = await startServerProcess(onTestFinished, serverless);
    const clients = await startClients(onTestFinished, serverless);
    const sessionId = await openSession(clients.admin, { actions: [{ plugin: 'long', type: 'host' }] });
    await eventually(() => expect(existsSync(pids)).toBe(true));
    await server.stop('SIGTERM');
    const started = (await readFile(pids, 'utf8')).trim().split(' ').map(Number);
    expect(started).toHaveLength(2);
    expect(await living(started)).toEqual([]);

    await startServerProcess(onTestFinished, serverless);
    const { reason, detail } = await failureOf(clients.admin, sessionId);
    expect(reason).toContain('the plug-in long was broken off on controller-1 by a stop of the server');
    expect(detail.action_plugin_instances.map(({ state }) => state)).toEqual(['FAILED']);
  });

  it('ends a plug-in that takes longer than its manifest allows', async ({ onTestFinished }) => {
    const folder = await temporaryFolder(onTestFinished);
    await writeScript(folder, 'hanging', 'echo waiting for the disk; exec sleep 600');
    await writeFile(join(folder, 'hanging.yaml'), 'timeout_seconds: 2\n');
    const stage = await startTestStage(onTestFinished, {
      lab: doctorScenario({ empty: 1 }),
      server: { FENIX_PLUGINS_FOLDER: folder },
    });
    const sessionId = await openSession(stage.admin, { actions: [{ plugin: 'hanging', type: 'pre' }] });
    const { reason } = await failureOf(stage.admin, sessionId);
    expect(reason).toBe('the plug-in hanging did not end on localhost within 2 s: waiting for the disk');
    expect(
      stage.lab.changes().filter(({ type }) => type === 'host.closed' || type === 'server.moved'),
    ).toEqual([]);
  });
});
