import { describe, expect, it } from 'vitest';
import { violations } from '../../../src/simulation/monitor.ts';
import { timeline, type Timeline } from '../../../src/simulation/timeline.ts';
import { promisesOf, simulate, type Topology } from '../../../src/simulation/topology.ts';

const size = { vcpus: 1, memoryMb: 1024, diskGb: 10 };
const projects = Array.from({ length: 20 }, (_, index) => `project-${index + 1}`);
const dead = 'project-7';

/** Each of twenty projects has a host of its own with two instances; one host is empty, and not to be maintained. */
function cloud(isSilent: boolean): Topology {
  const host = (name: string) => ({
    name,
    capacity: { vcpus: 2, memoryMb: 2048, diskGb: 20 },
    maintenanceSeconds: 600,
  });
  return {
    name: 'twenty projects',
    hosts: [
      ...projects.map((id) => host(`host-of-${id}`)),
      ...['spare-1', 'spare-2'].map((name) => ({ ...host(name), isOutside: true })),
    ],
    groups: projects.map((projectId) => ({
      id: `group-of-${projectId}`,
      projectId,
      slots: 1,
      recoverySeconds: 30,
    })),
    instances: projects.flatMap((projectId) =>
      [1, 2].map((number) => ({
        id: `${projectId}-${number}`,
        projectId,
        groupId: `group-of-${projectId}`,
        host: `host-of-${projectId}`,
        size,
        moveSeconds: 60,
        action: 'LIVE_MIGRATE' as const,
        leadSeconds: 0,
      })),
    ),
    vnfms: Object.fromEntries(
      projects.map((id) => [id, { replySeconds: 1, ...(id === dead && isSilent && { isSilent }) }]),
    ),
  };
}

async function play(topology: Topology) {
  const simulation = await simulate(topology, { settings: { parallelMoves: 2 } });
  await simulation.engine.start();
  const maintenanceAt = simulation.clock.now() + 300_000;
  const session = await simulation.finish(
    await simulation.open({
      workflow: 'vnf',
      failurePolicy: 'skip',
      hosts: topology.hosts.filter(({ isOutside }) => isOutside !== true).map(({ name }) => name),
      maintenanceAt,
    }),
  );
  await simulation.engine.stop();
  return { simulation, session, times: timeline(simulation, maintenanceAt) };
}

/** When the last host of the others was finished. */
const endOfOthers = ({ hosts }: Timeline) =>
  Math.max(...hosts.filter(({ host }) => host !== `host-of-${dead}`).map(({ to }) => to));

describe('one dead VNFM among twenty, with failure policy `skip`', () => {
  it('delays none of the other nineteen, and the session lists what was left aside and why', async () => {
    const alive = await play(cloud(false));
    const topology = cloud(true);
    const { simulation, session, times } = await play(topology);
    expect(session.failure).toBeUndefined();
    expect(session.state).toBe('MAINTENANCE_DONE');
    const skipped = session.hosts.filter(({ progress }) => progress === 'skipped');
    expect(skipped.map(({ name }) => name)).toEqual([`host-of-${dead}`]);
    expect(skipped[0]?.skipReason).toContain(dead);
    expect(times.hosts).toHaveLength(19);
    expect(endOfOthers(times)).toBeLessThanOrEqual(alive.times.seconds);
    expect(violations(simulation, promisesOf(topology))).toEqual([]);
    expect(simulation.cloud.on(`host-of-${dead}`).map(({ id }) => id)).toEqual([`${dead}-1`, `${dead}-2`]);
  });
});
