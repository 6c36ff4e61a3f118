import type { CommandResult } from '../domain/command.ts';
import type { InstanceConstraint, InstanceGroupConstraint } from '../domain/constraint.ts';
import type { ConstraintStore } from './ports.ts';

/** What was registered for these instances, by whichever project, and for the groups that those rows name. */
export async function readConstraints(
  store: ConstraintStore,
  instanceIds: readonly string[],
): Promise<CommandResult> {
  const instances = (await store.find('instance', instanceIds)).filter(
    (row): row is InstanceConstraint => row.kind === 'instance',
  );
  const groupIds = [...new Set(instances.map(({ groupId }) => groupId))];
  const groups = (await store.find('instance_group', groupIds)).filter(
    (row): row is InstanceGroupConstraint => row.kind === 'instance_group',
  );
  return { kind: 'constraints', instances, groups };
}
