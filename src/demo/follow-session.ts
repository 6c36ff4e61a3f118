import { setTimeout as pause } from 'node:timers/promises';
import { dataOf, type components, type MaintenanceClient } from '../sdk/index.ts';

export type SessionDetail = components['schemas']['SessionDetail'];

const pollMilliseconds = 100;

/** Follows a session through the API until it has ended; tells of each look. */
export async function followSession(
  admin: MaintenanceClient,
  sessionId: string,
  onLook: (detail: SessionDetail) => void,
  signal?: AbortSignal,
): Promise<SessionDetail> {
  for (;;) {
    const detail = dataOf(
      await admin.GET('/v1/maintenance/{session_id}/detail', { params: { path: { session_id: sessionId } } }),
    );
    onLook(detail);
    if (detail.session.ended_at !== null) return detail;
    await pause(pollMilliseconds, undefined, signal && { signal });
  }
}

/** Opens a session over all hosts that begins in so many seconds. `parallelHosts`: how many at once (workflow `vnf`). */
export async function openSession(
  admin: MaintenanceClient,
  inSeconds: number,
  workflow: 'default' | 'vnf' = 'default',
  parallelHosts?: number,
): Promise<string> {
  const maintenanceAt = new Date(Date.now() + inSeconds * 1000).toISOString().slice(0, 23).replace('T', ' ');
  const body = {
    state: 'MAINTENANCE' as const,
    workflow,
    maintenance_at: maintenanceAt,
    metadata: { openstack_version: 'Epoxy' },
    hosts: [],
    ...(parallelHosts !== undefined && { parallel_hosts: parallelHosts }),
  };
  return dataOf(await admin.POST('/v1/maintenance', { body })).session_id;
}
