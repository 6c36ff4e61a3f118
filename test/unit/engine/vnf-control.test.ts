import { describe, expect, it } from 'vitest';
import {
  HostNotInSession,
  HostNotSkippable,
  SessionNotRunning,
} from '../../../src/engine/maintenance-service.ts';
import type { SessionEvent } from '../../../src/domain/session-event.ts';
import { doctorScenario, EngineBench, type Notice } from '../../support/engine-bench.ts';
import { registerGroup } from '../../support/registered-limits.ts';
import { hostSeconds, isAboutHost, openHosts, row, VnfStage } from '../../support/vnf-stage.ts';

/** Does this event begin something in the cloud, or tell a project of something that is going to be begun? */
function begins(event: SessionEvent): boolean {
  if (event.type === 'host_admitted' || event.type === 'host_maintenance_started') return true;
  if (event.type === 'state_entered' || event.type === 'host_chosen') return true;
  if (event.type !== 'command_issued') return false;
  const { command } = event;
  if (command.kind === 'notify_project') return command.state !== 'INSTANCE_ACTION_DONE';
  return command.kind === 'move_instance' || command.kind === 'close_host';
}

/** Is nothing on its way in the cloud, and no host in maintenance? */
function isQuiet(bench: EngineBench, sessionId: string): boolean {
  const { hosts } = bench.engine.get(sessionId);
  return (
    [...bench.cloud.instances.values()].every(({ task, source }) => task === null && source === undefined) &&
    hosts.every(({ progress }) => progress !== 'in_maintenance')
  );
}

async function control(bench: EngineBench, sessionId: string, kind: 'pause' | 'resume' | 'abort') {
  return bench.engine.control(sessionId, { kind });
}

const skip = (bench: EngineBench, sessionId: string, host: string) =>
  bench.engine.control(sessionId, { kind: 'skip_host', host });

const allDone = { failure: undefined, state: 'MAINTENANCE_DONE' };
const outcome = ({ failure, state }: { failure?: string; state: string }) => ({ failure, state });

async function passOn(bench: EngineBench, seconds: number): Promise<void> {
  const until = bench.clock.now() + seconds * 1000;
  bench.clock.at(until, () => undefined);
  await bench.clock.runUntil(() => bench.clock.now() >= until);
}

describe('pause', () => {
  it('at any moment begins nothing new, brings what is under way to its end, and resume goes on', async () => {
    const undisturbed = await row(3);
    await undisturbed.play();
    const length = undisturbed.journal.events('session-1').length;
    for (let events = 1; events < length - 1; events += 3) {
      const stage = await row(3);
      const sessionId = await stage.begin();
      await stage.clock.runUntil(() => stage.journal.events(sessionId).length >= events);
      if (stage.engine.get(sessionId).endedAt !== undefined) break;
      await control(stage, sessionId, 'pause');
      const before = stage.journal.events(sessionId).length;
      await stage.pass(1000);
      const meanwhile = stage.journal.events(sessionId).slice(before);
      expect({ events, begun: meanwhile.filter(begins) }).toEqual({ events, begun: [] });
      expect({ events, isQuiet: isQuiet(stage, sessionId) }).toEqual({ events, isQuiet: true });
      await control(stage, sessionId, 'resume');
      expect({ events, ...outcome(await stage.finish(sessionId)) }).toEqual({ events, ...allDone });
    }
  });

  it('said twice is as said once, and so is resume', async () => {
    const stage = await row(2);
    const sessionId = await stage.begin();
    await stage.untilProgress(sessionId, 'spare', 'in_maintenance');
    await control(stage, sessionId, 'pause');
    const { pausedAt } = stage.engine.get(sessionId);
    await stage.pass(10);
    const session = await control(stage, sessionId, 'pause');
    expect(session).toMatchObject({ paused: true, pausedAt });
    await control(stage, sessionId, 'resume');
    expect((await control(stage, sessionId, 'resume')).paused).toBe(false);
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
  });

  it('outlives the server', async () => {
    const stage = await row(2);
    stage.plugins.manifests.set('maintenance', { afterCrash: 'repeat', timeoutSeconds: 600 });
    const sessionId = await stage.begin();
    await stage.untilProgress(sessionId, 'spare', 'in_maintenance');
    await control(stage, sessionId, 'pause');
    await stage.crash();
    const before = stage.journal.events(sessionId).length;
    await stage.pass(1000);
    expect(stage.journal.events(sessionId).slice(before).filter(begins)).toEqual([]);
    expect(stage.progressOf(sessionId, 'spare')).toBe('maintained');
    await control(stage, sessionId, 'resume');
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
  });

  it('takes nobody’s time to reply', async () => {
    const stage = await row(1);
    let asked: Notice | undefined;
    stage.answers = (notice) => {
      if (!isAboutHost(notice)) return undefined;
      asked ??= notice;
      return 'silence';
    };
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => asked !== undefined);
    // Its lead time is 25 s.
    await stage.pass(5);
    await control(stage, sessionId, 'pause');
    await stage.pass(1000);
    await control(stage, sessionId, 'resume');
    await stage.pass(19);
    expect(stage.noticesFor('app-1')).toHaveLength(1);
    await stage.pass(2);
    expect(stage.noticesFor('app-1')).toHaveLength(2);
    stage.answers = () => undefined;
    await stage.reply(stage.noticesFor('app-1').at(-1) as Notice);
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
  });

  it('takes nobody’s time to reply to MAINTENANCE, though the maintenance was to begin meanwhile', async () => {
    const stage = await row(1);
    stage.answers = ({ state }) => (state === 'MAINTENANCE' ? 'silence' : undefined);
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => stage.notices.length > 0);
    await stage.pass(5);
    await control(stage, sessionId, 'pause');
    await stage.pass(1000);
    await control(stage, sessionId, 'resume');
    await stage.pass(5);
    expect(stage.engine.get(sessionId).endedAt).toBeUndefined();
    for (const notice of stage.notices) await stage.reply(notice);
    stage.answers = () => undefined;
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
  });

  it('takes replies, which count when it is resumed', async () => {
    const stage = await row(1);
    stage.answers = (notice) => (isAboutHost(notice) ? 'silence' : undefined);
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => stage.noticesFor('app-1').length > 0);
    await control(stage, sessionId, 'pause');
    await stage.pass(500);
    await stage.reply(stage.noticesFor('app-1')[0] as Notice);
    await stage.pass(500);
    expect(stage.startsOf('app-1')).toEqual([]);
    await control(stage, sessionId, 'resume');
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
    expect(stage.noticesFor('app-1')).toHaveLength(1);
  });

  it('lets a host that is held in maintenance by hand come to its end, though others wait to be begun', async () => {
    const stage = await row(3, { hostMaintenanceSeconds: 300 });
    stage.maintenanceSeconds.clear();
    stage.cloud.addHost('outside', 4);
    stage.answers = (notice) => (isAboutHost(notice) ? 'silence' : undefined);
    const sessionId = await stage.begin({ hosts: ['spare', 'compute-1', 'compute-2', 'compute-3'] });
    await stage.clock.runUntil(() => stage.noticesFor('app-1').length > 0);
    expect(stage.progressOf(sessionId, 'spare')).toBe('in_maintenance');
    await control(stage, sessionId, 'pause');
    stage.answers = () => undefined;
    await stage.reply(stage.noticesFor('app-1')[0] as Notice);
    await stage.pass(400);
    expect(stage.progressOf(sessionId, 'spare')).toBe('maintained');
    await stage.pass(10);
    expect(openHosts(stage)).toContain('spare');
    await control(stage, sessionId, 'resume');
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
  });

  it('brings a move to its end also where an instance of an unknown project appears meanwhile', async () => {
    const stage = await row(2, {}, 4);
    // The host of the other is looked at when it is empty, while this one is still under way.
    stage.cloud.secondsOf.set('app-2', 100);
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => stage.startsOf('app-1', 'app-2').length === 2);
    stage.cloud.addInstance('late', 'compute-2', 'project-9');
    await control(stage, sessionId, 'pause');
    await stage.pass(500);
    expect(isQuiet(stage, sessionId)).toBe(true);
    await control(stage, sessionId, 'resume');
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
  });
});

describe('abort', () => {
  it('at any moment brings what is under way to its end, opens the hosts, and fails the session', async () => {
    const undisturbed = await row(3);
    await undisturbed.play();
    const length = undisturbed.journal.events('session-1').length;
    for (let events = 1; events < length - 1; events += 3) {
      const stage = await row(3);
      const sessionId = await stage.begin();
      await stage.clock.runUntil(() => stage.journal.events(sessionId).length >= events);
      if (stage.engine.get(sessionId).endedAt !== undefined) break;
      await control(stage, sessionId, 'abort');
      const before = stage.journal.events(sessionId).length;
      const session = await stage.finish(sessionId, 1000);
      const meanwhile = stage.journal.events(sessionId).slice(before);
      const begun = meanwhile.filter(begins).filter(({ type }) => type !== 'state_entered');
      expect({ events, begun, ...outcome(session) }).toEqual({
        events,
        begun: [],
        failure: 'an admin aborted the session',
        state: 'MAINTENANCE_FAILED',
      });
      expect({ events, isQuiet: isQuiet(stage, sessionId) }).toEqual({ events, isQuiet: true });
      await stage.pass(200);
      expect(openHosts(stage)).toHaveLength(4);
      await stage.engine.continue(sessionId);
      expect({ events, ...outcome(await stage.finish(sessionId)) }).toEqual({ events, ...allDone });
    }
  });

  it('finishes a host in maintenance and opens it', async () => {
    const stage = await row(2);
    const sessionId = await stage.begin();
    await stage.untilProgress(sessionId, 'spare', 'in_maintenance');
    await control(stage, sessionId, 'abort');
    await control(stage, sessionId, 'abort');
    const session = await stage.finish(sessionId);
    expect(stage.progressOf(sessionId, 'spare')).toBe('maintained');
    const { maintenanceStartedAt = 0 } = session.hosts[0] ?? {};
    expect(session.endedAt).toBe(maintenanceStartedAt + hostSeconds * 1000);
  });

  it('ends a paused session', async () => {
    const stage = await row(2);
    const sessionId = await stage.begin();
    await stage.untilProgress(sessionId, 'spare', 'in_maintenance');
    await control(stage, sessionId, 'pause');
    await control(stage, sessionId, 'abort');
    expect((await stage.finish(sessionId)).failure).toBe('an admin aborted the session');
    const continued = await stage.engine.continue(sessionId);
    expect(continued.paused).toBe(false);
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
  });
});

describe('a host that is to be left aside', () => {
  it.each(['compute-1', 'compute-3', 'spare'])('is not touched while it waits: %s', async (host) => {
    const stage = await row(3);
    const sessionId = await stage.begin();
    await stage.pass(1);
    await skip(stage, sessionId, host);
    const session = await stage.finish(sessionId);
    expect(outcome(session)).toEqual(allDone);
    expect(session.hosts.map(({ name, progress }) => [name, progress])).toEqual(
      ['spare', 'compute-1', 'compute-2', 'compute-3'].map((name) => [
        name,
        name === host ? 'skipped' : 'maintained',
      ]),
    );
    expect(session.hosts.find(({ name }) => name === host)?.skipReason).toBe('an admin had it left aside');
    expect(stage.hostNotices.filter((notice) => notice.host === host)).toEqual([]);
    expect(openHosts(stage)).toHaveLength(4);
    if (host !== 'spare') {
      const own = `app-${host.slice(-1)}`;
      expect(stage.noticesFor(own)).toEqual([]);
      expect(stage.startsOf(own)).toEqual([]);
      expect(stage.cloud.instances.get(own)?.host).toBe(host);
    }
  });

  it('that is being emptied is left after its running moves, and opened', async () => {
    const stage = await row(3, { parallelMoves: 1 }, 4);
    stage.cloud.addInstance('app-4', 'compute-1', 'project-1');
    await registerGroup(stage, 'group-4', ['app-4']);
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => stage.startsOf('app-1', 'app-4').length === 1);
    await skip(stage, sessionId, 'compute-1');
    await skip(stage, sessionId, 'compute-1');
    expect(stage.progressOf(sessionId, 'compute-1')).toBe('draining');
    await stage.untilProgress(sessionId, 'compute-1', 'skipped');
    expect(stage.startsOf('app-1', 'app-4')).toHaveLength(1);
    expect(stage.cloud.records.filter(({ what }) => what === 'confirmed').length).toBeGreaterThan(0);
    await skip(stage, sessionId, 'compute-1');
    const session = await stage.finish(sessionId);
    expect(outcome(session)).toEqual(allDone);
    expect(openHosts(stage)).toHaveLength(4);
    expect(stage.hostNotices.filter(({ host }) => host === 'compute-1')).toEqual([]);
    expect(session.hosts.filter(({ progress }) => progress === 'maintained')).toHaveLength(3);
  });

  it('is refused in maintenance, and once it is maintained', async () => {
    const stage = await row(2);
    const sessionId = await stage.begin();
    await stage.untilProgress(sessionId, 'spare', 'in_maintenance');
    await expect(skip(stage, sessionId, 'spare')).rejects.toThrow(HostNotSkippable);
    await stage.untilProgress(sessionId, 'spare', 'maintained');
    await expect(skip(stage, sessionId, 'spare')).rejects.toThrow(HostNotSkippable);
    await expect(skip(stage, sessionId, 'compute-7')).rejects.toThrow(HostNotInSession);
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
  });

  it('is left while the session is paused', async () => {
    const stage = await row(2);
    const sessionId = await stage.begin();
    await stage.untilProgress(sessionId, 'spare', 'in_maintenance');
    await control(stage, sessionId, 'pause');
    await skip(stage, sessionId, 'compute-2');
    await control(stage, sessionId, 'resume');
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
    expect(stage.progressOf(sessionId, 'compute-2')).toBe('skipped');
  });

  it('before anything was planned needs no room to be made for it', async () => {
    const stage = new VnfStage();
    for (const [name, slots] of [
      ['compute-1', 2],
      ['compute-2', 2],
      ['large', 8],
    ] as const)
      stage.cloud.addHost(name, slots);
    stage.cloud.addInstance('app-1', 'compute-1');
    for (let n = 1; n <= 8; n += 1) stage.cloud.addInstance(`many-${n}`, 'large', 'project-2');
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => stage.engine.get(sessionId).hosts.length > 0);
    await skip(stage, sessionId, 'large');
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
    expect(stage.notices.filter(({ state }) => state === 'SCALE_IN')).toEqual([]);
  });
});

describe('a host that is left aside while room is asked for', () => {
  it('needs none any more', async () => {
    const stage = new VnfStage();
    for (const [name, slots] of [
      ['compute-1', 2],
      ['compute-2', 2],
      ['large', 8],
    ] as const)
      stage.cloud.addHost(name, slots);
    stage.cloud.addInstance('app-1', 'compute-1');
    for (let n = 1; n <= 8; n += 1) stage.cloud.addInstance(`many-${n}`, 'large', 'project-2');
    stage.answers = ({ state }) => (state === 'SCALE_IN' ? 'silence' : undefined);
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => stage.notices.some(({ state }) => state === 'SCALE_IN'));
    await skip(stage, sessionId, 'large');
    for (const { projectId } of stage.notices.filter(({ state }) => state === 'SCALE_IN'))
      await stage.engine.reply(sessionId, projectId, { state: 'ACK_SCALE_IN' });
    expect(outcome(await stage.finish(sessionId))).toEqual(allDone);
  });
});

describe('an ended session', () => {
  it('takes no control', async () => {
    const stage = await row(1);
    const { id } = await stage.play();
    for (const kind of ['pause', 'resume', 'abort'] as const)
      await expect(control(stage, id, kind)).rejects.toThrow(SessionNotRunning);
    await expect(skip(stage, id, 'spare')).rejects.toThrow(SessionNotRunning);
  });
});

describe('a session of the workflow `default`', () => {
  async function begin(settings = {}): Promise<{ bench: EngineBench; sessionId: string }> {
    const bench = new EngineBench(settings);
    doctorScenario(bench);
    for (const name of bench.cloud.hosts.keys()) bench.maintenanceSeconds.set(name, hostSeconds);
    await bench.engine.start();
    return { bench, sessionId: await bench.open() };
  }

  it('pauses at any moment, and resumes', async () => {
    const undisturbed = await begin();
    await undisturbed.bench.finish(undisturbed.sessionId);
    const length = undisturbed.bench.journal.events('session-1').length;
    for (let events = 1; events < length - 1; events += 4) {
      const { bench, sessionId } = await begin();
      await bench.clock.runUntil(() => bench.journal.events(sessionId).length >= events);
      if (bench.engine.get(sessionId).endedAt !== undefined) break;
      await control(bench, sessionId, 'pause');
      const before = bench.journal.events(sessionId).length;
      await passOn(bench, 1000);
      const meanwhile = bench.journal.events(sessionId).slice(before);
      expect({ events, begun: meanwhile.filter(begins) }).toEqual({ events, begun: [] });
      expect({ events, isQuiet: isQuiet(bench, sessionId) }).toEqual({ events, isQuiet: true });
      await control(bench, sessionId, 'resume');
      expect({ events, ...outcome(await bench.finish(sessionId, 5_000)) }).toEqual({ events, ...allDone });
    }
  });

  it('is aborted at any moment', async () => {
    const undisturbed = await begin();
    await undisturbed.bench.finish(undisturbed.sessionId);
    const length = undisturbed.bench.journal.events('session-1').length;
    for (let events = 1; events < length - 1; events += 4) {
      const { bench, sessionId } = await begin();
      await bench.clock.runUntil(() => bench.journal.events(sessionId).length >= events);
      if (bench.engine.get(sessionId).endedAt !== undefined) break;
      await control(bench, sessionId, 'abort');
      const session = await bench.finish(sessionId, 1000);
      expect({ events, failure: session.failure }).toEqual({
        events,
        failure: 'an admin aborted the session',
      });
      expect({ events, isQuiet: isQuiet(bench, sessionId) }).toEqual({ events, isQuiet: true });
      await passOn(bench, 200);
      expect(openHosts(bench)).toHaveLength(5);
      await bench.engine.continue(sessionId);
      expect({ events, ...outcome(await bench.finish(sessionId, 5_000)) }).toEqual({ events, ...allDone });
    }
  });

  it('leaves a waiting host aside, at any moment', async () => {
    const undisturbed = await begin();
    await undisturbed.bench.finish(undisturbed.sessionId);
    const length = undisturbed.bench.journal.events('session-1').length;
    for (let events = 1; events < length - 1; events += 4) {
      const { bench, sessionId } = await begin();
      await bench.clock.runUntil(() => bench.journal.events(sessionId).length >= events);
      if (bench.engine.get(sessionId).endedAt !== undefined) break;
      const { hosts, visit } = bench.engine.get(sessionId);
      const host = hosts
        .toReversed()
        .find(({ name, progress }) => progress === 'waiting' && name !== visit.host);
      if (host === undefined) continue;
      await skip(bench, sessionId, host.name);
      const session = await bench.finish(sessionId, 5_000);
      expect({ events, ...outcome(session) }).toEqual({ events, ...allDone });
      expect(session.hosts.filter(({ progress }) => progress === 'skipped').map(({ name }) => name)).toEqual([
        host.name,
      ]);
      expect(bench.hostNotices.filter((notice) => notice.host === host.name)).toEqual([]);
      await passOn(bench, 200);
      expect(openHosts(bench)).toHaveLength(5);
    }
  });

  it('does not leave the host aside that it is emptying', async () => {
    const { bench, sessionId } = await begin();
    await bench.clock.runUntil(() => bench.engine.get(sessionId).visit.host !== undefined);
    const { host = '' } = bench.engine.get(sessionId).visit;
    await expect(skip(bench, sessionId, host)).rejects.toThrow(HostNotSkippable);
  });
});
