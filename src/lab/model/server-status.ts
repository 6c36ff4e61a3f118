import type { Server, TaskState, VmState } from './types.ts';

const tasksOfResize: readonly (TaskState | null)[] = [
  'resize_prep',
  'resize_migrating',
  'resize_migrated',
  'resize_finish',
];

const plainStatus: Readonly<Record<VmState, string>> = {
  building: 'BUILD',
  active: 'ACTIVE',
  stopped: 'SHUTOFF',
  paused: 'PAUSED',
  suspended: 'SUSPENDED',
  shelved: 'SHELVED',
  shelved_offloaded: 'SHELVED_OFFLOADED',
  resized: 'VERIFY_RESIZE',
  error: 'ERROR',
};

/**
 * The `status` that the API shows: a function of `vm_state` and `task_state`, as Nova computes it. (A server in ERROR
 * stays ERROR whatever task it still has; a server being deleted is still ACTIVE.)
 */
export function serverStatus({ vmState, taskState }: Pick<Server, 'vmState' | 'taskState'>): string {
  if (vmState === 'paused' && taskState === 'migrating') return 'MIGRATING';
  if (vmState === 'active' || vmState === 'stopped') {
    if (tasksOfResize.includes(taskState)) return 'RESIZE';
    if (taskState === 'migrating') return 'MIGRATING';
    if (taskState === 'rebuilding') return 'REBUILD';
  }
  if (vmState === 'resized' && taskState === 'resize_reverting') return 'REVERT_RESIZE';
  return plainStatus[vmState];
}
