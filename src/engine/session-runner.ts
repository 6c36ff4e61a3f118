import type { Logger } from 'pino';
import { decide } from '../domain/decide.ts';
import { foldSession } from '../domain/fold-session.ts';
import type { CommandError, CommandRecord } from '../domain/command.ts';
import type { SessionEvent } from '../domain/session-event.ts';
import { hasEnded, isTidyingUp, pendingCommands } from '../domain/session-view.ts';
import type { Session } from '../domain/session.ts';
import type { WorkflowSettings } from '../domain/settings.ts';
import { mayBeAbandoned } from '../domain/tidy-up.ts';
import type { Decided, Durations } from '../domain/workflow.ts';
import { CloudError, JournalConflict, type Clock, type Ids, type Journal } from './ports.ts';
import { runCommand, type CommandDeps } from './run-command.ts';
import { SessionLease, type LeaseSettings } from './session-lease.ts';

export interface RunnerDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly commands: CommandDeps;
  readonly settings: WorkflowSettings;
  readonly lease: LeaseSettings;
  /** Hosts of other running sessions. */
  readonly takenHosts: (session: Session) => ReadonlySet<string>;
  /** Is another session, which is over, still opening its hosts? */
  readonly othersTidyUp: (session: Session) => boolean;
  /** How long things are taken to last. */
  readonly durations: () => Durations;
  /** Called when a session that is over has opened its hosts: others may wait for them. */
  readonly onTidiedUp: () => void;
  /** Called once when nothing is left to do for a deleted session. */
  readonly onClosed: (sessionId: string) => void;
}

/** Why a command is broken off. `stopping` leaves it unfinished in the journal, to be taken up again. */
type BreakOff = 'stopping' | 'abandoned';

/** More decisions in a row than any session needs without something happening outside: a fault of the workflow. */
const mostDecisionsAtOnce = 1_000;
/** How long to wait before a journal that failed is tried again. */
const journalPauseMilliseconds = 1_000;

/**
 * Runs one session: journals facts, decides, carries out commands, journals their outcomes. Woken by replies, outcomes
 * and timers, never by polling. Everything that touches the journal goes through one queue, in order.
 */
export class SessionRunner {
  readonly #deps: RunnerDeps;
  readonly #logger: Logger;
  readonly #lease: SessionLease;
  readonly #running = new Map<string, AbortController>();
  #session: Session;
  #queue: Promise<unknown> = Promise.resolve();
  #cancelTimer: (() => void) | undefined;
  #stopped = false;
  /** It is about to look anyway: whatever happens until then is seen with it. */
  #isWoken = false;

  constructor(deps: RunnerDeps, session: Session) {
    this.#deps = deps;
    this.#session = session;
    this.#logger = deps.logger.child({ session_id: session.id });
    this.#lease = new SessionLease(deps.journal, deps.clock, session.id, deps.lease, (held) =>
      this.#leaseChanged(held),
    );
  }

  /** The session as its journal tells it now. */
  get session(): Session {
    return this.#session;
  }

  /** Takes the session up, or up again. */
  start(): void {
    this.#lease.start();
  }

  /** Journals a fact, whatever was decided meanwhile, and moves the session on. Returns once it cannot be lost. */
  async record(event: SessionEvent): Promise<void> {
    await this.#exclusively(() => this.#append([event]));
    this.#lease.start();
    this.wake();
  }

  /**
   * Journals what `make` says of the session as it stands, and moves the session on. Where somebody else appended
   * meanwhile it is asked again. @throws whatever `make` throws
   */
  async recordOf(make: (session: Session) => SessionEvent): Promise<void> {
    await this.#exclusively(() => this.#appendOf(make));
    this.#lease.start();
    this.wake();
  }

  async #appendOf(make: (session: Session) => SessionEvent): Promise<void> {
    for (;;) {
      try {
        await this.#append([make(this.#session)], this.#session.sequence);
        return;
      } catch (error) {
        const { sequence } = this.#session;
        if (error instanceof JournalConflict) await this.#catchUp();
        if (this.#session.sequence === sequence) throw error;
      }
    }
  }

  /**
   * The machine's clock was set by this many milliseconds: the windows that run are moved with it. Returns once that is
   * journalled; nothing is decided until the clock has followed, for both times must fit each other.
   */
  jump(milliseconds: number, followed: Promise<void>): Promise<void> {
    return new Promise((told) => {
      void this.#exclusively(async () => {
        // Whoever has the lease journals it, once; a session at rest has no window that runs.
        if (!this.#lease.held) {
          told();
          return;
        }
        await this.#insist(() => this.#append([{ type: 'clock_jumped', milliseconds }]));
        this.#lease.shift(milliseconds);
        told();
        await followed;
        this.#lease.renewSoon();
      }).finally(() => this.wake());
    });
  }

  /** Breaks off what is under way without an outcome: it is taken up again at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    for (const controller of this.#running.values()) controller.abort('stopping' satisfies BreakOff);
    await this.#queue;
    await this.#lease.release();
  }

  #leaseChanged(held: boolean): void {
    if (held) {
      this.wake();
      return;
    }
    this.#logger.warn('the lease on the session was lost: its commands are left to whoever has it');
    for (const controller of this.#running.values()) controller.abort('stopping' satisfies BreakOff);
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Looks whether there is something to do now. */
  wake(): void {
    if (this.#stopped || this.#isWoken) return;
    this.#isWoken = true;
    this.#exclusively(() => {
      this.#isWoken = false;
      return this.#advance();
    }).catch((error: unknown) => {
      this.#logger.error({ err: error }, 'the session could not be moved on: trying again');
      this.#setTimer(this.#deps.clock.now() + journalPauseMilliseconds);
    });
  }

  async #advance(): Promise<void> {
    if (this.#stopped || !this.#lease.held) return;
    await this.#decide();
    this.#breakOffForgotten();
    if (this.#session.deletedAt !== undefined) await this.#abandon();
    for (const record of pendingCommands(this.#session)) this.#carryOut(record);
    if (this.#session.closed) await this.#close();
    else if (this.#isAtRest()) await this.#lease.release();
  }

  /** Ended, and nothing left to tidy up: until somebody deletes it there is nothing to hold a lease for. */
  #isAtRest(): boolean {
    return (
      hasEnded(this.#session) &&
      pendingCommands(this.#session).length === 0 &&
      this.#cancelTimer === undefined
    );
  }

  async #decide(): Promise<void> {
    const { clock, settings, takenHosts, othersTidyUp, durations } = this.#deps;
    for (let turn = 0; turn < mostDecisionsAtOnce; turn += 1) {
      const world = {
        now: clock.now(),
        settings,
        takenHosts: takenHosts(this.#session),
        othersTidyUp: othersTidyUp(this.#session),
        durations: durations(),
      };
      const { decided, wakeAt } = decide(this.#session, world);
      if (decided.length === 0) {
        this.#setTimer(wakeAt);
        return;
      }
      try {
        await this.#append(
          decided.map((one) => this.#withId(one)),
          this.#session.sequence,
        );
      } catch (error) {
        if (!(error instanceof JournalConflict)) throw error;
        await this.#catchUp();
      }
    }
    throw new Error(`${this.#session.state}: no end of decisions`);
  }

  #withId(decided: Decided): SessionEvent {
    return decided.type === 'command'
      ? { type: 'command_issued', commandId: this.#deps.ids.commandId(), command: decided.command }
      : decided;
  }

  async #append(events: readonly SessionEvent[], expectedSequence?: number): Promise<void> {
    const { journal, clock } = this.#deps;
    const entries = await journal.append(this.#session.id, clock.now(), events, expectedSequence);
    const [first] = entries;
    // Somebody else appended in between (another engine on the same journal): read what it was.
    if (first !== undefined && first.sequence !== this.#session.sequence + 1) {
      await this.#catchUp();
      return;
    }
    for (const entry of entries) this.#fold(entry);
  }

  async #catchUp(): Promise<void> {
    const { journal } = this.#deps;
    for (const entry of await journal.read(this.#session.id, this.#session.sequence)) this.#fold(entry);
  }

  #fold(entry: Parameters<typeof foldSession>[1]): void {
    const before = isTidyingUp(this.#session);
    this.#session = foldSession(this.#session, entry);
    if (before && !isTidyingUp(this.#session)) this.#deps.onTidiedUp();
    logEvent(this.#logger, this.#session, entry.event);
  }

  #setTimer(time: number | undefined): void {
    this.#cancelTimer?.();
    this.#cancelTimer = time === undefined ? undefined : this.#deps.clock.at(time, () => this.wake());
  }

  /** A session that is continued forgets what it had asked for before: it must not come about any more. */
  #breakOffForgotten(): void {
    for (const [id, controller] of this.#running) {
      if (!this.#session.commands.has(id)) controller.abort('abandoned' satisfies BreakOff);
    }
  }

  /** A deleted session waits for nothing but what must come to its end. */
  async #abandon(): Promise<void> {
    for (const { id, command } of pendingCommands(this.#session)) {
      if (!mayBeAbandoned(command)) continue;
      this.#running.get(id)?.abort('abandoned' satisfies BreakOff);
      this.#running.delete(id);
      const error = { code: 'abandoned', message: 'the session was deleted' };
      await this.#append([{ type: 'command_failed', commandId: id, error }]);
    }
    await this.#decide();
  }

  #carryOut(record: CommandRecord): void {
    if (this.#running.has(record.id)) return;
    const controller = new AbortController();
    this.#running.set(record.id, controller);
    const { signal } = controller;
    const logger = this.#logger.child({ command_id: record.id, command: record.command.kind });
    const journal = (event: SessionEvent) => this.#exclusively(() => this.#append([event]));
    const { id: sessionId, request } = this.#session;
    runCommand(this.#deps.commands, { sessionId, request, record, journal, signal, logger })
      .then(
        (result): SessionEvent => ({ type: 'command_succeeded', commandId: record.id, result }),
        (error: unknown): SessionEvent => ({
          type: 'command_failed',
          commandId: record.id,
          error: describe(error),
        }),
      )
      .then((outcome) => (signal.aborted ? undefined : this.#recordOutcome(outcome)))
      .catch((error: unknown) => logger.error({ err: error }, 'an outcome could not be journalled'))
      .finally(() => {
        if (this.#running.get(record.id) === controller) this.#running.delete(record.id);
        // Also after a break-off: a lease that came back meanwhile found the command still under way.
        this.wake();
      });
  }

  /** An outcome happened and must not be forgotten: it is tried until the journal takes it. */
  #recordOutcome(outcome: SessionEvent): Promise<void> {
    return this.#insist(() => this.#exclusively(() => this.#append([outcome])));
  }

  /** Journals what happened, however long the journal is away. */
  async #insist(append: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      try {
        await append();
        return;
      } catch (error) {
        this.#logger.error({ err: error }, 'the journal does not take what happened: trying again');
        const { clock } = this.#deps;
        await new Promise<void>((resolve) => clock.at(clock.now() + journalPauseMilliseconds, resolve));
      }
    }
  }

  async #close(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.#lease.release();
    this.#deps.onClosed(this.#session.id);
  }
}

function describe(error: unknown): CommandError {
  if (error instanceof CloudError) return { code: error.code, message: error.message };
  return { code: 'failed', message: error instanceof Error ? error.message : String(error) };
}

/** What happens in a session, for the operator: changes of state and failures stand out, the rest is detail. */
function logEvent(logger: Logger, session: Session, event: SessionEvent): void {
  switch (event.type) {
    case 'state_entered':
      if (event.state === 'MAINTENANCE_FAILED')
        logger.warn({ state: event.state, reason: event.reason }, 'state entered');
      else logger.info({ state: event.state }, 'state entered');
      return;
    case 'command_failed':
      logger.warn({ command_id: event.commandId, error: event.error }, 'command failed');
      return;
    case 'command_succeeded':
      logger.debug({ command_id: event.commandId, result: event.result.kind }, 'command succeeded');
      return;
    case 'command_issued':
      logger.info({ command_id: event.commandId, command: event.command }, 'command issued');
      // Only a host whose maintenance began and did not end is closed by a session that is over.
      if (event.command.kind === 'close_host' && (hasEnded(session) || session.deletedAt !== undefined)) {
        logger.warn({ host: event.command.host, reason: event.command.reason }, 'the host stays closed');
      }
      return;
    default:
      logger.info({ event, ended: hasEnded(session) }, 'event');
  }
}
