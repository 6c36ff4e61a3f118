import { setTimeout as pause } from 'node:timers/promises';
import { dataOf, type components, type MaintenanceClient, type SessionRequest } from '../sdk/index.ts';

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

export interface SessionWish {
  /** `default` when absent. */
  readonly workflow?: 'default' | 'vnf';
  /** How many hosts at once (workflow `vnf`). */
  readonly parallelHosts?: number;
  /** The plan to follow (workflow `vnf`). */
  readonly planId?: string;
}

/** The body of a session over all hosts that begins in so many seconds. */
export function sessionRequest(
  inSeconds: number,
  { workflow = 'default', parallelHosts, planId }: SessionWish = {},
): SessionRequest {
  const maintenanceAt = new Date(Date.now() + inSeconds * 1000).toISOString().slice(0, 23).replace('T', ' ');
  return {
    state: 'MAINTENANCE',
    workflow,
    maintenance_at: maintenanceAt,
    metadata: { openstack_version: 'Epoxy' },
    hosts: [],
    ...(parallelHosts !== undefined && { parallel_hosts: parallelHosts }),
    ...(planId !== undefined && { plan_id: planId }),
  };
}

/** Opens a session over all hosts that begins in so many seconds. @returns its id */
export async function openSession(
  admin: MaintenanceClient,
  inSeconds: number,
  wish: SessionWish = {},
): Promise<string> {
  return dataOf(await admin.POST('/v1/maintenance', { body: sessionRequest(inSeconds, wish) })).session_id;
}
