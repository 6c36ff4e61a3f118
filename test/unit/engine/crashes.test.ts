import { describe, expect, it } from 'vitest';
import { foldSession } from '../../../src/domain/fold-session.ts';
import type { Session, SessionRequest } from '../../../src/domain/session.ts';
import type { WorkflowSettings } from '../../../src/domain/settings.ts';
import { pause } from '../../../src/engine/pause.ts';
import { doctorScenario, EngineBench } from '../../support/engine-bench.ts';
import { registerGroup } from '../../support/registered-limits.ts';
import { withFallback } from '../../support/small-cloud.ts';

interface Scene {
  readonly name: string;
  readonly settings?: Partial<WorkflowSettings>;
  readonly build: (bench: EngineBench) => Promise<void> | void;
  readonly request?: Partial<SessionRequest>;
}

/** Kinds of sessions that call different things outside. */
const scenes: readonly Scene[] = [
  { name: 'over cold migrations', build: (bench) => doctorScenario(bench) },
  {
    name: 'with live migrations that are broken off, and cold ones after them',
    settings: { liveMigrationSeconds: 60 },
    build: (bench) => {
      for (const host of ['compute-1', 'compute-2', 'compute-3']) bench.cloud.addHost(host, 2);
      for (const id of ['app-1', 'app-2']) bench.cloud.addInstance(id, `compute-${id.slice(-1)}`);
      bench.action = 'LIVE_MIGRATE';
      bench.cloud.liveSeconds = 100_000;
      withFallback(bench, 'MIGRATE');
    },
  },
  {
    name: 'with plug-ins and packages',
    build: (bench) => {
      doctorScenario(bench);
      for (const plugin of ['before', 'firmware', 'kernel', 'after'])
        bench.plugins.manifests.set(plugin, { afterCrash: 'repeat', timeoutSeconds: 60 });
      bench.plugins.play = async (_task, report, signal) => {
        await report(['working']);
        await pause(bench.clock, 2_000, signal);
      };
    },
    request: {
      actions: [
        { plugin: 'before', type: 'pre', metadata: {} },
        { plugin: 'firmware', type: 'host', metadata: {} },
        { plugin: 'kernel', type: 'compute', metadata: {} },
        { plugin: 'after', type: 'post', metadata: {} },
      ],
      downloads: [{ url: 'https://mirror.example.org/kernel.tar.gz' }],
    },
  },
  {
    name: 'of the workflow vnf',
    build: async (bench) => {
      doctorScenario(bench);
      await registerGroup(bench, 'ha', ['ha-1', 'ha-2'], { antiAffinity: true, maxInstancesPerHost: 1 });
    },
    request: { workflow: 'vnf' },
  },
];

async function begin({ settings, build, request = {} }: Scene) {
  const bench = new EngineBench(settings);
  await build(bench);
  await bench.engine.start();
  return { bench, sessionId: await bench.open(request) };
}

/** How many events the journal of an undisturbed session has. */
async function undisturbed(scene: Scene): Promise<number> {
  const { bench, sessionId } = await begin(scene);
  await bench.finish(sessionId);
  return bench.journal.events(sessionId).length;
}

/** Every move that was asked for was begun once, and every plug-in ended well once on every host. */
function expectOnce(bench: EngineBench, sessionId: string, { pluginRuns }: Session): void {
  const asked = bench.journal
    .events(sessionId)
    .filter((event) => event.type === 'command_issued' && event.command.kind === 'move_instance');
  expect(bench.cloud.records.filter(({ what }) => what === 'move_started')).toHaveLength(asked.length);
  const runs = pluginRuns.map(({ plugin, host, state }) => `${plugin} on ${host}: ${state}`);
  expect([...new Set(runs)]).toEqual(runs);
  expect(runs.filter((run) => !run.endsWith(': DONE'))).toEqual([]);
  const fresh = bench.plugins.runs.filter(({ repeated }) => !repeated).map(({ runId }) => runId);
  expect([...new Set(fresh)]).toEqual(fresh);
  const told = bench.hostNotices.map(({ host, state }) => `${host} ${state}`);
  expect(new Set(told).size).toBe(2 * bench.cloud.hosts.size);
}

describe('an engine that is killed', () => {
  it.for(scenes.map((scene) => [scene.name, scene] as const))(
    'after any event of the journal ends a session all the same, and does nothing twice: one %s',
    { timeout: 60_000 },
    async ([, scene]) => {
      const length = await undisturbed(scene);
      for (let events = 1; events < length; events += 1) {
        const { bench, sessionId } = await begin(scene);
        await bench.clock.runUntil(() => bench.journal.events(sessionId).length >= events);
        await bench.crash();
        await bench.clock.runUntil(() => bench.engine.list().length > 0);
        const session = await bench.finish(sessionId);
        expect({ events, state: session.state, failure: session.failure }).toEqual({
          events,
          state: 'MAINTENANCE_DONE',
          failure: undefined,
        });
        expectOnce(bench, sessionId, session);
      }
    },
  );

  it('repeats a notification with the message_id that it had', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    bench.brokerAway = true;
    await bench.engine.start();
    const sessionId = await bench.open();
    const issued = () =>
      bench.journal
        .events(sessionId)
        .flatMap((event) =>
          event.type === 'command_issued' && event.command.kind === 'notify_project' ? [event.commandId] : [],
        );
    await bench.clock.runUntil(() => issued().length > 0);
    bench.brokerAway = false;
    await bench.crash();
    await bench.finish(sessionId);
    expect(bench.notices[0]?.messageId).toBe(issued()[0]);
  });
});

describe('the journal', () => {
  it('replays to the session that the engine had', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    await bench.engine.start();
    const sessionId = await bench.open();
    const session = await bench.finish(sessionId);
    const replayed = (await bench.journal.read(sessionId)).reduce<Session | undefined>(
      foldSession,
      undefined,
    );
    expect(replayed).toEqual(bench.engine.get(sessionId));
    expect(replayed?.state).toBe(session.state);
  });
});
