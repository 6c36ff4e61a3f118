/**
 * A maintenance session as its journal tells it: the fold of its events (`fold-session.ts`). Immutable. All times are
 * milliseconds since 1970, UTC.
 */
import type { ActionPluginRequest, Download, PluginRun } from './action-plugin.ts';
import type { HostType, InstanceAction, MoveAction, Resources, ServerGroup } from './cloud.ts';
import type { CommandError, CommandKind, CommandRecord, ProjectNoticeState } from './command.ts';
import type { InstanceConstraint, InstanceGroupConstraint } from './constraint.ts';
import type { Campaign } from './planner/campaign.ts';
import type { Plan } from './planner/plan.ts';

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

/**
 * What becomes of a host whose projects refuse or are silent, or whose move fails: the session fails, the host is left
 * aside, or (where it was silence) it is emptied without a reply.
 */
export const failurePolicies = ['fail', 'skip', 'force'] as const;
export type FailurePolicy = (typeof failurePolicies)[number];

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
  /** How many hosts are worked on at once (workflow `vnf`); absent: as many as there is room for without scaling in further. */
  readonly parallelHosts?: number;
  /** No host is begun with that would not be done by then (workflow `vnf`). Milliseconds since 1970; absent: there is no end. */
  readonly windowEndsAt?: number;
  /** What becomes of a host whose projects refuse or are silent, or whose move fails; absent: `fail`. */
  readonly failurePolicy?: FailurePolicy;
  /** The plan that the session is to follow. */
  readonly planId?: string;
}

/**
 * `draining`: admitted, its instances leave for the places that were reserved for them (workflow `vnf`). `skipped`: left
 * aside for good, and open again.
 */
export type HostProgress = 'waiting' | 'draining' | 'in_maintenance' | 'maintained' | 'skipped';

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
  /** Sequence of the last event that tells of a change of ours to it or to what it carries: older looks say nothing of that. */
  readonly touchedSequence?: number;
  /** When it was admitted: from then on it is being emptied. */
  readonly admittedAt?: number;
  /** Where its instances go: that room is theirs. By instance id. */
  readonly reservations?: Readonly<Record<string, string>>;
  /** An admin wants it left aside. */
  readonly skipRequested?: boolean;
  /** Why it was left aside, for people. */
  readonly skipReason?: string;
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
  /** Sequence of the last event that tells of a change of ours to it: a look that was asked for before says nothing of that. */
  readonly touchedSequence?: number;
  /** How long its last move took, confirmation included. Seconds. */
  readonly moveSeconds?: number;
  /** It was moved, and its project has not been told so. */
  readonly untold?: boolean;
  /** When its application put its answer off for the first time. */
  readonly deferredSince?: number;
  /** When its last operation in this session ended, well or badly: its recovery runs from here. */
  readonly operationEndedAt?: number;
}

/** An admin's word to a running session. */
export type SessionControl =
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'skip_host'; readonly host: string }
  | { readonly kind: 'abort' };

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
  /** It may be answered with OWN_ACTION, for as long as a slot of its group is held for that (`offerEndsAt`). */
  readonly offersOwnAction?: boolean;
  /** How long the newest notice left for the answer. Milliseconds. */
  readonly replyWithin?: number;
  /** When it was asked first. */
  readonly askedAt?: number;
  /** Not before this time, the application said with its ACK. */
  readonly readyAt?: number;
  /** The application is not ready now: it is asked again at this time. */
  readonly deferredUntil?: number;
  /** Why it refused, in its own words. */
  readonly reason?: string;
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
  /** It had no instance on the hosts when the session looked first. */
  readonly hasJoined?: boolean;
  /** How it met MAINTENANCE, where it did not agree and the session goes on without it. For people. */
  readonly unwilling?: string;
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
  /** How many hosts were maintained when the visit began: tells whether asking for room did any good. */
  readonly maintainedBefore: number;
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

/** The plan that a session began its hosts with: advice, and what the actual times are held against. */
export interface SessionPlan {
  /** Sequence of the command that asked for it. */
  readonly sequence: number;
  /** The zero of its times. */
  readonly madeAt: number;
  /** What was planned for. */
  readonly campaign: Campaign;
  readonly plan: Plan;
  /** How the cloud differs from the plan that the admin named, for people. */
  readonly drift: readonly string[];
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
  /** An admin paused it: nothing new is begun, what is under way comes to its end. */
  readonly paused: boolean;
  readonly pausedAt?: number;
  /** When it was resumed last. */
  readonly resumedAt?: number;
  /** An admin aborted it. */
  readonly abortedAt?: number;
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
  readonly instances: ReadonlyMap<string, Instance>;
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
  /** What was planned when the hosts were first worked on (workflow `vnf`). */
  readonly plan?: SessionPlan;
  /** What was planned last: the same, until it was planned anew. */
  readonly latestPlan?: SessionPlan;
}
