import type { LabCloud, ServerPatch } from './lab-cloud.ts';
import type { Requester, Server, TaskState } from './types.ts';

interface Operation {
  /** Name of the instance action. */
  readonly action: string;
  readonly task: TaskState;
  readonly event: string;
  readonly end: ServerPatch;
}

/** What a server's owner may do with it that leaves it on its host. */
export const ownerOperations = {
  start: operation('start', 'powering-on', 'compute_start_instance', { vmState: 'active', powerState: 1 }),
  stop: operation('stop', 'powering-off', 'compute_stop_instance', { vmState: 'stopped', powerState: 4 }),
  pause: operation('pause', 'pausing', 'compute_pause_instance', { vmState: 'paused', powerState: 3 }),
  unpause: operation('unpause', 'unpausing', 'compute_unpause_instance', {
    vmState: 'active',
    powerState: 1,
  }),
  suspend: operation('suspend', 'suspending', 'compute_suspend_instance', {
    vmState: 'suspended',
    powerState: 4,
  }),
  resume: operation('resume', 'resuming', 'compute_resume_instance', { vmState: 'active', powerState: 1 }),
  rebuild: operation('rebuild', 'rebuilding', 'compute_rebuild_instance', {
    vmState: 'active',
    powerState: 1,
    fault: null,
  }),
  shelve: operation('shelve', 'shelving', 'compute_shelve_instance', { vmState: 'shelved', powerState: 4 }),
} as const;

function operation(action: string, task: TaskState, event: string, end: ServerPatch): Operation {
  return { action, task, event, end };
}

/** Carries such an operation out; it takes the time of `power`. */
export function operate(
  cloud: LabCloud,
  server: Server,
  { action: name, task, event, end }: Operation,
  by: Requester,
): void {
  const action = cloud.addAction(server, name, by);
  cloud.update(server, { taskState: task });
  cloud.run(server, [
    {
      after: cloud.seconds('power', cloud.subject(server)),
      run() {
        cloud.addEvent(action, event, server.host ?? '');
        cloud.update(server, { ...end, taskState: null });
        return 'stop';
      },
    },
  ]);
}

/** Takes a shelved server off its host. */
export function offload(cloud: LabCloud, server: Server, by: Requester): void {
  const action = cloud.addAction(server, 'shelveOffload', by);
  cloud.update(server, { taskState: 'shelving_offloading' });
  cloud.run(server, [
    {
      after: cloud.seconds('power', cloud.subject(server)),
      run() {
        const host = server.host ?? '';
        cloud.addEvent(action, 'compute_shelve_offload_instance', host);
        cloud.allocations.releaseAll(server.id);
        cloud.reportClaims(host);
        cloud.update(server, { vmState: 'shelved_offloaded', taskState: null, host: null, powerState: 4 });
        return 'stop';
      },
    },
  ]);
}

/** Sets the state of a server by decree; whatever was under way is given up. */
export function resetState(cloud: LabCloud, server: Server, state: 'active' | 'error', by: Requester): void {
  cloud.addAction(server, 'resetState', by);
  cloud.cancelSteps(server);
  cloud.update(server, { vmState: state, taskState: null, fault: state === 'active' ? null : server.fault });
}

/** Protects a server against its own users, or ends that. */
export function setLock(
  cloud: LabCloud,
  server: Server,
  locked: boolean,
  reason: string | null,
  by: Requester,
): void {
  cloud.addAction(server, locked ? 'lock' : 'unlock', by);
  server.locked = locked;
  server.lockedReason = locked ? reason : null;
  cloud.update(server, {});
}
