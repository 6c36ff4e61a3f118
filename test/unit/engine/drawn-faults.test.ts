import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloudError, type CloudErrorCode } from '../../../src/engine/ports.ts';
import { doctorScenario, EngineBench, obliging } from '../../support/engine-bench.ts';

/** A fault that strikes the n-th call of a kind, once; or a project that does not answer a state, once. */
interface DrawnFault {
  readonly call: string;
  readonly which: number;
  readonly code: CloudErrorCode;
}

const states = [
  'MAINTENANCE',
  'SCALE_IN',
  'PREPARE_MAINTENANCE',
  'PLANNED_MAINTENANCE',
  'MAINTENANCE_COMPLETE',
];
const cloudCalls = ['observe', 'closeHost', 'openHost', 'moveBaseline', 'startMove', 'confirmMove'];

const drawnFault: fc.Arbitrary<DrawnFault> = fc.record({
  call: fc.constantFrom(...cloudCalls, ...states),
  which: fc.integer({ min: 1, max: 8 }),
  code: fc.constantFrom<CloudErrorCode>('failed', 'unavailable', 'busy'),
});

interface Drawn {
  readonly faults: readonly DrawnFault[];
  /** Events of the journal after which the server is killed. */
  readonly kills: readonly number[];
  /** Seconds that an admin takes to continue a session that failed. */
  readonly mendSeconds: number;
  readonly action: 'MIGRATE' | 'LIVE_MIGRATE';
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  faults: fc.array(drawnFault, { minLength: 1, maxLength: 5 }),
  kills: fc.array(fc.integer({ min: 1, max: 250 }), { maxLength: 3 }),
  mendSeconds: fc.constantFrom(0, 1, 90, 7_200),
  action: fc.constantFrom('MIGRATE', 'LIVE_MIGRATE'),
});

function build({ faults, action }: Drawn): EngineBench {
  const bench = new EngineBench();
  doctorScenario(bench);
  bench.action = action;
  const counts = new Map<string, number>();
  const strikes = (call: string) => {
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    return faults.find((fault) => fault.call === call && fault.which === count);
  };
  bench.cloud.fault = (call) => {
    const fault = strikes(call);
    if (fault !== undefined) throw new CloudError(fault.code, `${call} fails as drawn`);
  };
  bench.manager = (notice, self) =>
    strikes(notice.state) === undefined ? obliging(notice, self) : undefined;
  return bench;
}

async function pass(bench: EngineBench, seconds: number): Promise<void> {
  let over = false;
  bench.clock.at(bench.clock.now() + seconds * 1000, () => (over = true));
  await bench.clock.runUntil(() => over);
}

/** Plays the session, continuing it whenever it failed, until it is done. */
async function playToDone(bench: EngineBench, { kills, faults, mendSeconds }: Drawn): Promise<string> {
  await bench.engine.start();
  const sessionId = await bench.open();
  const waiting = [...kills].sort((a, b) => a - b);
  for (let failures = 0; ; failures += 1) {
    const ended = () => bench.engine.get(sessionId).endedAt !== undefined;
    const mayBeKilled = () =>
      waiting[0] !== undefined && bench.journal.events(sessionId).length >= waiting[0];
    while (!ended()) {
      await bench.clock.runUntil(() => ended() || mayBeKilled());
      if (!mayBeKilled()) continue;
      waiting.shift();
      await bench.crash();
    }
    const { state, failure } = bench.engine.get(sessionId);
    if (state === 'MAINTENANCE_DONE') return sessionId;
    expect(failure).toEqual(expect.any(String));
    // A fault strikes once: there cannot be more failures than faults. Silence fails only after all reminders.
    expect(failures).toBeLessThan(2 * faults.length + 1);
    await pass(bench, mendSeconds);
    for (const instance of bench.cloud.instances.values())
      if (instance.state === 'error') instance.state = 'active';
    await bench.engine.continue(sessionId);
  }
}

describe('sessions with drawn faults and kills that are continued whenever they fail', () => {
  it('always end well, with nothing lost and no host maintained twice', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (one) => {
        const bench = build(one);
        const before = bench.cloud.instances.size;
        const sessionId = await playToDone(bench, one);
        const session = bench.engine.get(sessionId);
        expect(session.hosts.every(({ progress }) => progress === 'maintained')).toBe(true);
        await bench.clock.runUntil(() => [...bench.cloud.hosts.values()].every(({ open }) => open));
        const deleted = bench.cloud.records.filter(({ what }) => what === 'deleted').length;
        expect(bench.cloud.instances.size).toBe(before - deleted);
        expect([...bench.cloud.instances.values()].filter(({ source }) => source !== undefined)).toEqual([]);
        expect([...bench.cloud.instances.values()].filter(({ state }) => state !== 'active')).toEqual([]);
        const finished = bench.journal
          .events(sessionId)
          .flatMap((event) => (event.type === 'host_maintenance_finished' ? [event.host] : []));
        expect([...new Set(finished)]).toEqual(finished);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
