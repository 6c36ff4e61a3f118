import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../src/engine/ports.ts';
import { EngineBench, obliging } from '../../support/engine-bench.ts';
import { impacts, mostImpacted, registerGroup } from '../../support/registered-limits.ts';

interface DrawnGroup {
  readonly most: number;
  readonly recoverySeconds: number;
  readonly maxPerHost: number;
}

interface Drawn {
  readonly hosts: number;
  readonly slots: number;
  /** For each slot of all hosts in order: the group of its instance from 1, 0 for none. */
  readonly fill: readonly number[];
  readonly groups: readonly DrawnGroup[];
  readonly parallelMoves: number;
  readonly action: 'MIGRATE' | 'LIVE_MIGRATE';
  /** For each notice in turn: how long its reply takes. Seconds. */
  readonly delays: readonly number[];
  /** Seconds that a move takes, by the number of the instance. */
  readonly moveSeconds: readonly number[];
  /** After so many events of the journal the engine is killed. */
  readonly killedAfter: number;
  /** Moves, by their number, that fail. */
  readonly failing: readonly number[];
}

const groupCount = 3;

const drawn: fc.Arbitrary<Drawn> = fc.record({
  hosts: fc.integer({ min: 1, max: 5 }),
  slots: fc.integer({ min: 1, max: 4 }),
  fill: fc.array(fc.integer({ min: 0, max: groupCount }), { minLength: 20, maxLength: 20 }),
  groups: fc.array(
    fc.record({
      most: fc.integer({ min: 1, max: 3 }),
      recoverySeconds: fc.integer({ min: 0, max: 90 }),
      maxPerHost: fc.constantFrom(0, 0, 0, 1, 2),
    }),
    { minLength: groupCount, maxLength: groupCount },
  ),
  parallelMoves: fc.integer({ min: 1, max: 8 }),
  action: fc.constantFrom('MIGRATE', 'LIVE_MIGRATE'),
  delays: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 10 }),
  moveSeconds: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 }),
  killedAfter: fc.integer({ min: 1, max: 150 }),
  failing: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 2 }),
});

interface Played {
  readonly bench: EngineBench;
  readonly members: readonly (readonly string[])[];
  readonly failure: string | undefined;
}

async function play(cloud: Drawn): Promise<Played> {
  const { hosts, slots, fill, groups, parallelMoves, action, delays, moveSeconds, killedAfter, failing } =
    cloud;
  const bench = new EngineBench({ parallelMoves });
  const members: string[][] = groups.map(() => []);
  for (let host = 0; host < hosts; host += 1) {
    bench.cloud.addHost(`compute-${host}`, slots);
    for (let slot = 0; slot < slots; slot += 1) {
      const position = host * slots + slot;
      const group = fill[position] ?? 0;
      if (group === 0) continue;
      const id = `instance-${position}`;
      bench.cloud.addInstance(id, `compute-${host}`);
      bench.cloud.secondsOf.set(id, moveSeconds[position % moveSeconds.length] ?? 1);
      members[group - 1]?.push(id);
    }
  }
  bench.cloud.addHost('empty', slots);
  for (const [index, { most, recoverySeconds, maxPerHost }] of groups.entries()) {
    await registerGroup(bench, `group-${index}`, members[index] ?? [], {
      maxImpactedMembers: most,
      recoverySeconds,
      maxInstancesPerHost: maxPerHost,
    });
  }
  bench.action = action;
  let moves = 0;
  bench.cloud.outcome = () =>
    failing.includes((moves += 1)) ? new CloudError('failed', 'it did not work') : undefined;
  let notices = 0;
  const answer = bench.answer.bind(bench);
  bench.answer = (notice) => {
    const delay = delays[(notices += 1) % delays.length] ?? 0;
    bench.clock.at(bench.clock.now() + delay * 1000, () => void answer(notice));
    return Promise.resolve();
  };
  bench.manager = (notice, self) => (notice.state === 'SCALE_IN' ? 'ACK_SCALE_IN' : obliging(notice, self));
  await bench.engine.start();
  const sessionId = await bench.open({ workflow: 'vnf' });
  const ended = () => bench.engine.list().some(({ endedAt }) => endedAt !== undefined);
  await bench.clock.runUntil(() => ended() || bench.journal.events(sessionId).length >= killedAfter);
  await bench.crash();
  await bench.clock.runUntil(() => bench.engine.list().length > 0);
  const { failure } = await bench.finish(sessionId);
  // What is under way when a session fails comes to its end.
  await bench.clock.runUntil(() => [...bench.cloud.instances.values()].every(({ task }) => task === null));
  return { bench, members, failure };
}

/** The most members of the group that one host carried when one of them came to it, where it came not from the start. */
function mostOnOneHost({ cloud }: EngineBench, members: readonly string[], cloudBefore: Drawn): number {
  const where = new Map(
    members.map((id) => [id, `compute-${Math.floor(Number(id.split('-')[1]) / cloudBefore.slots)}`]),
  );
  let most = 0;
  for (const { what, subject, host } of cloud.records) {
    if (what !== 'moved' || !where.has(subject)) continue;
    where.set(subject, host);
    most = Math.max(most, [...where.values()].filter((name) => name === host).length);
  }
  return most;
}

describe('vnf sessions over drawn clouds, by the record of the cloud', () => {
  it('always end, and never impact more members of a group at once than it allows', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (cloud) => {
        const { bench, members } = await play(cloud);
        for (const [index, group] of cloud.groups.entries()) {
          const own = members[index] ?? [];
          expect(mostImpacted(bench, own, group.recoverySeconds)).toBeLessThanOrEqual(group.most);
          if (group.maxPerHost > 0) {
            expect(mostOnOneHost(bench, own, cloud)).toBeLessThanOrEqual(group.maxPerHost);
          }
        }
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  it('are done where nothing fails, a host is empty, and no cap on a host is in the way', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (cloud) => {
        const groups = cloud.groups.map((group) => ({ ...group, maxPerHost: 0 }));
        const { bench, members, failure } = await play({ ...cloud, groups, failing: [] });
        expect(failure).toBeUndefined();
        // The monitor sees every instance: each was moved.
        expect(new Set(impacts(bench).map(({ id }) => id))).toEqual(new Set(members.flat()));
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});
