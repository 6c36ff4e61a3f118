/**
 * A maintenance session as its journal tells it: the fold of its events (`fold-session.ts`). Immutable. All times are
 * milliseconds since 1970, UTC.
 */
import type { HostType, InstanceAction, Resources, ServerGroup } from './cloud.ts';
import type { CommandRecord, ProjectNoticeState } from './command.ts';

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

/** What an admin asks for. */
export interface SessionRequest {
  readonly workflow: 'default';
  /** Names of hosts; empty: all that the cloud has. */
  readonly hosts: readonly string[];
  readonly maintenanceAt: number;
  /** Hints passed on to the projects. */
  readonly metadata: Readonly<Record<string, unknown>>;
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
}
