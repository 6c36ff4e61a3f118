/** Limits as applications register them, for sessions of the workflow `vnf` in virtual time, held against the monitor. */
import type { InstanceConstraint, InstanceGroupConstraint } from '../../src/domain/constraint.ts';
import type { Session } from '../../src/domain/session.ts';
import { crowds } from '../../src/simulation/monitor.ts';
import { EngineBench } from './engine-bench.ts';

export { impacts } from '../../src/simulation/impacts.ts';

/** `app-1` and so on. */
export const ids = (count: number) => Array.from({ length: count }, (_, index) => `app-${index + 1}`);

/** Instances `app-1` and so on, all on `compute-1`; two more hosts, one of them empty, with room for all. */
export function crowded(
  count: number,
  change: ConstructorParameters<typeof EngineBench>[0] = {},
): EngineBench {
  const bench = new EngineBench({ parallelMoves: 10, ...change });
  for (const host of ['compute-1', 'compute-2', 'compute-3']) bench.cloud.addHost(host, count + 1);
  for (const id of ids(count)) bench.cloud.addInstance(id, 'compute-1');
  bench.cloud.addInstance('other', 'compute-2', 'project-2');
  return bench;
}

/** Registers a group and its members. */
export async function registerGroup(
  bench: EngineBench,
  id: string,
  members: readonly string[],
  change: Partial<InstanceGroupConstraint> = {},
): Promise<void> {
  const group: InstanceGroupConstraint = {
    kind: 'instance_group',
    id,
    projectId: 'project-1',
    name: `the ${id}`,
    antiAffinity: false,
    maxInstancesPerHost: 0,
    maxImpactedMembers: 1,
    recoverySeconds: 0,
    resourceMitigation: true,
    ...change,
  };
  await bench.constraints.put(group);
  for (const member of members) await registerInstance(bench, member, id, { projectId: group.projectId });
}

export function registerInstance(
  bench: EngineBench,
  id: string,
  groupId: string,
  change: Partial<InstanceConstraint> = {},
): Promise<void> {
  return bench.constraints.put({
    kind: 'instance',
    id,
    projectId: 'project-1',
    groupId,
    name: id,
    maxInterruptionSeconds: 120,
    migrationType: 'MIGRATE',
    resourceMitigation: true,
    leadSeconds: 25,
    ...change,
  });
}

/** The most members of a group that were impacted or recovering at the begin of any impact of one of them. */
export function mostImpacted(
  bench: EngineBench,
  members: readonly string[],
  recoverySeconds: number,
): number {
  return Math.max(0, ...crowds(bench, { members, recoverySeconds }).map(({ others }) => others.length + 1));
}

/** Plays a session of the workflow `vnf` to its end. */
export async function playVnf(bench: EngineBench): Promise<Session> {
  await bench.engine.start();
  return bench.finish(await bench.open({ workflow: 'vnf' }));
}
