/**
 * What a session's journal is made of. Versioned: an event that changes its meaning gets a new type; fields are only
 * ever added as optional ones, so that a newer program reads an older journal.
 */
import type { InstanceAction, MoveAction, MoveBaseline } from './cloud.ts';
import type { Command, CommandError, CommandResult } from './command.ts';
import type { Constraint, ConstraintKind } from './constraint.ts';
import type { SessionControl, SessionRequest, SessionState } from './session.ts';

export type SessionEvent =
  /** An admin opened the session. */
  | { readonly type: 'session_created'; readonly sessionId: string; readonly request: SessionRequest }
  /** Decision: the session goes to another state. `reason` says why it failed, for people. */
  | { readonly type: 'state_entered'; readonly state: SessionState; readonly reason?: string }
  /** Decision: this host is emptied in the current visit. */
  | { readonly type: 'host_chosen'; readonly host: string }
  /** Decision: something is to be done outside. Journalled before it is done. */
  | { readonly type: 'command_issued'; readonly commandId: string; readonly command: Command }
  /** Fact: where the cloud's records stood just before the move was asked for. */
  | { readonly type: 'move_baselined'; readonly commandId: string; readonly baseline: MoveBaseline }
  /** Fact: the plug-in is about to be started. A run that has this and no outcome was broken off by a crash. */
  | { readonly type: 'plugin_started'; readonly commandId: string }
  /** Fact: the plug-in wrote these lines. */
  | { readonly type: 'plugin_reported'; readonly commandId: string; readonly lines: readonly string[] }
  /** Fact: a try of the command failed, and there will be another after the pause (milliseconds). */
  | {
      readonly type: 'command_retried';
      readonly commandId: string;
      readonly error: CommandError;
      readonly pauseMilliseconds: number;
    }
  /** Fact: the command went well. */
  | { readonly type: 'command_succeeded'; readonly commandId: string; readonly result: CommandResult }
  /** Fact: the command failed for good. */
  | { readonly type: 'command_failed'; readonly commandId: string; readonly error: CommandError }
  /** Fact: a project replied. `instanceId` is set where it replied for one instance alone. */
  | {
      readonly type: 'reply_received';
      readonly projectId: string;
      readonly state: string;
      readonly instanceActions?: Readonly<Record<string, InstanceAction>>;
      readonly instanceId?: string;
      /** By instance: what may be tried where its live migration does not come to its end. */
      readonly fallbackActions?: Readonly<Record<string, MoveAction>>;
      /** With an ACK: not before this time. Milliseconds since 1970. */
      readonly readyAt?: number;
      /** With a NACK: not now, ask again after so long. */
      readonly deferSeconds?: number;
      /** With a NACK: why, in the application's words. */
      readonly reason?: string;
    }
  /** Decision: an empty host is being maintained from here on. */
  | { readonly type: 'host_maintenance_started'; readonly host: string }
  /** Decision: its maintenance is over. */
  | { readonly type: 'host_maintenance_finished'; readonly host: string }
  /** Decision (workflow `vnf`): the session is shown in another state while its hosts are worked on; nothing is begun anew. */
  | { readonly type: 'phase_entered'; readonly state: SessionState }
  /** Decision: this host is emptied from now on, and this room is its instances'. By instance id the name of a host. */
  | {
      readonly type: 'host_admitted';
      readonly host: string;
      readonly targets: Readonly<Record<string, string>>;
    }
  /** Decision: this host is left aside for good. The reason is for people. */
  | { readonly type: 'host_skipped'; readonly host: string; readonly reason: string }
  /** Fact: an application registered this, in place of what it had registered before. */
  | { readonly type: 'constraint_registered'; readonly constraint: Constraint }
  /** Fact: an application withdrew what it had registered. */
  | {
      readonly type: 'constraint_withdrawn';
      readonly kind: ConstraintKind;
      readonly projectId: string;
      readonly id: string;
    }
  /** Fact: what an admin said to the running session. */
  | { readonly type: 'session_controlled'; readonly control: SessionControl }
  /** Fact: an admin continued the failed session at this state. */
  | { readonly type: 'session_continued'; readonly state: SessionState }
  /** Fact: the clock was set; windows that run are moved with it. Milliseconds, negative for back. */
  | { readonly type: 'clock_jumped'; readonly milliseconds: number }
  /** Fact: an admin deleted the session. */
  | { readonly type: 'deletion_requested' }
  /** Decision: nothing is left to do, tidying up included. */
  | { readonly type: 'session_closed' };
