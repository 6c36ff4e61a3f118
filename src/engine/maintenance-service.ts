/**
 * What the edge (http) asks of the engine. The engine's answer to every question is the session as its journal tells
 * it; the edge turns it into the words of the contract.
 */
import type { InstanceAction } from '../domain/cloud.ts';
import type { Session, SessionRequest } from '../domain/session.ts';

/** As many sessions run already as the configuration allows. */
export class TooManySessions extends Error {
  override readonly name = 'TooManySessions';
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

/** A reply as it came in. The edge has checked its form (the known ACK_ and NACK_ words, known actions). */
export interface ProjectReply {
  readonly state: string;
  readonly instanceActions?: Readonly<Record<string, InstanceAction>>;
}

export interface InstanceReply {
  readonly state: string;
  readonly instanceAction?: InstanceAction;
}

export interface MaintenanceService {
  /** Opens a session and returns it; its work goes on in the background. @throws TooManySessions */
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
  /** Deletes a session: from now on it is not found; what it closed is opened in the background. @throws SessionNotFound */
  delete(sessionId: string): Promise<void>;
}
