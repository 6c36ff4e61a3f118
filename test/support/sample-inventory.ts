import type { ObservedHost, ObservedInstance } from '../../src/domain/cloud.ts';
import type { InstanceConstraint, InstanceGroupConstraint } from '../../src/domain/constraint.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { simulationSettings } from '../../src/simulation/simulation-settings.ts';

/** A host with room for so many instances. */
export function inventoryHost(name: string, slots = 4, change: Partial<ObservedHost> = {}): ObservedHost {
  const capacity = { vcpus: slots, memoryMb: slots * 512, diskGb: slots * 10 };
  return { name, type: 'compute', serviceId: `service-${name}`, open: true, up: true, capacity, ...change };
}

export function inventoryInstance(id: string, host: string, projectId = 'shop'): ObservedInstance {
  const size = { vcpus: 1, memoryMb: 512, diskGb: 10 };
  return { id, name: `name of ${id}`, projectId, host, state: 'active', task: null, size };
}

export function inventoryConstraint(id: string, groupId: string, projectId = 'shop'): InstanceConstraint {
  return {
    kind: 'instance',
    id,
    projectId,
    groupId,
    name: id,
    maxInterruptionSeconds: 120,
    migrationType: 'LIVE_MIGRATE',
    resourceMitigation: false,
    leadSeconds: 30,
  };
}

export function inventoryGroup(
  id: string,
  change: Partial<InstanceGroupConstraint> = {},
): InstanceGroupConstraint {
  return {
    kind: 'instance_group',
    id,
    projectId: 'shop',
    name: `the ${id}`,
    antiAffinity: false,
    maxInstancesPerHost: 0,
    maxImpactedMembers: 1,
    recoverySeconds: 20,
    resourceMitigation: false,
    ...change,
  };
}

/** Two hosts with two instances of one group each, and an empty one. */
export function sampleInventory(change: Partial<Inventory> = {}): Inventory {
  const instances = ['a', 'b'].flatMap((host) => [1, 2].map((n) => inventoryInstance(`${host}-${n}`, host)));
  return {
    takenAt: Date.UTC(2026, 10, 3, 2, 30),
    hosts: ['a', 'b', 'c'].map((name) => inventoryHost(name)),
    instances,
    serverGroups: [],
    instanceConstraints: instances.map(({ id }) => inventoryConstraint(id, 'web')),
    instanceGroupConstraints: [inventoryGroup('web')],
    subscribedProjects: ['shop'],
    durations: { hosts: { a: 300 }, hostSeconds: 600, moveSeconds: 60 },
    settings: simulationSettings,
    ...change,
  };
}
