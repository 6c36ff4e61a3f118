/** A cloud, its applications and how they behave, as one value: what a simulation begins with. All durations are seconds. */
import type { InstanceAction, Resources } from '../domain/cloud.ts';
import type { Campaign } from '../domain/planner/campaign.ts';
import type { Durations } from '../domain/workflow.ts';
import type { VnfmBehaviour } from './model-vnfm.ts';
import type { Promises } from './monitor.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

export interface TopologyHost {
  readonly name: string;
  readonly capacity: Resources;
  readonly maintenanceSeconds: number;
  /** It is not maintained. */
  readonly isOutside?: boolean;
}

export interface TopologyGroup {
  readonly id: string;
  readonly projectId: string;
  /** How many of its members may be impacted at once. */
  readonly slots: number;
  readonly recoverySeconds: number;
  /** How many of its members one host may carry; absent: any number. */
  readonly maxPerHost?: number;
}

export interface TopologyInstance {
  readonly id: string;
  readonly projectId: string;
  readonly groupId: string;
  readonly host: string;
  readonly size: Resources;
  readonly moveSeconds: number;
  readonly action: InstanceAction;
  readonly leadSeconds: number;
}

export interface Topology {
  readonly name: string;
  readonly hosts: readonly TopologyHost[];
  readonly groups: readonly TopologyGroup[];
  readonly instances: readonly TopologyInstance[];
  /** By project. */
  readonly vnfms: Readonly<Record<string, VnfmBehaviour>>;
}

/** Builds the cloud, lets the applications register their limits, and gives each project its manager. */
export async function simulate(topology: Topology, options: SimulationOptions = {}): Promise<Simulation> {
  const simulation = new Simulation({ knownDurations: trueDurations(topology), ...options });
  const { cloud } = simulation;
  for (const { name, capacity, maintenanceSeconds } of topology.hosts) {
    cloud.addHost(name, capacity);
    simulation.maintenanceSeconds.set(name, maintenanceSeconds);
  }
  for (const { id, host, projectId, size, moveSeconds } of topology.instances) {
    cloud.addInstance(id, host, projectId, size);
    cloud.secondsOf.set(id, moveSeconds);
  }
  for (const { id, projectId, maxPerHost } of topology.groups) {
    if (maxPerHost !== undefined) cloud.addGroup(id, membersOf(topology, id), projectId, { maxPerHost });
  }
  await registerLimits(simulation, topology);
  for (const [projectId, behaviour] of Object.entries(topology.vnfms))
    simulation.addVnfm(projectId, behaviour);
  return simulation;
}

function membersOf({ instances }: Topology, id: string): readonly string[] {
  return instances.filter(({ groupId }) => groupId === id).map((instance) => instance.id);
}

async function registerLimits(simulation: Simulation, { groups, instances }: Topology): Promise<void> {
  for (const { id, projectId, slots, recoverySeconds, maxPerHost } of groups) {
    await simulation.register({
      kind: 'instance_group',
      id,
      projectId,
      name: id,
      antiAffinity: maxPerHost === 1,
      maxInstancesPerHost: maxPerHost ?? 0,
      maxImpactedMembers: slots,
      recoverySeconds,
      resourceMitigation: false,
    });
  }
  for (const { id, projectId, groupId, action, leadSeconds } of instances) {
    await simulation.register({
      kind: 'instance',
      id,
      projectId,
      groupId,
      name: id,
      maxInterruptionSeconds: 120,
      migrationType: action,
      resourceMitigation: false,
      leadSeconds,
    });
  }
}

/** What the monitor is to hold a session against. */
export function promisesOf(topology: Topology): Promises {
  return {
    groups: topology.groups.map((group) => ({ ...group, members: membersOf(topology, group.id) })),
    leadSeconds: new Map(topology.instances.map(({ id, leadSeconds }) => [id, leadSeconds])),
  };
}

/** How long everything really takes; a move of any instance the mean of all. */
function trueDurations({ hosts, instances }: Topology): Durations {
  return {
    hosts: Object.fromEntries(hosts.map(({ name, maintenanceSeconds }) => [name, maintenanceSeconds])),
    hostSeconds: mean(hosts.map(({ maintenanceSeconds }) => maintenanceSeconds)),
    moveSeconds: mean(instances.map(({ moveSeconds }) => moveSeconds)),
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The whole of it as the planner sees it before anything has begun, with the true durations; nobody has to be asked. */
export function campaignOfTopology(
  { hosts, groups, instances }: Topology,
  streams: Campaign['streams'],
): Campaign {
  const rules = groups.flatMap(({ id, maxPerHost }) =>
    maxPerHost === undefined ? [] : [{ id: `apart ${id}`, name: id, kind: 'apart' as const, maxPerHost }],
  );
  const isRule = new Set(rules.map(({ id }) => id));
  return {
    hosts: hosts.map(({ name, capacity, maintenanceSeconds, isOutside }) => ({
      name,
      capacity,
      progress: isOutside === true ? ('outside' as const) : ('waiting' as const),
      takesInstances: true,
      maintenanceSeconds,
      isReady: true,
    })),
    instances: instances.map(({ id, projectId, groupId, host, size, moveSeconds, action, leadSeconds }) => ({
      id,
      projectId,
      host,
      size,
      action,
      moveSeconds,
      isMoving: false,
      leadSeconds,
      groupId,
      impactedSeconds: 0,
      ruleIds: [`apart ${groupId}`].filter((rule) => isRule.has(rule)),
    })),
    groups: groups.map((group) => ({ ...group, name: group.id })),
    rules,
    streams,
  };
}
