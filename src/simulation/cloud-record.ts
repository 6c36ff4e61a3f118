/** What a model cloud writes down of itself, for assertions and for the monitor. Times are milliseconds since 1970. */
import type { Resources } from '../domain/cloud.ts';
import type { MoveRequest } from '../engine/ports.ts';

/** Something that happened in the cloud, for assertions. */
export interface CloudRecord {
  readonly at: number;
  readonly what:
    | 'close'
    | 'open'
    | 'move_started'
    | 'moved'
    | 'confirmed'
    | 'reverted'
    | 'failed'
    | 'deleted'
    | 'taken_away';
  readonly subject: string;
  readonly host: string;
  /** Of a move that was started. */
  readonly action?: MoveRequest['action'];
}

/** An instance takes room on a host from here on, or no longer; whoever caused it. */
export interface RoomRecord {
  readonly at: number;
  readonly kind: 'room_taken' | 'room_freed';
  readonly instanceId: string;
  readonly host: string;
  readonly size: Resources;
}

/** An instance is in ERROR from here on, or no longer. */
export interface HealthRecord {
  readonly at: number;
  readonly kind: 'broken' | 'mended';
  readonly instanceId: string;
}
