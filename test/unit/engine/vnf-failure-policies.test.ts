import { describe, expect, it } from 'vitest';
import { foldSession } from '../../../src/domain/fold-session.ts';
import type { FailurePolicy, Session } from '../../../src/domain/session.ts';
import { CloudError, PluginFailed } from '../../../src/engine/ports.ts';
import { askedInstance, type Notice } from '../../support/engine-bench.ts';
import { registerGroup, registerInstance } from '../../support/registered-limits.ts';
import {
  hostSeconds,
  isAboutHost,
  openHosts,
  row,
  type Answer,
  type VnfStage,
} from '../../support/vnf-stage.ts';

/** Everything that is asked about `app-2` is answered like this. */
function answersFor(stage: VnfStage, answer: Answer): void {
  stage.answers = (notice) => (isAboutHost(notice) && askedInstance(notice) === 'app-2' ? answer : undefined);
}

const refusal = { nack: true, reason: 'an election is on' } as const;

/** The move of `app-2` fails, and leaves it well. */
function failMoves(stage: VnfStage): void {
  stage.cloud.outcome = ({ instanceId }) =>
    instanceId === 'app-2' ? new CloudError('failed', 'the disk is full') : undefined;
}

function failPlugin(stage: VnfStage): void {
  const play = stage.plugins.play;
  stage.plugins.play = (task, ...more) =>
    task.host === 'compute-2' ? Promise.reject(new PluginFailed('no power')) : play(task, ...more);
}

/** All hosts but `compute-2` are maintained, that one is left aside; the session ends well. */
function expectOnlyOneLeftAside(stage: VnfStage, session: Session, reason: RegExp): void {
  expect(session.failure).toBeUndefined();
  expect(session.state).toBe('MAINTENANCE_DONE');
  expect(Object.fromEntries(session.hosts.map(({ name, progress }) => [name, progress]))).toEqual({
    spare: 'maintained',
    'compute-1': 'maintained',
    'compute-2': 'skipped',
    'compute-3': 'maintained',
  });
  expect(session.hosts.find(({ name }) => name === 'compute-2')?.skipReason).toMatch(reason);
  expect(stage.notices.filter(({ state }) => state === 'MAINTENANCE_COMPLETE').length).toBeGreaterThan(0);
}

describe('failure policy fail', () => {
  const cases: readonly [string, (stage: VnfStage) => void, RegExp][] = [
    ['a refusal', (stage) => answersFor(stage, refusal), /app-2 \(app-2\), refused .*: an election is on/],
    ['silence', (stage) => answersFor(stage, 'silence'), /app-2 \(app-2\), did not reply to .* in time/],
    ['a move that fails', failMoves, /app-2 \(app-2\) could not leave host compute-2.*the disk is full/],
    ['a plug-in that fails', failPlugin, /no power/],
  ];
  it.each(cases)('fails the session at %s; what is under way ends first', async (_, spoil, reason) => {
    const stage = await row(3);
    spoil(stage);
    const session = await stage.play();
    expect(session.state).toBe('MAINTENANCE_FAILED');
    expect(session.failure).toMatch(reason);
    const inMaintenance = session.hosts.filter(({ progress }) => progress === 'in_maintenance');
    expect(inMaintenance.map(({ name }) => name).filter((name) => name !== 'compute-2')).toEqual([]);
    for (const { task, source } of stage.cloud.instances.values())
      expect([task, source]).toEqual([null, undefined]);
  });

  it('fails it at a refusal of MAINTENANCE, before anything is touched', async () => {
    const stage = await row(2);
    stage.answers = ({ state, projectId }) =>
      state === 'MAINTENANCE' && projectId === 'project-2' ? { nack: true } : undefined;
    expect((await stage.play()).failure).toBe('project project-2 refused MAINTENANCE');
    expect(stage.cloud.records).toEqual([]);
  });
});

describe('failure policy skip', () => {
  it('leaves the host of a project that refuses aside, with its reason, and opens it', async () => {
    const stage = await row(3);
    answersFor(stage, refusal);
    const session = await stage.play({ failurePolicy: 'skip' });
    expectOnlyOneLeftAside(stage, session, /app-2 \(app-2\), refused .*: an election is on$/);
    expect(stage.startsOf('app-2')).toEqual([]);
    expect(openHosts(stage)).toHaveLength(4);
  });

  it('leaves the host of a silent project aside, after all reminders', async () => {
    const stage = await row(3);
    answersFor(stage, 'silence');
    const session = await stage.play({ failurePolicy: 'skip' });
    expectOnlyOneLeftAside(stage, session, /app-2 \(app-2\), did not reply to .* in time/);
    const notices = stage.noticesFor('app-2');
    expect(notices.map(({ at }) => (at - (notices[0]?.at ?? 0)) / 1000)).toEqual([0, 25, 50]);
    expect(stage.startsOf('app-2')).toEqual([]);
    expect(openHosts(stage)).toHaveLength(4);
  });

  it('leaves a host aside whose instance cannot be moved', async () => {
    const stage = await row(3);
    failMoves(stage);
    const session = await stage.play({ failurePolicy: 'skip' });
    expectOnlyOneLeftAside(
      stage,
      session,
      /app-2 \(app-2\) could not leave host compute-2.*the disk is full/,
    );
    expect(openHosts(stage)).toHaveLength(4);
  });

  it('keeps a host closed whose plug-in failed, with the reason in the cloud', async () => {
    const stage = await row(3);
    failPlugin(stage);
    const session = await stage.play({ failurePolicy: 'skip' });
    expectOnlyOneLeftAside(stage, session, /no power/);
    await stage.pass(600);
    expect(openHosts(stage)).toEqual(['spare', 'compute-1', 'compute-3']);
    expect(stage.cloud.hosts.get('compute-2')?.reason).toContain('its maintenance began and did not end');
  });

  it.each<[string, Answer]>([
    ['refuses', { nack: true }],
    ['is silent at', 'silence'],
  ])('leaves the hosts of a project aside that %s MAINTENANCE', async (_, answer) => {
    const stage = await row(3);
    stage.answers = ({ state, projectId }) =>
      state === 'MAINTENANCE' && projectId === 'project-2' ? answer : undefined;
    const session = await stage.play({ failurePolicy: 'skip' });
    expectOnlyOneLeftAside(
      stage,
      session,
      /^project project-2 (refused MAINTENANCE|did not reply to MAINTENANCE in time)$/,
    );
    expect(stage.noticesFor('app-2')).toEqual([]);
    expect(openHosts(stage)).toHaveLength(4);
  });

  it.each<[string, Answer]>([
    ['frees nothing', { state: 'ACK_SCALE_IN', nack: true }],
    ['refuses', { nack: true }],
    ['is silent', 'silence'],
  ])('leaves those aside for which there is no room where everybody %s at SCALE_IN', async (_, answer) => {
    const stage = await row(2, {}, 2);
    // Room for one of the two instances of each host.
    for (const n of [1, 2]) stage.cloud.addInstance(`more-${n}`, `compute-${n}`, `project-${n}`);
    stage.cloud.addInstance('filler', 'spare', 'project-1');
    stage.cloud.addHost('empty', 0);
    stage.answers = ({ state }) => (state === 'SCALE_IN' ? answer : undefined);
    const session = await stage.play({ failurePolicy: 'skip' });
    expect([session.state, session.failure]).toEqual(['MAINTENANCE_DONE', undefined]);
    const left = session.hosts.filter(({ progress }) => progress === 'skipped');
    expect(left.map(({ name }) => name)).toContain('compute-1');
    for (const { skipReason } of left) expect(skipReason).toMatch(/no room|SCALE_IN/);
    expect(openHosts(stage)).toHaveLength(4);
  });

  it('goes on elsewhere while moves from a host that cannot be emptied come to their end', async () => {
    const stage = await row(3, {}, 5);
    stage.cloud.addInstance('late-1', 'compute-1', 'project-1');
    stage.cloud.addInstance('slow-2', 'compute-2', 'project-2');
    await registerGroup(stage, 'group-1', ['app-1', 'late-1'], {
      projectId: 'project-1',
      recoverySeconds: 30,
    });
    await registerGroup(stage, 'group-2', ['app-2', 'slow-2'], {
      projectId: 'project-2',
      maxImpactedMembers: 2,
    });
    stage.cloud.secondsOf.set('slow-2', 200);
    failMoves(stage);
    const session = await stage.play({ failurePolicy: 'skip' });
    expectOnlyOneLeftAside(stage, session, /app-2 .*the disk is full/);
    const [slow = 0] = stage.startsOf('slow-2');
    expect(stage.startsOf('app-1', 'late-1').map((at) => at - slow)).toEqual([0, 50]);
  });

  it('lets one silent project delay none but the hosts that carry it', async () => {
    // There is room for one instance at a time.
    const undisturbed = await row(6, {}, 1);
    const usual = await undisturbed.play({ failurePolicy: 'skip' });
    const stage = await row(6, {}, 1);
    answersFor(stage, 'silence');
    const session = await stage.play({ failurePolicy: 'skip' });
    const endOf = ({ hosts, createdAt }: Session) =>
      Math.max(...hosts.map(({ maintenanceEndedAt = 0 }) => maintenanceEndedAt)) - createdAt;
    expect(session.hosts.filter(({ progress }) => progress === 'maintained')).toHaveLength(6);
    // A host less to do; whoever is silent is waited for a moment before others are told in its stead.
    expect(endOf(session) - endOf(usual)).toBeLessThanOrEqual((12 - hostSeconds) * 1000);
  });
});

describe('failure policy force', () => {
  const play = async (answer: Answer, leadSeconds: number, policy: FailurePolicy = 'force') => {
    const stage = await row(3, { sends: 2 });
    await registerInstance(stage, 'app-2', 'group-2', { projectId: 'project-2', leadSeconds });
    answersFor(stage, answer);
    return { stage, session: await stage.play({ failurePolicy: policy }) };
  };

  it('acts without a reply after the last reminder, and after no less than the lead time', async () => {
    const { stage, session } = await play('silence', 40);
    expect(session.failure).toBeUndefined();
    expect(session.hosts.every(({ progress }) => progress === 'maintained')).toBe(true);
    const notices = stage.noticesFor('app-2');
    expect(notices).toHaveLength(2);
    const [begun = 0] = stage.startsOf('app-2');
    expect(begun).toBeGreaterThanOrEqual((notices[0]?.at ?? 0) / 1000 + 80);
  });

  it('waits for the whole lead time though the notice was sent but once', async () => {
    const stage = await row(3, { sends: 1 });
    // Registered when it was asked already: the window of its notice is over before.
    answersFor(stage, 'silence');
    const sessionId = await stage.begin({ failurePolicy: 'force' });
    await stage.clock.runUntil(() => stage.noticesFor('app-2').length > 0);
    const asked = (stage.noticesFor('app-2')[0] as Notice).at / 1000;
    await registerInstance(stage, 'app-2', 'group-2', { projectId: 'project-2', leadSeconds: 300 });
    await stage.change((await stage.constraints.find('instance', ['app-2']))[0] as never);
    expect((await stage.finish(sessionId)).failure).toBeUndefined();
    expect(stage.startsOf('app-2')[0]).toBeGreaterThanOrEqual(asked + 300);
  });

  it('heeds a refusal: the host is left aside', async () => {
    const { stage, session } = await play(refusal, 40);
    expectOnlyOneLeftAside(stage, session, /refused .*: an election is on$/);
    expect(stage.startsOf('app-2')).toEqual([]);
  });

  it('asks a project again that was silent at MAINTENANCE, and acts without its reply', async () => {
    const stage = await row(3, { sends: 2 });
    stage.answers = ({ projectId }) => (projectId === 'project-2' ? 'silence' : undefined);
    const session = await stage.play({ failurePolicy: 'force' });
    expect(session.failure).toBeUndefined();
    expect(stage.noticesFor('app-2')).toHaveLength(2);
    expect(session.hosts.every(({ progress }) => progress === 'maintained')).toBe(true);
  });

  it('leaves the hosts of a project aside that refused MAINTENANCE', async () => {
    const stage = await row(3);
    stage.answers = ({ state, projectId }) =>
      state === 'MAINTENANCE' && projectId === 'project-2' ? { nack: true } : undefined;
    expectOnlyOneLeftAside(stage, await stage.play({ failurePolicy: 'force' }), /refused MAINTENANCE$/);
  });
});

describe('room that was given away ahead, on a host in maintenance', () => {
  it('is looked for elsewhere where that maintenance fails; the rest goes on', async () => {
    const stage = await row(24, {}, 3);
    stage.cloud.moveSeconds = 60;
    for (let n = 1; n <= 24; n += 1) {
      for (const more of ['a', 'b']) {
        stage.cloud.addInstance(`more-${n}${more}`, `compute-${n}`);
        await registerGroup(stage, `more-${n}${more}`, [`more-${n}${more}`]);
      }
    }
    stage.cloud.addHost('spare-2', 3);
    stage.cloud.addHost('spare-3', 3);
    const { play } = stage.plugins;
    const failing = new Set(['spare', 'compute-9']);
    stage.plugins.play = async (task, report, signal) => {
      await play(task, report, signal);
      if (failing.has(task.host)) throw new PluginFailed('the firmware refuses');
    };
    const session = await stage.finish(await stage.begin({ failurePolicy: 'skip' }), 50_000);
    expect(session.failure).toBeUndefined();
    const aside = session.hosts.filter(({ progress }) => progress === 'skipped').map(({ name }) => name);
    expect(aside.sort()).toEqual([...failing].sort());
    // Room was in fact reserved on a host while that was in maintenance, and one of these failed.
    expect(await reservedAhead(stage)).toContain('spare');
    expect(stage.cloud.on('spare')).toEqual([]);
  });

  /** The hosts that were in maintenance when an instance was promised a place there. */
  async function reservedAhead(stage: VnfStage): Promise<readonly string[]> {
    const ahead = new Set<string>();
    let session: Session | undefined;
    for (const entry of await stage.journal.read('session-1')) {
      if (entry.event.type === 'host_admitted' && session !== undefined) {
        for (const target of Object.values(entry.event.targets))
          if (session.hosts.some(({ name, progress }) => name === target && progress === 'in_maintenance'))
            ahead.add(target);
      }
      session = foldSession(session, entry);
    }
    return [...ahead];
  }
});
