import type { Logger } from 'pino';
import { foldSession } from '../domain/fold-session.ts';
import { actionsNotOffered } from '../domain/reply-for-instances.ts';
import { instancesInQuestion, replyCounts, unansweredInstances, type ReplyEvent } from '../domain/reply.ts';
import { hasEnded, isTidyingUp, projectInstances } from '../domain/session-view.ts';
import { durationsBy, measured } from '../domain/durations.ts';
import type { Durations } from '../domain/workflow.ts';
import type { ConstraintNews } from './constraint-news.ts';
import type { Session, SessionControl, SessionRequest } from '../domain/session.ts';
import type { WorkflowSettings } from '../domain/settings.ts';
import {
  ActionsMissing,
  InstanceNotInSession,
  ProjectNotInSession,
  SessionNotFound,
  HostsTaken,
  ActionNotOffered,
  HostNotInSession,
  HostNotSkippable,
  PlanUnusable,
  SessionNotFailed,
  SessionNotRunning,
  TooManySessions,
  type ActiveState,
  type InstanceReply,
  type MaintenanceService,
  type ProjectReply,
} from './maintenance-service.ts';
import type { Clock, Ids, Journal, JournalEntry } from './ports.ts';
import { refuseDownloads, refusePlugins, refuseUnknownHosts } from './refuse-request.ts';
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
  /** What is known of how long things last, besides what sessions measured. */
  readonly knownDurations?: Partial<Durations>;
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
  #ignoreJumps: (() => void) | undefined;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** Takes up every session of the journal where it stood. */
  async start(): Promise<void> {
    const { journal } = this.#deps;
    for (const id of await journal.openSessionIds()) this.#run(replay(await journal.read(id)));
    this.#ignoreJumps = this.#deps.clock.onJump((milliseconds, followed) =>
      this.#jump(milliseconds, followed),
    );
    await this.#purge();
  }

  /** Leaves every session as it stands, to be taken up at the next start. */
  async stop(): Promise<void> {
    this.#cancelPurge?.();
    this.#ignoreJumps?.();
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()));
    this.#runners.clear();
  }

  async create(request: SessionRequest): Promise<Session> {
    const { journal, clock, ids, logger } = this.#deps;
    return this.#whileOpening(async () => {
      refuseDownloads(this.#deps.commands, request);
      this.#refuseTakenHosts(request);
      await refuseUnknownHosts({ ...this.#deps.commands, logger }, request);
      await refusePlugins(this.#deps.commands, request);
      await this.#refusePlan(request);
      const sessionId = ids.sessionId();
      const created = { type: 'session_created', sessionId, request } as const;
      logger.info({ session_id: sessionId, request }, 'session created');
      return this.#run(replay(await journal.create(sessionId, clock.now(), [created]))).session;
    });
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
    { state, instanceAction, fallbackAction, readyAt, deferSeconds, reason }: InstanceReply,
  ): Promise<void> {
    const runner = this.#withProject(sessionId, projectId);
    if (runner.session.instances.get(instanceId)?.projectId !== projectId) throw new InstanceNotInSession();
    await this.#take(runner, {
      projectId,
      instanceId,
      state,
      ...(instanceAction !== undefined && { instanceActions: { [instanceId]: instanceAction } }),
      ...(fallbackAction !== undefined && { fallbackActions: { [instanceId]: fallbackAction } }),
      ...(readyAt !== undefined && { readyAt }),
      ...(deferSeconds !== undefined && { deferSeconds }),
      ...(reason !== undefined && { reason }),
    });
  }

  async continue(sessionId: string, state?: ActiveState): Promise<Session> {
    const runner = this.#runner(sessionId);
    return this.#whileOpening(async () => {
      await runner.recordOf((session) => {
        if (session.deletedAt !== undefined) throw new SessionNotFound();
        if (session.state !== 'MAINTENANCE_FAILED') throw new SessionNotFailed(session.state);
        const taken = this.#hostsOfOthers(session);
        const shared = hostNamesOf(session).filter((name) => taken.has(name));
        if (shared.length > 0) throw new HostsTaken(shared);
        return { type: 'session_continued', state: state ?? stateBeforeFailure(session) };
      });
      return runner.session;
    });
  }

  async control(sessionId: string, control: SessionControl): Promise<Session> {
    const runner = this.#runner(sessionId);
    await runner.recordOf((session) => {
      if (hasEnded(session) || session.deletedAt !== undefined) throw new SessionNotRunning(session.state);
      if (control.kind === 'skip_host') refuseSkip(session, control.host);
      return { type: 'session_controlled', control };
    });
    return runner.session;
  }

  /** Tells every running session of limits that an application registered or withdrew (`constraint-news.ts`). */
  async tellOfConstraint(news: ConstraintNews): Promise<void> {
    const concerned = [...this.#runners.values()].filter(({ session }) => {
      const { request, endedAt, constraints, projects } = session;
      const projectId = news.type === 'constraint_registered' ? news.constraint.projectId : news.projectId;
      return (
        request.workflow === 'vnf' &&
        endedAt === undefined &&
        constraints !== undefined &&
        projectId in projects
      );
    });
    await Promise.all(concerned.map((runner) => runner.record(news)));
  }

  /** How long things are taken to last, by what sessions measured. */
  durations(): Durations {
    const sessions = [...this.#runners.values()].map(({ session }) => session);
    return durationsBy(sessions.flatMap(measured), this.#deps.settings, this.#deps.knownDurations);
  }

  async delete(sessionId: string): Promise<void> {
    await this.#runner(sessionId).record({ type: 'deletion_requested' });
  }

  /** Counts a session that is about to run as one that does. @throws TooManySessions */
  async #whileOpening(open: () => Promise<Session>): Promise<Session> {
    const running = this.list().filter((session) => !hasEnded(session)).length;
    if (running + this.#opening >= this.#deps.maxSessions) throw new TooManySessions();
    this.#opening += 1;
    try {
      return await open();
    } finally {
      this.#opening -= 1;
    }
  }

  #refuseTakenHosts({ hosts }: SessionRequest): void {
    const taken = this.#hostsOfOthers();
    const shared = hosts.filter((name) => taken.has(name));
    if (shared.length > 0) throw new HostsTaken(shared);
  }

  async #refusePlan({ planId, workflow }: SessionRequest): Promise<void> {
    if (planId === undefined) return;
    const named = await this.#deps.commands.plans.get(planId);
    if (named === undefined) throw new PlanUnusable(`there is no plan ${planId}`);
    if (named.status !== 'finished') throw new PlanUnusable(`plan ${planId} is ${named.status}`);
    if (workflow !== 'vnf') throw new PlanUnusable('only a session of the workflow vnf follows a plan');
  }

  /** The hosts that other running sessions have, or asked for. */
  #hostsOfOthers(mine?: Session): ReadonlySet<string> {
    return new Set(
      this.list()
        .filter((other) => other.id !== mine?.id && !hasEnded(other))
        .flatMap(hostNamesOf),
    );
  }

  async #take(runner: SessionRunner, reply: ReplyEvent): Promise<void> {
    const { session } = runner;
    if (replyCounts(session, reply) && reply.state.startsWith('ACK_')) {
      const missing = unansweredInstances(session, reply).filter(
        (id) => reply.instanceId === undefined || id === reply.instanceId,
      );
      if (missing.length > 0) throw new ActionsMissing(missing);
      const refused = actionsNotOffered(session, reply, this.#deps.clock.now());
      if (refused.length > 0) throw new ActionNotOffered(refused);
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
        durations: () => this.durations(),
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
        .filter((other) => before(other) || other.state !== 'MAINTENANCE')
        .flatMap(({ hosts }) => hosts.map(({ name }) => name)),
    );
  }

  /** Moves the windows that run along with a clock that was set. */
  async #jump(milliseconds: number, followed: Promise<void>): Promise<void> {
    this.#deps.logger.warn({ milliseconds }, 'the clock was set: windows that run keep their length');
    await Promise.all([...this.#runners.values()].map((runner) => runner.jump(milliseconds, followed)));
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

/** @throws HostNotInSession, HostNotSkippable */
function refuseSkip(session: Session, name: string): void {
  const host = session.hosts.find((one) => one.name === name);
  if (host === undefined) throw new HostNotInSession(`the session has no host ${name}`);
  const isTooLate = host.progress === 'in_maintenance' || host.progress === 'maintained';
  const isBeingEmptied = session.request.workflow === 'default' && session.visit.host === name;
  if (isTooLate || isBeingEmptied) {
    throw new HostNotSkippable(name, isBeingEmptied ? 'draining' : host.progress);
  }
}

/** The hosts that a session has, or asked for where it has not seen the cloud. */
function hostNamesOf({ hosts, request }: Session): readonly string[] {
  return [...new Set([...request.hosts, ...hosts.map(({ name }) => name)])];
}

/** Where it goes on by default: where it failed; from the start if it never saw the cloud. */
function stateBeforeFailure({ previousState, hosts }: Session): ActiveState {
  return previousState === undefined ||
    hosts.length === 0 ||
    previousState === 'MAINTENANCE_DONE' ||
    previousState === 'MAINTENANCE_FAILED'
    ? 'MAINTENANCE'
    : previousState;
}

function replay(entries: readonly JournalEntry[]): Session {
  const session = entries.reduce<Session | undefined>(foldSession, undefined);
  if (session === undefined) throw new Error('a session without a journal');
  return session;
}
