/**
 * A maintenance session as its journal tells it: the fold of its events (`fold-session.ts`). Immutable. All times are
 * milliseconds since 1970, UTC.
 */
import type { ActionPluginRequest, Download, PluginRun } from './action-plugin.ts';
import type { HostType, InstanceAction, MoveAction, Resources, ServerGroup } from './cloud.ts';
import type { CommandError, CommandKind, CommandRecord, ProjectNoticeState } from './command.ts';
import type { InstanceConstraint, InstanceGroupConstraint } from './constraint.ts';

/** Every state of a session (fenix.md 3.1), in the order in which a reader meets them. */
export const sessionStates = [
  'MAINTENANCE',
  'SCALE_IN',
  'PREPARE_MAINTENANCE',
  'START_MAINTENANCE',
  'PLANNED_MAINTENANCE',
  'MAINTENANCE_COMPLETE',
  'MAINTENANCE_DONE',
  'MAINTENANCE_FAILED',
] as const;
export type SessionState = (typeof sessionStates)[number];

/** The workflows that a session may ask for. */
export const workflowNames = ['default', 'vnf'] as const;
export type WorkflowName = (typeof workflowNames)[number];

/** What an admin asks for. */
export interface SessionRequest {
  readonly workflow: WorkflowName;
  /** Names of hosts; empty: all that the cloud has. */
  readonly hosts: readonly string[];
  readonly maintenanceAt: number;
  /** Hints passed on to the projects. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Plug-ins to be run, in the order in which they were asked for. Absent in journals of versions without them. */
  readonly actions?: readonly ActionPluginRequest[];
  /** Packages to be fetched before the session begins. Absent in journals of versions without them. */
  readonly downloads?: readonly Download[];
}

export type HostProgress = 'waiting' | 'in_maintenance' | 'maintained';

/** A host of the session. */
export interface Host {
  readonly name: string;
  readonly type: HostType;
  readonly serviceId?: string;
  readonly up: boolean;
  /** The cloud said at the last look that it takes new instances. */
  readonly open: boolean;
  /** We closed it (or are about to: the command is journalled) and have not opened it since. */
  readonly closedByUs: boolean;
  /** Somebody else had closed it before we came: it stays as it was found. */
  readonly foundClosed: boolean;
  readonly progress: HostProgress;
  readonly maintenanceStartedAt?: number;
  readonly maintenanceEndedAt?: number;
  readonly capacity: Resources;
}

/** An instance on a host of the session, or one that was. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  /** Absent once the cloud does not know it any more, or no host holds it. */
  readonly host?: string;
  readonly state: string;
  readonly task: string | null;
  readonly size: Resources;
  /** The last action that was chosen for it, and what became of it. */
  readonly action?: InstanceAction;
  readonly actionOutcome?: 'running' | 'done' | 'failed';
  readonly actionError?: string;
  /** Hosts that it left by live migration: see `Layout.remembered`. */
  readonly leftLive?: readonly string[];
  /** How many moves of it were asked for in the current visit. */
  readonly attempts: number;
  readonly gone: boolean;
  /** The question about this instance alone, where its project is asked for each instance (workflow `vnf`). */
  readonly question?: OpenQuestion;
  /** When its last operation in this session ended, well or badly: its recovery runs from here. */
  readonly operationEndedAt?: number;
}

/** What a project answered last. */
export interface Reply {
  readonly state: string;
  readonly at: number;
  /** False where it came too late, twice, or to a question that was not asked. */
  readonly counted: boolean;
}

/** An open question to a project: a notice that waits for its reply. */
export interface OpenQuestion {
  readonly state: ProjectNoticeState;
  /** How often it was sent. */
  readonly sends: number;
  /** Id of the newest notice's command. */
  readonly commandId: string;
  /** When the newest notice was safely handed over; the reply window runs from here. */
  readonly deliveredAt?: number;
  readonly answer?: 'ACK' | 'NACK';
  /** Filled by the reply, or one by one where replies come per instance. */
  readonly actions: Readonly<Record<string, InstanceAction>>;
  /** By instance: the move that may be tried where a live migration does not come to its end. */
  readonly fallbacks?: Readonly<Record<string, MoveAction>>;
}

/** A project with instances on the session's hosts. */
export interface Project {
  readonly id: string;
  /** Does it listen to `maintenance.scheduled`? Absent until that was asked. */
  readonly subscribed?: boolean;
  readonly question?: OpenQuestion;
  readonly lastReply?: Reply;
}

/** A stay in one state. Steps keep what they must remember here, and it is forgotten with the visit. */
export interface Visit {
  /** 1 for the first state of the session, 2 for the next, ... */
  readonly number: number;
  readonly enteredAt: number;
  /** The host that is emptied in this visit. */
  readonly host?: string;
  /** `Session.changedSequence` when the visit began. */
  readonly changedBefore: number;
  /** How many instances were gone when the visit began: tells whether a scale-in did anything. */
  readonly goneBefore: number;
}

/** A call that failed and was tried again, for the admin to see. */
export interface Retry {
  readonly commandId: string;
  readonly kind: CommandKind;
  /** What it was about: a host, an instance, a project or a plug-in; absent where it was about the whole cloud. */
  readonly subject?: string;
  readonly at: number;
  readonly error: CommandError;
  /** The pause before the next try. Milliseconds. */
  readonly pauseMilliseconds: number;
}

/** The applications' constraints as they were last read, by id. Only rows of the project that has the instance count. */
export interface KnownConstraints {
  readonly instances: Readonly<Record<string, InstanceConstraint>>;
  readonly groups: Readonly<Record<string, InstanceGroupConstraint>>;
}

export interface Session {
  readonly id: string;
  /** Sequence number of the last event that was folded in. */
  readonly sequence: number;
  readonly request: SessionRequest;
  readonly state: SessionState;
  readonly previousState?: SessionState;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly endedAt?: number;
  /** When an admin continued it last, after it had failed. */
  readonly continuedAt?: number;
  /** When the machine's clock was set last, by the clock as it was afterwards. */
  readonly clockSetAt?: number;
  /** Why it failed, for people. */
  readonly failure?: string;
  /** An admin deleted it: it is only being tidied up. */
  readonly deletedAt?: number;
  /** Nothing is left to do, tidying up included. */
  readonly closed: boolean;
  /** Session hosts, in the order of the cloud's answer. Empty until the cloud was first seen. */
  readonly hosts: readonly Host[];
  /** Hosts of the cloud that are not in the session: places to move to. */
  readonly otherHosts: readonly Host[];
  readonly instances: Readonly<Record<string, Instance>>;
  readonly serverGroups: readonly ServerGroup[];
  readonly projects: Readonly<Record<string, Project>>;
  readonly visit: Visit;
  /** When the cloud was last seen: the time the look was asked for, not when its answer came. */
  readonly observedAt?: number;
  /** Sequence of the command that asked for that look. */
  readonly observedSequence: number;
  /** Sequence of the last event that tells of a change in the cloud: a look asked for before it is out of date. */
  readonly changedSequence: number;
  /** Unfinished commands, and the finished ones of the current visit, by id in the order of issue. */
  readonly commands: ReadonlyMap<string, CommandRecord>;
  /** Every run of an action plug-in, in the order of their begin. */
  readonly pluginRuns: readonly PluginRun[];
  /** Files that were fetched; absent until they were. */
  readonly downloaded?: readonly string[];
  /** Absent until they were read. */
  readonly constraints?: KnownConstraints;
  /** Sequence of the command that read them last; 0 before. */
  readonly constraintsSequence: number;
  /** The newest calls that were tried again. */
  readonly retries: readonly Retry[];
}
