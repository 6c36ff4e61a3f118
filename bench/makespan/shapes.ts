/** The five shapes of the facts (feat03, "Shape to beat"): equal slots, all hosts full but some that are empty. */
import type { Topology, TopologyGroup, TopologyInstance } from '../../src/simulation/topology.ts';
import { Random } from '../../src/simulation/random.ts';

interface Shape {
  readonly hosts: number;
  readonly empty: number;
  readonly groupSize: number;
  readonly slots: number;
  readonly recoverySeconds: number;
}

const slotsPerHost = 8;
const slot = { vcpus: 1, memoryMb: 1024, diskGb: 10 };
const shapes: readonly Shape[] = [
  { hosts: 40, empty: 4, groupSize: 18, slots: 2, recoverySeconds: 60 },
  { hosts: 40, empty: 4, groupSize: 18, slots: 1, recoverySeconds: 120 },
  { hosts: 40, empty: 8, groupSize: 16, slots: 2, recoverySeconds: 60 },
  { hosts: 200, empty: 20, groupSize: 90, slots: 9, recoverySeconds: 60 },
  { hosts: 200, empty: 20, groupSize: 20, slots: 1, recoverySeconds: 120 },
];

export const shapeCount = shapes.length;

/**
 * Moves take 60 s, maintenance 20 min spread 30 % by the seed; managers answer after 1 s.
 * @throws RangeError where there is no shape of that number
 */
export function shape(number: number, seed: number): Topology {
  const known = shapes[number];
  if (known === undefined) throw new RangeError(`there is no shape ${number}`);
  return topologyOf(known, new Random(seed + number));
}

function topologyOf({ hosts, empty, groupSize, slots, recoverySeconds }: Shape, random: Random): Topology {
  const full = hosts - empty;
  const groups = Array.from({ length: (full * slotsPerHost) / groupSize }, (_, index): TopologyGroup => {
    const id = `group-${index + 1}`;
    return { id, projectId: `project-${index + 1}`, slots, recoverySeconds, maxPerHost: 1 };
  });
  return {
    name: `${hosts} hosts, ${empty} empty, groups of ${groupSize}, m=${slots}, r=${recoverySeconds} s`,
    hosts: Array.from({ length: hosts }, (_, index) => ({
      name: `host-${index + 1}`,
      capacity: {
        vcpus: slotsPerHost,
        memoryMb: slotsPerHost * slot.memoryMb,
        diskGb: slotsPerHost * slot.diskGb,
      },
      maintenanceSeconds: random.integer(14 * 60, 26 * 60),
    })),
    groups,
    instances: spread(groups, groupSize, full, random),
    vnfms: Object.fromEntries(groups.map(({ projectId }) => [projectId, { replySeconds: 1 }])),
  };
}

/**
 * Gives every host eight different groups: hosts, in a drawn order, take one member each of the groups that have most left,
 * chosen by chance among equals.
 */
function spread(
  groups: readonly TopologyGroup[],
  groupSize: number,
  hosts: number,
  random: Random,
): readonly TopologyInstance[] {
  const left = new Map(groups.map(({ id }) => [id, groupSize]));
  const order = random.shuffled(Array.from({ length: hosts }, (_, index) => `host-${index + 1}`));
  return order.flatMap((host) => {
    const fullest = random
      .shuffled(groups)
      .sort((a, b) => (left.get(b.id) ?? 0) - (left.get(a.id) ?? 0))
      .slice(0, slotsPerHost);
    return fullest.map(({ id, projectId }): TopologyInstance => {
      const member = groupSize - (left.get(id) ?? 0) + 1;
      left.set(id, (left.get(id) ?? 0) - 1);
      return {
        id: `${id}-${member}`,
        projectId,
        groupId: id,
        host,
        size: slot,
        moveSeconds: 60,
        action: 'MIGRATE',
        leadSeconds: 0,
      };
    });
  });
}
