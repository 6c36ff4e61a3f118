/**
 * What the edge (http) asks of the engine. The engine's answer to every question is the session as its journal tells
 * it; the edge turns it into the words of the contract.
 */
import type { InstanceAction, MoveAction } from '../domain/cloud.ts';
import type { Session, SessionRequest, SessionState } from '../domain/session.ts';

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

/** A state in which something is done. */
export type ActiveState = Exclude<SessionState, 'MAINTENANCE_DONE' | 'MAINTENANCE_FAILED'>;

/** A reply as it came in. The edge has checked its form (the known ACK_ and NACK_ words, known actions). */
export interface ProjectReply {
  readonly state: string;
  readonly instanceActions?: Readonly<Record<string, InstanceAction>>;
  /** By instance: the move that may be tried where its live migration does not come to its end. */
  readonly fallbackActions?: Readonly<Record<string, MoveAction>>;
}

export interface InstanceReply {
  readonly state: string;
  readonly instanceAction?: InstanceAction;
  readonly fallbackAction?: MoveAction;
}

export interface MaintenanceService {
  /**
   * Opens a session and returns it; its work goes on in the background.
   * @throws TooManySessions, UnknownHosts, HostsTaken, UnknownPlugin, DownloadRefused
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
   * @throws SessionNotFound, ProjectNotInSession, ActionsMissing
   */
  reply(sessionId: string, projectId: string, reply: ProjectReply): Promise<void>;
  /** The same for one instance. @throws SessionNotFound, ProjectNotInSession, InstanceNotInSession, ActionsMissing */
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
  /** Deletes a session: from now on it is not found; what it closed is opened in the background. @throws SessionNotFound */
  delete(sessionId: string): Promise<void>;
}
