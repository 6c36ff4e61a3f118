/**
 * What a session wants done outside. A command is journalled with an id before it is carried out, its outcome after.
 */
import type { ActionType, Download } from './action-plugin.ts';
import type { CloudObservation, InstanceAction, MoveAction, MoveBaseline, MoveResult } from './cloud.ts';
import type { Campaign } from './planner/campaign.ts';
import type { Plan } from './planner/plan.ts';
import type { InstanceConstraint, InstanceGroupConstraint } from './constraint.ts';

/** The states in which a project is told something (fenix.md 3.1). No other is ever sent: clients raise on any other. */
export type ProjectNoticeState =
  | 'MAINTENANCE'
  | 'SCALE_IN'
  | 'PREPARE_MAINTENANCE'
  | 'PLANNED_MAINTENANCE'
  | 'MAINTENANCE_COMPLETE'
  | 'INSTANCE_ACTION_DONE';

/** The states in which the infrastructure is told of a host. */
export type HostNoticeState = 'IN_MAINTENANCE' | 'MAINTENANCE_COMPLETE';

export interface NotifyProject {
  readonly kind: 'notify_project';
  readonly projectId: string;
  readonly state: ProjectNoticeState;
  /** The ids themselves where the message carries a list; absent where it carries the URL to get them from. */
  readonly instanceIds?: readonly string[];
  /** The instance that is to be replied for, where the reply is for one alone (workflow `vnf`). */
  readonly replyInstanceId?: string;
  readonly allowedActions: readonly InstanceAction[];
  /** Milliseconds since 1970; null where nothing is due. */
  readonly actionsAt: number | null;
  readonly replyAt: number | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export type Command =
  | { readonly kind: 'observe_cloud' }
  | { readonly kind: 'check_subscriptions'; readonly projectIds: readonly string[] }
  | NotifyProject
  | { readonly kind: 'notify_host'; readonly host: string; readonly state: HostNoticeState }
  | { readonly kind: 'notify_session'; readonly state: string; readonly percentDone: number }
  | {
      readonly kind: 'close_host';
      readonly host: string;
      readonly serviceId: string;
      readonly reason: string;
    }
  | { readonly kind: 'open_host'; readonly host: string; readonly serviceId: string }
  | {
      readonly kind: 'move_instance';
      readonly instanceId: string;
      readonly action: MoveAction;
      readonly from: string;
      readonly target?: string;
    }
  | { readonly kind: 'confirm_move'; readonly instanceId: string; readonly host: string }
  /** Breaks a live migration off that does not come to its end. */
  | { readonly kind: 'abort_move'; readonly instanceId: string; readonly host: string }
  /** Reads what the applications registered for these instances, and for their groups. */
  | { readonly kind: 'read_constraints'; readonly instanceIds: readonly string[] }
  | {
      readonly kind: 'run_plugin';
      readonly plugin: string;
      readonly type: ActionType;
      /** Name of the host, or `localhost`. */
      readonly host: string;
      readonly metadata: Readonly<Record<string, unknown>>;
    }
  /** Plans what the session is about to do; `planId`: unless that plan still holds. */
  | { readonly kind: 'make_plan'; readonly campaign: Campaign; readonly planId?: string }
  | { readonly kind: 'fetch_downloads'; readonly downloads: readonly Download[] }
  | { readonly kind: 'remove_downloads' }
  | { readonly kind: 'watch_departure'; readonly host: string; readonly instanceIds: readonly string[] };

export type CommandKind = Command['kind'];

/** What a command that went well brought back. */
export type CommandResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'observed'; readonly observation: CloudObservation }
  | { readonly kind: 'subscribed'; readonly projectIds: readonly string[] }
  | { readonly kind: 'moved'; readonly move: MoveResult }
  | { readonly kind: 'planned'; readonly plan: Plan; readonly drift: readonly string[] }
  | { readonly kind: 'downloaded'; readonly files: readonly string[] }
  | {
      readonly kind: 'constraints';
      readonly instances: readonly InstanceConstraint[];
      readonly groups: readonly InstanceGroupConstraint[];
    };

/** Why a command failed: a code of `CloudError`, or `failed`; and what a person needs to know. */
export interface CommandError {
  readonly code: string;
  readonly message: string;
}

/** A command in a session's journal, with what became of it. */
export interface CommandRecord {
  readonly id: string;
  readonly command: Command;
  /** Which visit of a state issued it (see `Session.visit`). */
  readonly visit: number;
  /** Sequence number of the event that issued it. */
  readonly sequence: number;
  readonly issuedAt: number;
  /** Journalled before a move is asked for. */
  readonly baseline?: MoveBaseline;
  /** The plug-in was started before: only its own policy says whether it may be started again. */
  readonly started?: boolean;
  readonly endedAt?: number;
  readonly result?: CommandResult;
  readonly error?: CommandError;
}
