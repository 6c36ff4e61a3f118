import { describe, expect, it } from 'vitest';
import { ActionNotOffered } from '../../../src/engine/maintenance-service.ts';
import { askedInstance, type Notice } from '../../support/engine-bench.ts';
import { registerGroup, registerInstance } from '../../support/registered-limits.ts';
import { isAboutHost, row, type Answer, type VnfStage } from '../../support/vnf-stage.ts';

const isFor = (id: string) => (notice: Notice) => isAboutHost(notice) && askedInstance(notice) === id;

/** `app-1` is answered for like this, time and again. */
function answerFor(stage: VnfStage, next: (notice: Notice, count: number) => Answer | undefined): void {
  let count = 0;
  stage.answers = (notice) => (isFor('app-1')(notice) ? next(notice, (count += 1)) : undefined);
}

const askedAt = (stage: VnfStage) => stage.noticesFor('app-1').map(({ at }) => at / 1000);
const allowed = (notice: Notice | undefined) => notice?.payload['allowed_actions'];

describe('a plain answer', () => {
  it('ACK gives the rest of the lead time away', async () => {
    const stage = await row(1);
    await registerInstance(stage, 'app-1', 'group-1', { leadSeconds: 500 });
    expect((await stage.play()).failure).toBeUndefined();
    const [asked = 0] = askedAt(stage);
    expect(stage.startsOf('app-1')[0]).toBeLessThan(asked + 500);
  });

  it('NACK without a reason is a refusal', async () => {
    const stage = await row(1);
    answerFor(stage, () => ({ nack: true }));
    expect((await stage.play()).failure).toMatch(/app-1 \(app-1\), refused P[A-Z]+_MAINTENANCE$/);
  });

  it('that comes late is passed over, and so is a second one to the contrary', async () => {
    const stage = await row(1);
    answerFor(stage, (notice, count) => {
      if (count > 1) return undefined;
      // After the first window, while the second notice is answered.
      stage.clock.at(notice.at + 26_000, () => void stage.reply(notice, { nack: true }));
      return 'silence';
    });
    expect((await stage.play()).failure).toBeUndefined();
    expect(stage.noticesFor('app-1')).toHaveLength(2);
  });

  it('that comes for a host that was left aside is passed over', async () => {
    const stage = await row(2, { sends: 1 });
    answerFor(stage, () => ({ afterSeconds: 200 }));
    const session = await stage.play({ failurePolicy: 'skip' });
    await stage.pass(300);
    expect(session.hosts.find(({ name }) => name === 'compute-1')?.progress).toBe('skipped');
    expect(stage.startsOf('app-1')).toEqual([]);
    expect(stage.thrown).toEqual([]);
  });
});

describe('an ACK that is ready from a time on', () => {
  it('is not acted upon before it, and then at once', async () => {
    const stage = await row(1);
    let readyAt = 0;
    answerFor(stage, ({ at }) => ({ readyAt: (readyAt = at + 700_000) }));
    expect((await stage.play()).failure).toBeUndefined();
    const [begun = 0] = stage.startsOf('app-1');
    expect(begun).toBeGreaterThanOrEqual(readyAt / 1000);
    expect(begun).toBeLessThan(readyAt / 1000 + 5);
  });

  it('keeps no other host waiting', async () => {
    // There is room for one instance at a time.
    const stage = await row(3, {}, 1);
    answerFor(stage, ({ at }) => ({ readyAt: at + 2_000_000 }));
    expect((await stage.play()).failure).toBeUndefined();
    const [last = 0] = stage.startsOf('app-1');
    expect(Math.max(...stage.startsOf('app-2', 'app-3'))).toBeLessThan(last - 1000);
  });
});

describe('an answer that is put off', () => {
  it('is asked for again at that time, with a whole window', async () => {
    const stage = await row(1, { sends: 1 });
    answerFor(stage, (_, count) => (count === 1 ? { nack: true, deferSeconds: 300 } : { afterSeconds: 20 }));
    expect((await stage.play()).failure).toBeUndefined();
    const [first = 0, second = 0] = askedAt(stage);
    expect(second - first).toBe(300);
    expect(stage.noticesFor('app-1')).toHaveLength(2);
    expect(stage.startsOf('app-1')[0]).toBeGreaterThanOrEqual(second + 20);
  });

  it('is asked for again with as many reminders as before', async () => {
    const stage = await row(1, { sends: 2 });
    answerFor(stage, (_, count) => {
      if (count === 1) return { nack: true, deferSeconds: 300 };
      return count === 2 ? 'silence' : undefined;
    });
    expect((await stage.play()).failure).toBeUndefined();
    expect(stage.noticesFor('app-1')).toHaveLength(3);
  });

  it('may be put off for so long in all, is asked for once more, and then counts as refused', async () => {
    const stage = await row(1, { maxDeferSeconds: 500 });
    answerFor(stage, () => ({ nack: true, deferSeconds: 300 }));
    const session = await stage.play();
    expect(session.failure).toMatch(/app-1 \(app-1\), put P[A-Z]+_MAINTENANCE off for more than 500 s$/);
    const [first = 0, ...later] = askedAt(stage);
    expect(later.map((at) => at - first)).toEqual([300, 500]);
    expect(stage.startsOf('app-1')).toEqual([]);
  });

  it('may be given at the last time', async () => {
    const stage = await row(1, { maxDeferSeconds: 500 });
    answerFor(stage, (_, count) => (count < 3 ? { nack: true, deferSeconds: 300 } : undefined));
    expect((await stage.play()).failure).toBeUndefined();
    expect(stage.noticesFor('app-1')).toHaveLength(3);
  });

  it('leaves its host aside where the policy is skip, and delays no other', async () => {
    const stage = await row(3, { maxDeferSeconds: 3_000 });
    answerFor(stage, () => ({ nack: true, deferSeconds: 3_000 }));
    const session = await stage.play({ failurePolicy: 'skip' });
    expect(session.hosts.find(({ name }) => name === 'compute-1')).toMatchObject({
      progress: 'skipped',
      skipReason: expect.stringContaining('off for more than 3000 s') as unknown,
    });
    const [first = 0] = askedAt(stage);
    for (const { name, maintenanceEndedAt = Infinity } of session.hosts)
      if (name !== 'compute-1') expect(maintenanceEndedAt / 1000).toBeLessThan(first + 1_000);
  });

  it('may come in another order of words: refused after it was put off', async () => {
    const stage = await row(1);
    answerFor(stage, (_, count) =>
      count === 1 ? { nack: true, deferSeconds: 60 } : { nack: true, reason: 'not this year' },
    );
    expect((await stage.play()).failure).toMatch(/refused P[A-Z]+_MAINTENANCE: not this year$/);
  });
});

describe('OWN_ACTION', () => {
  /** Two members of a group that bears one impacted at once, on two hosts that are told of together. */
  async function pair(maxImpactedMembers: number): Promise<VnfStage> {
    const stage = await row(2, {}, 4);
    stage.cloud.instances.clear();
    stage.cloud.addInstance('app-1', 'compute-1');
    stage.cloud.addInstance('app-2', 'compute-1');
    await registerGroup(stage, 'pair', ['app-1', 'app-2'], { maxImpactedMembers });
    return stage;
  }

  it('is offered where a slot is free, and to no other meanwhile', async () => {
    const stage = await pair(1);
    stage.answers = (notice) => (isAboutHost(notice) ? 'silence' : undefined);
    await stage.begin();
    await stage.clock.runUntil(() => stage.notices.filter(isAboutHost).length === 2);
    const offers = ['app-1', 'app-2'].map((id) => allowed(stage.noticesFor(id)[0]));
    expect(offers).toEqual([
      ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'],
      ['MIGRATE', 'LIVE_MIGRATE'],
    ]);
    const [first, second] = stage.notices.filter(isAboutHost) as [Notice, Notice];
    await stage.reply(second, { instanceAction: 'OWN_ACTION' });
    expect(stage.thrown).toEqual([expect.any(ActionNotOffered)]);
    await stage.reply(second, { instanceAction: 'MIGRATE' });
    await stage.reply(first, { instanceAction: 'OWN_ACTION' });
    expect(stage.thrown).toHaveLength(1);
  });

  it('holds its slot from the notice that offers it on', async () => {
    const stage = await pair(1);
    stage.answers = (notice) => {
      if (!isAboutHost(notice)) return undefined;
      return isFor('app-2')(notice) && stage.noticesFor('app-2').length === 1
        ? { nack: true, deferSeconds: 10 }
        : 'silence';
    };
    await stage.begin();
    await stage.clock.runUntil(() => stage.noticesFor('app-2').length === 2);
    expect(allowed(stage.noticesFor('app-1')[0])).toContain('OWN_ACTION');
    expect(allowed(stage.noticesFor('app-2')[1])).not.toContain('OWN_ACTION');
  });

  it('is offered to as many as there are slots', async () => {
    const stage = await pair(2);
    stage.answers = (notice) => (isAboutHost(notice) ? 'silence' : undefined);
    await stage.begin();
    await stage.clock.runUntil(() => stage.notices.filter(isAboutHost).length === 2);
    for (const id of ['app-1', 'app-2']) expect(allowed(stage.noticesFor(id)[0])).toContain('OWN_ACTION');
  });

  it('begins where we cannot see it: nobody else of its group is moved from the notice on until it is gone', async () => {
    const stage = await pair(1);
    await registerInstance(stage, 'app-1', 'pair', {
      migrationType: 'OWN_ACTION',
      resourceMitigation: false,
    });
    let left = 0;
    stage.answers = (notice) => {
      if (!isFor('app-1')(notice)) return undefined;
      stage.clock.at(notice.at + 20_000 + 90_000, () => {
        left = stage.clock.now() / 1000;
        stage.cloud.delete('app-1');
      });
      return { afterSeconds: 20 };
    };
    expect((await stage.play()).failure).toBeUndefined();
    const [asked = 0] = askedAt(stage);
    const [moved = 0] = stage.startsOf('app-2');
    expect(moved < asked - 20 || moved >= left).toBe(true);
    expect(left).toBeGreaterThan(0);
  });
});

describe('a reply while the session is paused', () => {
  it.each<[string, Exclude<Answer, 'silence'>, RegExp | undefined]>([
    ['ACK', {}, undefined],
    ['refusal', { nack: true, reason: 'no' }, /refused .*: no/],
  ])('counts once it is resumed: %s', async (_, answer, failure) => {
    const stage = await row(1);
    stage.answers = (notice) => (isAboutHost(notice) ? 'silence' : undefined);
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => stage.noticesFor('app-1').length > 0);
    await stage.engine.control(sessionId, { kind: 'pause' });
    await stage.reply(stage.noticesFor('app-1')[0] as Notice, answer);
    await stage.pass(600);
    expect(stage.engine.get(sessionId).endedAt).toBeUndefined();
    expect(stage.startsOf('app-1')).toEqual([]);
    await stage.engine.control(sessionId, { kind: 'resume' });
    const session = await stage.finish(sessionId);
    if (failure === undefined) expect(session.failure).toBeUndefined();
    else expect(session.failure).toMatch(failure);
    expect(stage.noticesFor('app-1')).toHaveLength(1);
  });

  it('that puts the answer off: it is asked for again when the session is resumed', async () => {
    const stage = await row(1);
    answerFor(stage, (_, count) => (count === 1 ? 'silence' : undefined));
    const sessionId = await stage.begin();
    await stage.clock.runUntil(() => stage.noticesFor('app-1').length > 0);
    await stage.engine.control(sessionId, { kind: 'pause' });
    await stage.reply(stage.noticesFor('app-1')[0] as Notice, { nack: true, deferSeconds: 100 });
    await stage.pass(600);
    expect(stage.noticesFor('app-1')).toHaveLength(1);
    await stage.engine.control(sessionId, { kind: 'resume' });
    expect((await stage.finish(sessionId)).failure).toBeUndefined();
    expect(stage.noticesFor('app-1')).toHaveLength(2);
  });
});
