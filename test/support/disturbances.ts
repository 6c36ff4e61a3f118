/** What happens to a cloud that nobody planned, drawn from a seed: while sessions of the workflow `vnf` run over it. */
import type { ModelInstance } from '../../src/simulation/model-instances.ts';
import type { Watched } from '../../src/simulation/impacts.ts';
import { Random } from '../../src/simulation/random.ts';
import type { Simulation } from '../../src/simulation/simulation.ts';
import type { Topology } from '../../src/simulation/topology.ts';

const kinds = ['breaks', 'stops', 'appears', 'vanishes', 'host_down'] as const;

/**
 * Lets up to four things happen from 100 s before the maintenance begins until 1,500 s after: instances break or are stopped for a
 * while, appear and vanish, hosts are down for a while.
 */
export function disturb(
  simulation: Simulation,
  { groups }: Topology,
  seed: number,
  maintenanceAt: number,
): void {
  const random = new Random(seed * 31 + 7);
  for (let number = random.integer(1, 4); number > 0; number -= 1) {
    const at = maintenanceAt + random.integer(-100, 1_500) * 1000;
    const kind = random.pick(kinds);
    const seconds = random.pick([20, 100, 400, 3_000]);
    // Which one of those that there are then.
    const which = random.integer(0, 100);
    const { projectId } = random.pick(groups);
    const happen = {
      breaks: () => putInto(simulation, which, 'error', seconds),
      stops: () => putInto(simulation, which, 'stopped', seconds),
      appears: () => appear(simulation, which, `new-${number}`, projectId),
      vanishes: () => vanish(simulation, which),
      host_down: () => takeDown(simulation, which, seconds),
    }[kind];
    simulation.clock.at(at, happen);
  }
}

function nth<T>(values: Iterable<T>, which: number): T | undefined {
  const all = [...values];
  return all[which % all.length];
}

/** An instance to which the cloud does nothing at the moment. */
function idle({ cloud }: Simulation, which: number): ModelInstance | undefined {
  const instance = nth(cloud.instances.values(), which);
  return instance?.task === null && instance.state !== 'resized' ? instance : undefined;
}

function putInto(simulation: Simulation, which: number, state: string, seconds: number): void {
  const { clock, cloud } = simulation;
  const instance = idle(simulation, which);
  if (instance?.state !== 'active') return;
  instance.state = state;
  clock.at(clock.now() + seconds * 1000, () => {
    const later = cloud.instances.get(instance.id);
    if (later?.state === state) later.state = 'active';
  });
}

function appear({ cloud }: Simulation, which: number, id: string, projectId: string): void {
  const host = nth(cloud.hosts.values(), which);
  if (host === undefined || !host.open || !host.up) return;
  const used = cloud.on(host.name).reduce((sum, { size }) => sum + size.vcpus, 0);
  if (used >= host.capacity.vcpus) return;
  cloud.addInstance(id, host.name, projectId, { vcpus: 1, memoryMb: 1_024, diskGb: 10 });
}

function vanish(simulation: Simulation, which: number): void {
  const instance = idle(simulation, which);
  if (instance !== undefined) simulation.cloud.delete(instance.id);
}

function takeDown({ clock, cloud }: Simulation, which: number, seconds: number): void {
  const host = nth(cloud.hosts.values(), which);
  if (host === undefined) return;
  host.up = false;
  clock.at(clock.now() + seconds * 1000, () => (host.up = true));
}

/** The record without what failed by itself: that is known only when the cloud is looked at next. */
export function withoutFailures({ cloud, notices, hostNotices, replies }: Watched): Watched {
  const history = cloud.instances.history.filter(({ kind }) => kind !== 'broken' && kind !== 'mended');
  const { hosts, records } = cloud;
  return { cloud: { hosts, records, instances: { history } }, notices, hostNotices, replies };
}
