import type { LabCloud } from './lab-cloud.ts';
import type { Requester, Server } from './types.ts';

/** Starts or stops a server. */
export function setPower(cloud: LabCloud, server: Server, on: boolean, by: Requester): void {
  const action = cloud.addAction(server, on ? 'start' : 'stop', by);
  cloud.update(server, { taskState: on ? 'powering-on' : 'powering-off' });
  cloud.run(server, [
    {
      after: cloud.seconds('power', cloud.subject(server)),
      run() {
        cloud.addEvent(action, on ? 'compute_start_instance' : 'compute_stop_instance', server.host ?? '');
        cloud.update(server, { vmState: on ? 'active' : 'stopped', taskState: null, powerState: on ? 1 : 4 });
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
