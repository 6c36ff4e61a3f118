/** Small sessions of the workflow `vnf`, drawn from a seed: the cloud, its applications and how they behave, and what the admin asks for. */
import type { FailurePolicy } from '../../src/domain/session.ts';
import type { WorkflowSettings } from '../../src/domain/settings.ts';
import type { VnfmBehaviour } from '../../src/simulation/model-vnfm.ts';
import { Random } from '../../src/simulation/random.ts';
import type {
  Topology,
  TopologyGroup,
  TopologyHost,
  TopologyInstance,
} from '../../src/simulation/topology.ts';

export interface DrawnSession {
  readonly topology: Topology;
  readonly settings: Partial<WorkflowSettings>;
  readonly failurePolicy: FailurePolicy;
  /** Every manager answers in time, and agrees. */
  readonly isObliging: boolean;
}

const slots = (units: number) => ({ vcpus: units, memoryMb: units * 1024, diskGb: units * 10 });

/** `mostHosts`, `mostInstances`: how large the cloud may be. */
export function drawnSession(seed: number, { mostHosts = 5, mostInstances = 8 } = {}): DrawnSession {
  const random = new Random(seed);
  const isObliging = random.chance(0.6);
  const hosts = Array.from({ length: random.integer(2, mostHosts) }, (_, index): TopologyHost => ({
    name: `host-${index + 1}`,
    capacity: slots(random.pick([2, 3, 4])),
    maintenanceSeconds: random.integer(30, 400),
    ...(index > 1 && random.chance(0.15) && { isOutside: true }),
  }));
  const groups = Array.from({ length: random.integer(1, 3) }, (_, index): TopologyGroup => ({
    id: `group-${index + 1}`,
    projectId: `project-${random.integer(1, 2)}`,
    slots: random.integer(1, 2),
    recoverySeconds: random.pick([0, 20, 60, 200]),
    ...(random.chance(0.4) && { maxPerHost: random.integer(1, 2) }),
  }));
  const instances = fill(hosts, groups, mostInstances, random);
  const projects = [...new Set(groups.map(({ projectId }) => projectId))];
  return {
    topology: {
      name: `seed ${seed}`,
      hosts,
      groups,
      instances,
      vnfms: Object.fromEntries(
        projects.map((id) => [id, isObliging ? obliging(random) : behaviour(random)]),
      ),
    },
    settings: { parallelMoves: random.integer(1, 3), totalMoves: random.pick([1, 2, 100]) },
    failurePolicy: random.pick(['fail', 'skip', 'force']),
    isObliging,
  };
}

/** Leaves between nothing and half of each host empty, and keeps to the rules. */
function fill(
  hosts: readonly TopologyHost[],
  groups: readonly TopologyGroup[],
  most: number,
  random: Random,
): readonly TopologyInstance[] {
  const instances: TopologyInstance[] = [];
  for (const { name, capacity } of hosts) {
    let room = Math.floor(capacity.vcpus * random.pick([0, 0.5, 0.75, 1]));
    while (room > 0 && instances.length < most) {
      const { id, projectId, maxPerHost = Infinity } = random.pick(groups);
      const units = random.chance(0.25) ? Math.min(2, room) : 1;
      room -= units;
      const there = instances.filter(({ host, groupId }) => host === name && groupId === id);
      if (there.length >= maxPerHost) continue;
      instances.push({
        id: `instance-${instances.length + 1}`,
        projectId,
        groupId: id,
        host: name,
        size: slots(units),
        moveSeconds: random.integer(5, 90),
        action: random.pick(['MIGRATE', 'MIGRATE', 'LIVE_MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION']),
        leadSeconds: random.pick([0, 0, 10, 45, 120]),
      });
    }
  }
  return instances;
}

function obliging(random: Random): VnfmBehaviour {
  return { replySeconds: random.integer(0, 4), ownActionSeconds: random.integer(1, 60) };
}

/** Late, early, silent, refusing, deferring, asking for time. */
function behaviour(random: Random): VnfmBehaviour {
  return {
    replySeconds: random.pick([0, 1, 5, 30, 60]),
    ...(random.chance(0.15) && { isSilent: true }),
    ...(random.chance(0.1) && { refusal: 'not today' }),
    ...(random.chance(0.2) && {
      defers: { times: random.integer(1, 3), seconds: random.pick([10, 100, 1_000]) },
    }),
    ...(random.chance(0.2) && { readySeconds: random.integer(1, 200) }),
    ...(random.chance(0.3) && { action: random.pick(['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'] as const) }),
    gives: random.integer(0, 2),
    ownActionSeconds: random.pick([1, 30, 100, 400]),
    replaces: random.chance(0.5),
  };
}
