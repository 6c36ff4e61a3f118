/** An admin's word to a running session. Each may be said twice: it means the same. */
import { dataOf, type MaintenanceClient } from './maintenance-client.ts';
import type { components } from './openapi.ts';

export type SessionDetail = components['schemas']['SessionDetail'];

/**
 * Nothing new is begun from now on; what is under way comes to its end.
 * @throws ApiError when there is no such session, or it has ended
 */
export async function pauseSession(client: MaintenanceClient, sessionId: string): Promise<SessionDetail> {
  return dataOf(await client.POST('/v1/maintenance/{session_id}/pause', parameters(sessionId)));
}

/** @throws ApiError when there is no such session, or it has ended */
export async function resumeSession(client: MaintenanceClient, sessionId: string): Promise<SessionDetail> {
  return dataOf(await client.POST('/v1/maintenance/{session_id}/resume', parameters(sessionId)));
}

/**
 * What is under way comes to its end, the hosts are opened again, and the session ends as failed.
 * @throws ApiError when there is no such session, or it has ended
 */
export async function abortSession(client: MaintenanceClient, sessionId: string): Promise<SessionDetail> {
  return dataOf(await client.POST('/v1/maintenance/{session_id}/abort', parameters(sessionId)));
}

/**
 * The host is left aside, and listed among the `exceptions` of the session; the rest goes on.
 * @throws ApiError when there is no such session or host, or it is too late for that
 */
export async function skipHost(
  client: MaintenanceClient,
  sessionId: string,
  host: string,
): Promise<SessionDetail> {
  const options = { ...parameters(sessionId), body: { host } };
  return dataOf(await client.POST('/v1/maintenance/{session_id}/skip-host', options));
}

function parameters(sessionId: string) {
  return { params: { path: { session_id: sessionId } } };
}
