/** Limits as applications register them, for sessions of the workflow `vnf` in virtual time; and an independent monitor of them. */
import type { InstanceConstraint, InstanceGroupConstraint } from '../../src/domain/constraint.ts';
import type { EngineBench } from './engine-bench.ts';

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

/** An impact of one instance by the cloud's own record: from the start of its move to the end of that. Milliseconds. */
export interface Impact {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** All impacts, in the order of their start. A cold migration is over when it is confirmed. */
export function impacts({ cloud }: EngineBench): readonly Impact[] {
  const all: { id: string; from: number; to: number }[] = [];
  for (const { at, what, subject: id } of cloud.records) {
    const last = all.findLast((impact) => impact.id === id);
    if (what === 'move_started') all.push({ id, from: at, to: Infinity });
    else if (last !== undefined && (what === 'moved' || what === 'confirmed' || what === 'failed'))
      last.to = at;
  }
  for (const impact of all) if (cloud.instances.get(impact.id)?.source !== undefined) impact.to = Infinity;
  return all;
}

/** The most members of a group that were impacted or recovering at the start of any impact of one of them. */
export function mostImpacted(
  bench: EngineBench,
  members: readonly string[],
  recoverySeconds: number,
): number {
  const own = impacts(bench).filter(({ id }) => members.includes(id));
  const at = (time: number) =>
    new Set(
      own.filter(({ from, to }) => from <= time && time < to + recoverySeconds * 1000).map(({ id }) => id),
    );
  return Math.max(0, ...own.map(({ from }) => at(from).size));
}
