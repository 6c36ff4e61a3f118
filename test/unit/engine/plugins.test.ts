import { describe, expect, it } from 'vitest';
import type { ActionPluginRequest, ActionType } from '../../../src/domain/action-plugin.ts';
import { SessionNotFound, UnknownPlugin } from '../../../src/engine/maintenance-service.ts';
import { PluginFailed, type PluginTask } from '../../../src/engine/ports.ts';
import { doctorScenario, EngineBench } from '../../support/engine-bench.ts';

const action = (plugin: string, type: ActionType, metadata = {}): ActionPluginRequest => ({
  plugin,
  type,
  metadata,
});

async function started(change: ConstructorParameters<typeof EngineBench>[0] = {}): Promise<EngineBench> {
  const bench = new EngineBench(change);
  doctorScenario(bench);
  await bench.engine.start();
  return bench;
}

const nameOf = ({ plugin, host }: PluginTask): string => `${plugin} on ${host}`;

/** A plug-in takes so long, by the clock of the bench. */
const lasting = (bench: EngineBench, seconds: number): Promise<void> =>
  new Promise((resolve) => void bench.clock.at(bench.clock.now() + seconds * 1000, resolve));

/** What projects and infrastructure were told, and what was run, in order. */
function timelineOf(bench: EngineBench): readonly string[] {
  const timeline: string[] = [];
  const notify = bench.notify.bind(bench);
  bench.notify = (notification, signal) => {
    const { state, host, project_id: project } = notification.payload;
    if (notification.eventType === 'maintenance.host') timeline.push(`${String(host)} ${String(state)}`);
    else if (notification.eventType === 'maintenance.scheduled') timeline.push(`${project} ${String(state)}`);
    return notify(notification, signal);
  };
  const play = bench.plugins.play;
  bench.plugins.play = (...run) => {
    timeline.push(nameOf(run[0]));
    return play(...run);
  };
  return timeline;
}

describe('plug-ins of a session', () => {
  it('are run in the order of their types, hosts and names', async () => {
    const bench = await started();
    bench.cloud.addHost('storage-1', 0, 'other');
    const timeline = timelineOf(bench);
    const sessionId = await bench.open({
      hosts: [...bench.cloud.hosts.keys()],
      actions: [
        action('sweep', 'post'),
        action('late', 'host'),
        action('b-stage', 'pre'),
        action('early', 'host'),
        action('a-stage', 'pre'),
        action('agents', 'controller'),
        action('Kernel', 'compute'),
        action('bios', 'compute'),
      ],
    });
    const session = await bench.finish(sessionId);
    expect(session.failure).toBeUndefined();

    const onHost = new Map<string, string[]>();
    for (const { plugin, host } of bench.plugins.runs)
      onHost.set(host, [...(onHost.get(host) ?? []), plugin]);
    expect(Object.fromEntries(onHost)).toEqual({
      localhost: ['a-stage', 'b-stage', 'sweep'],
      'controller-1': ['early', 'late', 'agents'],
      'storage-1': ['early', 'late'],
      ...Object.fromEntries(
        [1, 2, 3, 4].map((n) => [`compute-${n}`, ['early', 'late', 'Kernel', 'bios']] as const),
      ),
    });
    // Each host by itself, the controllers before the computes, between the two notices about it.
    for (const host of onHost.keys()) {
      if (host === 'localhost') continue;
      const at = timeline.indexOf(`${host} IN_MAINTENANCE`);
      const run = onHost.get(host) ?? [];
      expect(timeline.slice(at, at + run.length + 2)).toEqual([
        `${host} IN_MAINTENANCE`,
        ...run.map((plugin) => `${plugin} on ${host}`),
        `${host} MAINTENANCE_COMPLETE`,
      ]);
    }
    const firstOn = (host: string) => timeline.indexOf(`early on ${host}`);
    for (const compute of [1, 2, 3, 4]) {
      expect(firstOn('controller-1')).toBeLessThan(firstOn(`compute-${compute}`));
    }
    const sweep = timeline.indexOf('sweep on localhost');
    expect(timeline.slice(0, sweep).filter((event) => / MAINTENANCE_COMPLETE$/.test(event))).toHaveLength(6);
    expect(timeline.slice(sweep + 1)).toEqual(['project-1 MAINTENANCE_COMPLETE']);
  });

  it('of type pre are run at maintenance_at, after every reply and before anything is touched', async () => {
    const bench = await started();
    const timeline = timelineOf(bench);
    const maintenanceAt = bench.clock.now() + 600_000;
    const touched: unknown[] = [];
    const play = bench.plugins.play;
    bench.plugins.play = (task, ...rest) => {
      expect(bench.clock.now()).toBeGreaterThanOrEqual(maintenanceAt);
      touched.push(...bench.cloud.records, ...[...bench.cloud.hosts.values()].filter(({ open }) => !open));
      return play(task, ...rest);
    };
    const sessionId = await bench.open({ maintenanceAt, actions: [action('stage', 'pre')] });
    await bench.finish(sessionId);
    expect(timeline.slice(0, 2)).toEqual(['project-1 MAINTENANCE', 'stage on localhost']);
    expect(touched).toEqual([]);
  });

  it('run while their host is empty and closed', async () => {
    const bench = await started();
    const found: unknown[] = [];
    bench.plugins.play = ({ host }) => {
      const { open, reason } = bench.cloud.hosts.get(host) ?? {};
      const instances = [...bench.cloud.instances.values()].filter((instance) => instance.host === host);
      found.push({ open, reason, instances });
      return Promise.resolve();
    };
    const sessionId = await bench.open({ actions: [action('bios', 'compute')] });
    await bench.finish(sessionId);
    const wanted = { open: false, reason: `maintenance session ${sessionId}`, instances: [] };
    expect(found).toEqual([wanted, wanted, wanted, wanted]);
  });

  it('get what the admin gave for each, and what is in the session', async () => {
    const bench = await started();
    const sessionId = await bench.open({
      actions: [action('bios', 'compute', { level: '7.2' }), action('stage', 'pre')],
    });
    await bench.finish(sessionId);
    const [stage, bios] = bench.plugins.runs;
    expect(stage).toMatchObject({ plugin: 'stage', type: 'pre', host: 'localhost', metadata: {} });
    expect(bios).toMatchObject({
      sessionId,
      plugin: 'bios',
      type: 'compute',
      metadata: { level: '7.2' },
      sessionMetadata: { release: 'Epoxy' },
      workflow: 'default',
      repeated: false,
    });
    expect(new Set(bench.plugins.runs.map(({ runId }) => runId)).size).toBe(5);
  });

  it('do not shorten the maintenance of a host, and may prolong it', async () => {
    for (const [seconds, expected] of [
      [10, 60],
      [90, 90],
    ] as const) {
      const bench = await started({ hostMaintenanceSeconds: 60 });
      bench.plugins.play = () => lasting(bench, seconds);
      const session = await bench.finish(await bench.open({ actions: [action('bios', 'compute')] }));
      const held = session.hosts
        .filter(({ type }) => type === 'compute')
        .map(
          ({ maintenanceStartedAt = 0, maintenanceEndedAt = 0 }) => maintenanceEndedAt - maintenanceStartedAt,
        );
      expect(held).toEqual([expected, expected, expected, expected].map((one) => one * 1000));
    }
  });

  it('are shown with what they wrote, the newest lines of it', async () => {
    const bench = await started();
    bench.plugins.play = async ({ host }, report) => {
      await report([`begins on ${host}`]);
      if (host === 'compute-1') await report(Array.from({ length: 250 }, (_, index) => `line ${index}`));
    };
    const session = await bench.finish(await bench.open({ actions: [action('bios', 'compute')] }));
    const outputs = new Map(session.pluginRuns.map(({ host, output }) => [host, output]));
    expect(outputs.get('compute-2')).toEqual(['begins on compute-2']);
    expect(outputs.get('compute-1')).toHaveLength(200);
    expect(outputs.get('compute-1')?.at(-1)).toBe('line 249');
    const lines = bench.journal
      .events(session.id)
      .flatMap((event) => (event.type === 'plugin_reported' ? event.lines : []));
    expect(lines).toHaveLength(4 + 250);
  });
});

describe('a plug-in that fails', () => {
  async function failedOnFirstHost() {
    const bench = await started();
    bench.plugins.play = ({ plugin, host }) =>
      plugin === 'bios'
        ? Promise.reject(new PluginFailed(`bios failed on ${host}: bank 2 is bad`))
        : Promise.resolve();
    const sessionId = await bench.open({
      actions: [
        action('stage', 'pre'),
        action('audit', 'host'),
        action('bios', 'compute'),
        action('zz', 'compute'),
      ],
    });
    const session = await bench.finish(sessionId);
    const host = session.hosts.find(({ progress }) => progress === 'in_maintenance')?.name ?? '';
    return { bench, sessionId, session, host };
  }

  it('fails the session with its last words, and keeps its host closed', async () => {
    const { bench, session, host } = await failedOnFirstHost();
    expect({ state: session.state, failure: session.failure }).toEqual({
      state: 'MAINTENANCE_FAILED',
      failure: `bios failed on ${host}: bank 2 is bad`,
    });
    expect(bench.plugins.runs.map(({ plugin }) => plugin)).not.toContain('zz');
    expect(session.pluginRuns.at(-1)).toMatchObject({ plugin: 'bios', host, state: 'FAILED' });
    await bench.clock.runUntil(
      () => [...bench.cloud.hosts.values()].filter(({ open }) => !open).length === 1,
    );
    const { open, reason } = bench.cloud.hosts.get(host) ?? {};
    expect({ open, reason }).toEqual({
      open: false,
      reason: `maintenance session ${session.id}: its maintenance began and did not end`,
    });
  });

  it('is run again when the session is continued, and what was done is not', async () => {
    const { bench, sessionId, host } = await failedOnFirstHost();
    bench.plugins.play = () => Promise.resolve();
    await bench.engine.continue(sessionId);
    const session = await bench.finish(sessionId);
    expect(session.failure).toBeUndefined();
    const counts = new Map<string, number>();
    for (const task of bench.plugins.runs) counts.set(nameOf(task), (counts.get(nameOf(task)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count !== 1)).toEqual([[`bios on ${host}`, 2]]);
    expect(session.pluginRuns.filter(({ state }) => state === 'FAILED')).toHaveLength(1);
  });

  it('fails the session again when it fails again', async () => {
    const { bench, sessionId, host } = await failedOnFirstHost();
    bench.plugins.fail('bios', 'still bad');
    await bench.engine.continue(sessionId);
    expect((await bench.finish(sessionId)).failure).toBe('still bad');
    expect(bench.plugins.runs.filter((task) => nameOf(task) === `bios on ${host}`)).toHaveLength(2);
  });

  it('leaves everything as it was when it is of type pre', async () => {
    const bench = await started();
    bench.plugins.fail('stage', 'no room for the packages');
    const session = await bench.finish(await bench.open({ actions: [action('stage', 'pre')] }));
    expect(session).toMatchObject({ previousState: 'MAINTENANCE', failure: 'no room for the packages' });
    expect(bench.cloud.records).toEqual([]);
    expect(bench.hostNotices).toEqual([]);
  });

  it('fails the session after its hosts when it is of type post; continued, it runs that one alone', async () => {
    const bench = await started();
    bench.plugins.fail('sweep', 'a broom is missing');
    const sessionId = await bench.open({ actions: [action('audit', 'host'), action('sweep', 'post')] });
    const session = await bench.finish(sessionId);
    expect(session).toMatchObject({ previousState: 'MAINTENANCE_COMPLETE', failure: 'a broom is missing' });
    expect(bench.notices.filter(({ state }) => state === 'MAINTENANCE_COMPLETE')).toEqual([]);
    const before = bench.plugins.runs.length;
    bench.plugins.play = () => Promise.resolve();
    await bench.engine.continue(sessionId);
    expect((await bench.finish(sessionId)).state).toBe('MAINTENANCE_DONE');
    expect(bench.plugins.runs.slice(before).map(nameOf)).toEqual(['sweep on localhost']);
    expect([...bench.cloud.hosts.values()].every(({ open }) => open)).toBe(true);
  });
});

describe('a session is refused', () => {
  it('whose plug-in is not there', async () => {
    const bench = await started();
    bench.plugins.manifests.set('bios', undefined);
    await expect(bench.open({ actions: [action('bios', 'compute')] })).rejects.toBeInstanceOf(UnknownPlugin);
    expect(bench.engine.list()).toEqual([]);
  });

  it('whose plug-in has a manifest that is wrong', async () => {
    const bench = await started();
    bench.plugins.find = () => Promise.reject(new PluginFailed('the manifest bios.yaml is wrong'));
    await expect(bench.open({ actions: [action('bios', 'compute')] })).rejects.toThrow('bios.yaml is wrong');
    expect(bench.engine.list()).toEqual([]);
  });
});

describe('a server that is killed while a plug-in runs', () => {
  async function killedInside(afterCrash: 'repeat' | 'fail') {
    const bench = await started();
    bench.plugins.manifests.set('bios', { afterCrash, timeoutSeconds: 60 });
    bench.plugins.play = () => new Promise(() => undefined);
    const sessionId = await bench.open({ actions: [action('bios', 'compute')] });
    await bench.clock.runUntil(() => bench.plugins.runs.length === 1);
    const [first] = bench.plugins.runs;
    await bench.crash(() => {
      bench.plugins.play = () => Promise.resolve();
      return Promise.resolve();
    });
    return { bench, sessionId, first: first! };
  }

  it('starts it again where its manifest says so, and tells it', async () => {
    const { bench, sessionId, first } = await killedInside('repeat');
    const session = await bench.finish(sessionId);
    expect(session.failure).toBeUndefined();
    expect(bench.plugins.runs[1]).toEqual({ ...first, repeated: true });
    expect(session.pluginRuns).toHaveLength(4);
    expect(bench.plugins.runs.slice(2).map(({ repeated }) => repeated)).toEqual([false, false, false]);
  });

  it('fails the session where it does not, and runs it again when that is continued', async () => {
    const { bench, sessionId, first } = await killedInside('fail');
    const session = await bench.finish(sessionId);
    expect(session.failure).toContain(`the plug-in bios was broken off on ${first.host}`);
    expect(session.failure).toContain('continue the session');
    expect(bench.plugins.runs).toHaveLength(1);
    await bench.engine.continue(sessionId);
    expect((await bench.finish(sessionId)).failure).toBeUndefined();
    expect(bench.plugins.runs[1]).toMatchObject({ host: first.host, repeated: false });
    expect(bench.plugins.runs[1]?.runId).not.toBe(first.runId);
  });

  it('ends right wherever it is killed', async () => {
    const play = async (killAt?: number) => {
      const bench = await started();
      for (const plugin of ['stage', 'bios', 'sweep']) {
        bench.plugins.manifests.set(plugin, { afterCrash: 'repeat', timeoutSeconds: 60 });
      }
      bench.plugins.play = async (_task, report) => {
        await report(['begins']);
        await lasting(bench, 5);
      };
      const sessionId = await bench.open({
        hosts: ['compute-1'],
        actions: [action('stage', 'pre'), action('bios', 'compute'), action('sweep', 'post')],
      });
      if (killAt !== undefined) {
        await bench.clock.runUntil(() => bench.journal.events(sessionId).length >= killAt);
        await bench.crash();
      }
      const session = await bench.finish(sessionId);
      expect({ killAt, failure: session.failure }).toEqual({ killAt, failure: undefined });
      const done = session.pluginRuns.map(({ plugin, host, state }) => `${plugin} on ${host}: ${state}`);
      expect(done).toEqual([
        'stage on localhost: DONE',
        'bios on compute-1: DONE',
        'sweep on localhost: DONE',
      ]);
      return bench.journal.events(sessionId).length;
    };
    const length = await play();
    for (let killAt = 1; killAt < length; killAt += 1) await play(killAt);
  });
});

describe('a session that is deleted while a plug-in runs', () => {
  it('lets it come to its end, and keeps the host closed', async () => {
    const bench = await started();
    let aborted = false;
    bench.plugins.play = async (_task, report, signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      await lasting(bench, 60);
      await report(['flashed']);
    };
    const sessionId = await bench.open({ actions: [action('bios', 'compute'), action('zz', 'compute')] });
    await bench.clock.runUntil(() => bench.plugins.runs.length === 1);
    await bench.engine.delete(sessionId);
    expect(() => bench.engine.get(sessionId)).toThrow(SessionNotFound);
    await bench.clock.runUntil(() => bench.journal.events(sessionId).at(-1)?.type === 'session_closed');
    const events = bench.journal.events(sessionId);
    expect(events.some(({ type }) => type === 'plugin_reported')).toBe(true);
    expect({ aborted, runs: bench.plugins.runs.length }).toEqual({ aborted: false, runs: 1 });
    const closed = [...bench.cloud.hosts.values()].filter(({ open }) => !open);
    expect(closed.map(({ name }) => name)).toEqual([bench.plugins.runs[0]?.host]);
    expect(closed[0]?.reason).toContain('its maintenance began and did not end');
  });
});
