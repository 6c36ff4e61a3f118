import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineBench } from '../../support/engine-bench.ts';

interface Drawn {
  readonly slots: readonly number[];
  /** For each slot of all hosts in order: the project of its instance, 0 for none. */
  readonly fill: readonly number[];
  /** Instances, by index, that are one anti-affinity group. */
  readonly group: readonly number[];
  readonly parallelMoves: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  slots: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
  fill: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 24, maxLength: 24 }),
  group: fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { maxLength: 4 }),
  parallelMoves: fc.integer({ min: 1, max: 4 }),
});

function build({ slots, fill, group, parallelMoves }: Drawn): EngineBench {
  const bench = new EngineBench({ parallelMoves });
  const members: string[] = [];
  let position = 0;
  slots.forEach((count, index) => {
    const host = `compute-${index + 1}`;
    bench.cloud.addHost(host, count);
    let memberHere = false;
    for (let slot = 0; slot < count; slot += 1, position += 1) {
      const project = fill[position] ?? 0;
      if (project === 0) continue;
      const id = `instance-${position}`;
      bench.cloud.addInstance(id, host, `project-${project}`);
      if (group.includes(position) && !memberHere) {
        members.push(id);
        memberHere = true;
      }
    }
  });
  if (members.length > 1) bench.cloud.addGroup('group', members);
  return bench;
}

async function play(bench: EngineBench) {
  const occupied: string[] = [];
  const notify = bench.notify.bind(bench);
  bench.notify = async (notification, signal) => {
    const { host, state } = notification.payload;
    if (state === 'IN_MAINTENANCE' && bench.cloud.on(String(host)).length > 0) occupied.push(String(host));
    await notify(notification, signal);
  };
  await bench.engine.start();
  const session = await bench.finish(await bench.open());
  await bench.clock.runUntil(() => [...bench.cloud.hosts.values()].every(({ open }) => open));
  return { session, occupied };
}

describe('sessions over drawn clouds', () => {
  it('always end, maintain no host that carries an instance, lose none, and leave every host open', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (cloud) => {
        const bench = build(cloud);
        const before = bench.cloud.instances.size;
        const { session, occupied } = await play(bench);
        expect(occupied).toEqual([]);
        const deleted = bench.cloud.records.filter(({ what }) => what === 'deleted').length;
        expect(bench.cloud.instances.size).toBe(before - deleted);
        expect([...bench.cloud.instances.values()].every(({ source }) => source === undefined)).toBe(true);
        const maintained = session.hosts.filter(({ progress }) => progress === 'maintained').length;
        expect(session.state === 'MAINTENANCE_DONE').toBe(maintained === session.hosts.length);
      }),
      { numRuns: 150 },
    );
  });

  it('are done wherever equal hosts have an empty one among them and no group is in the way', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.integer({ min: 1, max: 4 }), async (cloud, slots) => {
        const equal = { ...cloud, slots: cloud.slots.map(() => slots), group: [] };
        const bench = build(equal);
        bench.cloud.addHost('empty', slots);
        const { session } = await play(bench);
        expect(session.failure).toBeUndefined();
        expect(bench.notices.map(({ state }) => state)).not.toContain('SCALE_IN');
      }),
      { numRuns: 100 },
    );
  });
});
