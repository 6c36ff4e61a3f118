import type { InstanceAction } from '../domain/cloud.ts';
import type { Notification } from '../engine/ports.ts';

/** A notice to a project, as it came. */
export interface Notice {
  readonly messageId: string;
  /** When it was decided. Milliseconds since 1970. */
  readonly at: number;
  readonly projectId: string;
  readonly state: string;
  readonly payload: Notification['payload'];
}

/** A notice to the infrastructure about a host. */
export interface HostNotice {
  readonly host: string;
  readonly state: string;
  readonly at: number;
}

/** A reply as a project gave it. */
export interface GivenReply {
  readonly at: number;
  readonly projectId: string;
  /** Absent where it was for all instances in question. */
  readonly instanceId?: string;
  readonly state: string;
  readonly action?: InstanceAction;
  readonly readyAt?: number;
}

/** The instance that the reply to a notice is for, where it is for one alone (workflow `vnf`). */
export function askedInstance({ payload }: Pick<Notice, 'payload'>): string | undefined {
  return new URL(String(payload['reply_url'])).pathname.split('/')[5];
}

/** Is it about what becomes of instances on a host? */
export function isAboutHost({ state }: Pick<Notice, 'state'>): boolean {
  return state === 'PREPARE_MAINTENANCE' || state === 'PLANNED_MAINTENANCE';
}

/** Until when its reply is waited for. Milliseconds since 1970. */
export function replyTime({ payload }: Pick<Notice, 'payload'>): number {
  return Date.parse(`${String(payload['reply_at']).replace(' ', 'T')}Z`);
}
