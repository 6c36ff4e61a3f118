/**
 * What the edge (http) asks of the engine. The engine's answer to every question is the session as its journal tells
 * it; the edge turns it into the words of the contract.
 */
import type { InstanceAction, MoveAction } from '../domain/cloud.ts';
import type {
  HostProgress,
  Session,
  SessionControl,
  SessionRequest,
  SessionState,
} from '../domain/session.ts';

/** As many sessions run already as the configuration allows. */
export class TooManySessions extends Error {
  override readonly name = 'TooManySessions';
}

/** The cloud has no hosts of these names. */
export class UnknownHosts extends Error {
  override readonly name = 'UnknownHosts';
  readonly hosts: readonly string[];
  constructor(hosts: readonly string[]) {
    super(`the cloud has no host ${hosts.join(', ')}`);
    this.hosts = hosts;
  }
}

/** Another running session has these hosts. */
export class HostsTaken extends Error {
  override readonly name = 'HostsTaken';
  readonly hosts: readonly string[];
  constructor(hosts: readonly string[]) {
    super(`another running session has ${hosts.join(', ')}`);
    this.hosts = hosts;
  }
}

/** There is no such action plug-in, and the session fetches nothing that could bring it. */
export class UnknownPlugin extends Error {
  override readonly name = 'UnknownPlugin';
  readonly plugin: string;
  constructor(plugin: string) {
    super(`there is no action plug-in ${plugin}`);
    this.plugin = plugin;
  }
}

/** A download that the configuration does not allow. */
export class DownloadRefused extends Error {
  override readonly name = 'DownloadRefused';
  /** Its place in the request's list, from 0. */
  readonly index: number;
  constructor(index: number, reason: string) {
    super(reason);
    this.index = index;
  }
}

/** Only a failed session can be continued. */
export class SessionNotFailed extends Error {
  override readonly name = 'SessionNotFailed';
  readonly state: SessionState;
  constructor(state: SessionState) {
    super(`the session is in ${state}`);
    this.state = state;
  }
}

/** Only a session that has not ended can be paused, resumed, aborted, or told to skip a host. */
export class SessionNotRunning extends Error {
  override readonly name = 'SessionNotRunning';
  readonly state: SessionState;
  constructor(state: SessionState) {
    super(`the session is in ${state}`);
    this.state = state;
  }
}

/** The session has no host of this name. */
export class HostNotInSession extends Error {
  override readonly name = 'HostNotInSession';
}

/** A host that is in maintenance, or maintained, cannot be left aside any more. */
export class HostNotSkippable extends Error {
  override readonly name = 'HostNotSkippable';
  readonly progress: HostProgress;
  constructor(host: string, progress: HostProgress) {
    super(`host ${host} is ${progress}`);
    this.progress = progress;
  }
}

/** The plan that the session is to follow does not exist, is not finished, or is for something else. */
export class PlanUnusable extends Error {
  override readonly name = 'PlanUnusable';
}

/** No such session, or it was deleted. */
export class SessionNotFound extends Error {
  override readonly name = 'SessionNotFound';
}

/** The session has nothing to do with this project (or has not seen it yet). */
export class ProjectNotInSession extends Error {
  override readonly name = 'ProjectNotInSession';
}

/** The session has nothing to do with this instance of the project. */
export class InstanceNotInSession extends Error {
  override readonly name = 'InstanceNotInSession';
}

/** An ACK that must name an action for each instance does not. */
export class ActionsMissing extends Error {
  override readonly name = 'ActionsMissing';
  readonly instanceIds: readonly string[];
  constructor(instanceIds: readonly string[]) {
    super(`no action is given for ${instanceIds.join(', ')}`);
    this.instanceIds = instanceIds;
  }
}

/** An ACK names an action that the notice did not offer. */
export class ActionNotOffered extends Error {
  override readonly name = 'ActionNotOffered';
  readonly instanceIds: readonly string[];
  constructor(instanceIds: readonly string[]) {
    super(
      `the action is not among the allowed_actions of the notice for ${instanceIds.join(', ')}, or the time to reply is over`,
    );
    this.instanceIds = instanceIds;
  }
}

/** A state in which something is done. */
export type ActiveState = Exclude<SessionState, 'MAINTENANCE_DONE' | 'MAINTENANCE_FAILED'>;

/** A reply as it came in. The edge has checked its form (the known ACK_ and NACK_ words, known actions). */
export interface ProjectReply {
  readonly state: string;
  readonly instanceActions?: Readonly<Record<string, InstanceAction>>;
  /** By instance: the move that may be tried where its live migration does not come to its end. */
  readonly fallbackActions?: Readonly<Record<string, MoveAction>>;
  /** As in `InstanceReply`, for all instances that the reply answers for. */
  readonly readyAt?: number;
  readonly deferSeconds?: number;
  readonly reason?: string;
}

export interface InstanceReply {
  /** Milliseconds since 1970: with an ACK, not before this time. */
  readonly readyAt?: number;
  /** With a NACK: not now, ask again after so long. */
  readonly deferSeconds?: number;
  /** With a NACK: why, for people. */
  readonly reason?: string;
  readonly state: string;
  readonly instanceAction?: InstanceAction;
  readonly fallbackAction?: MoveAction;
}

export interface MaintenanceService {
  /**
   * Opens a session and returns it; its work goes on in the background.
   * @throws TooManySessions, UnknownHosts, HostsTaken, UnknownPlugin, DownloadRefused, PlanUnusable
   */
  create(request: SessionRequest): Promise<Session>;
  /** All sessions that are not deleted, oldest first. */
  list(): readonly Session[];
  /** @throws SessionNotFound */
  get(sessionId: string): Session;
  /**
   * The instances of a project that the present state is about: those on the host being emptied, else all of the
   * project's on the session's hosts (fenix.md 2.7). @throws SessionNotFound, ProjectNotInSession
   */
  projectInstanceIds(sessionId: string, projectId: string): readonly string[];
  /**
   * Takes a project's reply. One that answers nothing that is asked just now (late, twice, or to
   * INSTANCE_ACTION_DONE) is journalled and has no effect (fenix.md 8.3, question 12).
   * @throws SessionNotFound, ProjectNotInSession, ActionsMissing, ActionNotOffered
   */
  reply(sessionId: string, projectId: string, reply: ProjectReply): Promise<void>;
  /** The same for one instance. @throws SessionNotFound, ProjectNotInSession, InstanceNotInSession, ActionsMissing, ActionNotOffered */
  replyForInstance(
    sessionId: string,
    projectId: string,
    instanceId: string,
    reply: InstanceReply,
  ): Promise<void>;
  /**
   * Continues a failed session at the given state, else where it failed (facts 8.3, question 10), and returns it.
   * @throws SessionNotFound, SessionNotFailed, HostsTaken, TooManySessions
   */
  continue(sessionId: string, state?: ActiveState): Promise<Session>;
  /**
   * Passes an admin's word on: pause, resume, skip a host, abort. Each may be said twice.
   * @throws SessionNotFound, SessionNotRunning, HostNotInSession, HostNotSkippable
   */
  control(sessionId: string, control: SessionControl): Promise<Session>;
  /** Deletes a session: from now on it is not found; what it closed is opened in the background. @throws SessionNotFound */
  delete(sessionId: string): Promise<void>;
}
