/** Topologies drawn from a seed: hosts of unequal size, up to eight instances of three sizes for each, several projects and groups. */
import { Random } from '../../src/simulation/random.ts';
import type {
  Topology,
  TopologyGroup,
  TopologyHost,
  TopologyInstance,
} from '../../src/simulation/topology.ts';

const instancesPerHost = 8;
const hostUnits = [16, 20, 28];
/** Half of the groups are of the largest size: so that so many instances fill the hosts. */
const instanceUnits = [1, 2, 4, 4];

const sizeOf = (units: number) => ({ vcpus: units, memoryMb: units * 4096, diskGb: units * 20 });

interface DrawnGroup extends TopologyGroup {
  readonly size: TopologyInstance['size'];
  readonly moveSeconds: number;
  readonly action: TopologyInstance['action'];
  readonly leadSeconds: number;
  left: number;
}

/** 5 to 20 % of the room is empty: most of it as empty hosts, the rest here and there. Managers answer within their lead times. */
export function drawnTopology(seed: number, hostCount: number): Topology {
  const random = new Random(seed);
  const instanceCount = hostCount * instancesPerHost;
  const hosts = Array.from({ length: hostCount }, (_, index): TopologyHost => ({
    name: `host-${index + 1}`,
    capacity: sizeOf(random.pick(hostUnits)),
    maintenanceSeconds: random.integer(14 * 60, 26 * 60),
  }));
  const emptyPercent = random.integer(5, 20);
  const emptyHosts = Math.max(2, Math.round((hostCount * emptyPercent * random.integer(60, 100)) / 10_000));
  const groups = drawGroups(random, instanceCount);
  const fullPercent = (100 - emptyPercent) / (1 - emptyHosts / hostCount);
  const filled = random.shuffled(hosts).slice(emptyHosts);
  const instances = fill(filled, groups, fullPercent, instanceCount, random);
  const used = new Set(instances.map(({ groupId }) => groupId));
  const projects = [...new Set(groups.map(({ projectId }) => projectId))];
  const units = (sizes: readonly TopologyInstance['size'][]) =>
    sizes.reduce((sum, { vcpus }) => sum + vcpus, 0);
  const empty = 1 - units(instances.map(({ size }) => size)) / units(hosts.map(({ capacity }) => capacity));
  return {
    name: `drawn ${seed}: ${instances.length} instances, ${Math.round(100 * empty)} % empty, ${emptyHosts} empty hosts`,
    hosts,
    groups: groups
      .filter(({ id }) => used.has(id))
      .map(({ id, projectId, slots, recoverySeconds, maxPerHost }) => ({
        id,
        projectId,
        slots,
        recoverySeconds,
        ...(maxPerHost !== undefined && { maxPerHost }),
      })),
    instances,
    vnfms: Object.fromEntries(projects.map((id) => [id, { replySeconds: random.integer(1, 5) }])),
  };
}

function drawGroups(random: Random, instanceCount: number): DrawnGroup[] {
  const groups: DrawnGroup[] = [];
  const projects = random.integer(8, 20);
  for (let members = 0; members < 2 * instanceCount; members += groups.at(-1)?.left ?? 0) {
    const left = random.pick([2, 4, 8, 16, 32, 64]);
    groups.push({
      id: `group-${groups.length + 1}`,
      projectId: `project-${random.integer(1, projects)}`,
      slots: random.integer(1, Math.max(1, Math.ceil(left / 8))),
      recoverySeconds: random.pick([0, 30, 60, 120]),
      ...(random.chance(0.5) && { maxPerHost: 1 }),
      size: sizeOf(random.pick(instanceUnits)),
      moveSeconds: random.integer(30, 90),
      action: random.pick(['MIGRATE', 'LIVE_MIGRATE'] as const),
      leadSeconds: random.pick([0, 0, 30, 60]),
      left,
    });
  }
  return groups;
}

/** Fills host after host with members of drawn groups, each about as full as `percent` says. */
function fill(
  hosts: readonly TopologyHost[],
  groups: DrawnGroup[],
  percent: number,
  instanceCount: number,
  random: Random,
): readonly TopologyInstance[] {
  const instances: TopologyInstance[] = [];
  for (const host of hosts) {
    let room = Math.round((host.capacity.vcpus * Math.min(100, percent + random.integer(-5, 5))) / 100);
    const here = new Set<string>();
    while (instances.length < instanceCount) {
      const fitting = groups.filter(
        ({ id, left, size, maxPerHost }) =>
          left > 0 && size.vcpus <= room && !(maxPerHost !== undefined && here.has(id)),
      );
      if (fitting.length === 0) break;
      const group = random.pick(fitting);
      const { id, projectId, size, moveSeconds, action, leadSeconds } = group;
      group.left -= 1;
      room -= size.vcpus;
      here.add(id);
      const instance = { projectId, groupId: id, host: host.name, size, moveSeconds, action, leadSeconds };
      instances.push({ id: `instance-${instances.length + 1}`, ...instance });
    }
  }
  return instances;
}
