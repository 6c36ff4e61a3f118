import type { Logger } from 'pino';
import { foldSession } from '../domain/fold-session.ts';
import { instancesInQuestion, replyCounts, unansweredInstances, type ReplyEvent } from '../domain/reply.ts';
import { hasEnded, isTidyingUp, projectInstances } from '../domain/session-view.ts';
import type { Session, SessionRequest } from '../domain/session.ts';
import type { WorkflowSettings } from '../domain/settings.ts';
import {
  ActionsMissing,
  InstanceNotInSession,
  ProjectNotInSession,
  SessionNotFound,
  TooManySessions,
  type InstanceReply,
  type MaintenanceService,
  type ProjectReply,
} from './maintenance-service.ts';
import type { Clock, Ids, Journal, JournalEntry } from './ports.ts';
import type { CommandDeps } from './run-command.ts';
import type { LeaseSettings } from './session-lease.ts';
import { SessionRunner } from './session-runner.ts';

export interface EngineDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly commands: CommandDeps;
  readonly settings: WorkflowSettings;
  readonly lease: LeaseSettings;
  /** How many sessions may run at once; those that have ended do not count. */
  readonly maxSessions: number;
  /** How long the journal of a deleted session is kept. */
  readonly keepDeletedDays: number;
}

const dayMilliseconds = 24 * 3_600_000;
const purgeEveryMilliseconds = 3_600_000;

/** All sessions of this server. */
export class MaintenanceEngine implements MaintenanceService {
  readonly #deps: EngineDeps;
  readonly #runners = new Map<string, SessionRunner>();
  #opening = 0;
  #cancelPurge: (() => void) | undefined;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** Takes up every session of the journal where it stood. */
  async start(): Promise<void> {
    const { journal } = this.#deps;
    for (const id of await journal.openSessionIds()) this.#run(replay(await journal.read(id)));
    await this.#purge();
  }

  /** Leaves every session as it stands, to be taken up at the next start. */
  async stop(): Promise<void> {
    this.#cancelPurge?.();
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()));
    this.#runners.clear();
  }

  async create(request: SessionRequest): Promise<Session> {
    const { journal, clock, ids, logger, maxSessions } = this.#deps;
    const running = this.list().filter((session) => !hasEnded(session)).length;
    if (running + this.#opening >= maxSessions) throw new TooManySessions();
    this.#opening += 1;
    try {
      const sessionId = ids.sessionId();
      const created = { type: 'session_created', sessionId, request } as const;
      logger.info({ session_id: sessionId, request }, 'session created');
      return this.#run(replay(await journal.create(sessionId, clock.now(), [created]))).session;
    } finally {
      this.#opening -= 1;
    }
  }

  list(): readonly Session[] {
    return [...this.#runners.values()]
      .map(({ session }) => session)
      .filter(({ deletedAt }) => deletedAt === undefined);
  }

  get(sessionId: string): Session {
    return this.#runner(sessionId).session;
  }

  projectInstanceIds(sessionId: string, projectId: string): readonly string[] {
    const session = this.#withProject(sessionId, projectId).session;
    const inQuestion = instancesInQuestion(session, projectId);
    return inQuestion.length > 0 ? inQuestion : projectInstances(session, projectId).map(({ id }) => id);
  }

  async reply(sessionId: string, projectId: string, reply: ProjectReply): Promise<void> {
    const runner = this.#withProject(sessionId, projectId);
    await this.#take(runner, { projectId, ...reply });
  }

  async replyForInstance(
    sessionId: string,
    projectId: string,
    instanceId: string,
    { state, instanceAction }: InstanceReply,
  ): Promise<void> {
    const runner = this.#withProject(sessionId, projectId);
    if (runner.session.instances[instanceId]?.projectId !== projectId) throw new InstanceNotInSession();
    await this.#take(runner, {
      projectId,
      instanceId,
      state,
      ...(instanceAction !== undefined && { instanceActions: { [instanceId]: instanceAction } }),
    });
  }

  async delete(sessionId: string): Promise<void> {
    await this.#runner(sessionId).record({ type: 'deletion_requested' });
  }

  async #take(runner: SessionRunner, reply: ReplyEvent): Promise<void> {
    const { session } = runner;
    if (replyCounts(session, reply) && reply.state.startsWith('ACK_')) {
      const missing = unansweredInstances(session, reply).filter(
        (id) => reply.instanceId === undefined || id === reply.instanceId,
      );
      if (missing.length > 0) throw new ActionsMissing(missing);
    }
    await runner.record({ type: 'reply_received', ...reply });
  }

  #runner(sessionId: string): SessionRunner {
    const runner = this.#runners.get(sessionId);
    if (runner === undefined || runner.session.deletedAt !== undefined) throw new SessionNotFound();
    return runner;
  }

  #withProject(sessionId: string, projectId: string): SessionRunner {
    const runner = this.#runner(sessionId);
    if (runner.session.projects[projectId] === undefined) throw new ProjectNotInSession();
    return runner;
  }

  #run(session: Session): SessionRunner {
    const runner = new SessionRunner(
      {
        ...this.#deps,
        takenHosts: (mine) => this.#takenHosts(mine),
        othersTidyUp: (mine) => this.#others(mine).some(isTidyingUp),
        onTidiedUp: () => this.#runners.forEach((other) => other.wake()),
        onClosed: (id) => this.#runners.delete(id),
      },
      session,
    );
    this.#runners.set(session.id, runner);
    runner.start();
    return runner;
  }

  #others({ id }: Session): readonly Session[] {
    return [...this.#runners.values()].map(({ session }) => session).filter((other) => other.id !== id);
  }

  /** Of two sessions on one host the older one keeps it, unless the younger has begun already. */
  #takenHosts(mine: Session): ReadonlySet<string> {
    const before = (other: Session) =>
      other.createdAt < mine.createdAt || (other.createdAt === mine.createdAt && other.id < mine.id);
    return new Set(
      this.#others(mine)
        .filter((other) => !hasEnded(other) && other.deletedAt === undefined)
        .filter((other) => before(other) || other.visit.number > 1)
        .flatMap(({ hosts }) => hosts.map(({ name }) => name)),
    );
  }

  async #purge(): Promise<void> {
    const { journal, clock, keepDeletedDays, logger } = this.#deps;
    const removed = await journal.purge(clock.now() - keepDeletedDays * dayMilliseconds);
    if (removed > 0) logger.info({ sessions: removed }, 'journals of deleted sessions were removed');
    this.#cancelPurge = clock.at(clock.now() + purgeEveryMilliseconds, () => {
      this.#purge().catch((error: unknown) =>
        logger.error({ err: error }, 'old journals could not be removed'),
      );
    });
  }
}

function replay(entries: readonly JournalEntry[]): Session {
  const session = entries.reduce<Session | undefined>(foldSession, undefined);
  if (session === undefined) throw new Error('a session without a journal');
  return session;
}
