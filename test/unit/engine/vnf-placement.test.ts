import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../src/engine/ports.ts';
import { EngineBench } from '../../support/engine-bench.ts';
import { impacts, registerGroup } from '../../support/registered-limits.ts';

const ids = (count: number) => Array.from({ length: count }, (_, index) => `app-${index + 1}`);

async function play(bench: EngineBench) {
  await bench.engine.start();
  return bench.finish(await bench.open({ workflow: 'vnf' }));
}

describe('anti_affinity_group and max_instances_per_host', () => {
  /** The most members on one host at any time, by the cloud's records of where they came. */
  function mostOnOneHost(bench: EngineBench, members: readonly string[], where: Map<string, string>): number {
    let most = 0;
    for (const { what, subject, host } of bench.cloud.records) {
      if (what !== 'moved' || !members.includes(subject)) continue;
      where.set(subject, host);
      most = Math.max(most, [...where.values()].filter((name) => name === host).length);
    }
    return most;
  }

  /** Nova knows of no server group: nobody but us keeps these instances apart. */
  async function apart(limits: Parameters<typeof registerGroup>[3]) {
    const bench = new EngineBench({ parallelMoves: 10 });
    for (let n = 1; n <= 5; n += 1) bench.cloud.addHost(`compute-${n}`, 6);
    const members = ids(4);
    const where = new Map(
      members.map((id, index) => [id, `compute-${1 + Math.floor(index / (limits?.antiAffinity ? 1 : 2))}`]),
    );
    for (const [id, host] of where) bench.cloud.addInstance(id, host);
    await registerGroup(bench, 'group', members, { maxImpactedMembers: 4, ...limits });
    return { bench, members, where };
  }

  it.each([
    ['anti_affinity_group', { antiAffinity: true }, 1],
    ['max_instances_per_host', { maxInstancesPerHost: 2 }, 2],
  ])('%s is kept', async (_, limits, most) => {
    const { bench, members, where } = await apart(limits);
    expect((await play(bench)).failure).toBeUndefined();
    expect(mostOnOneHost(bench, members, where)).toBeLessThanOrEqual(most);
  });

  it('is kept also when the cloud turns a target back', async () => {
    const { bench, members, where } = await apart({ antiAffinity: true });
    let refusals = 2;
    bench.cloud.outcome = () =>
      (refusals -= 1) >= 0 ? new CloudError('no_valid_host', 'it has no room after all') : undefined;
    bench.action = 'LIVE_MIGRATE';
    expect((await play(bench)).failure).toBeUndefined();
    expect(mostOnOneHost(bench, members, where)).toBe(1);
  });

  it('fails the session where no host is left that keeps to it', async () => {
    const bench = new EngineBench();
    for (const host of ['compute-1', 'compute-2']) bench.cloud.addHost(host, 4);
    for (const [id, host] of [
      ['app-1', 'compute-1'],
      ['app-2', 'compute-2'],
    ] as const)
      bench.cloud.addInstance(id, host);
    await registerGroup(bench, 'group', ids(2), { antiAffinity: true });
    bench.manager = ({ state }) => `ACK_${state}`;
    const session = await play(bench);
    expect(session.failure).toMatch(/no host can be emptied/);
    expect(impacts(bench)).toEqual([]);
  });
});
