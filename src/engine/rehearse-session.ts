/**
 * Takes a session that nobody opened through everything that a session does before it sends or touches anything: with the same
 * steps, the same commands and the same fold, so that a plan answers what a session would.
 */
import type { Logger } from 'pino';
import { campaignOf } from '../domain/campaign-of.ts';
import type { Command, CommandRecord } from '../domain/command.ts';
import { foldSession } from '../domain/fold-session.ts';
import type { Campaign } from '../domain/planner/campaign.ts';
import type { SessionEvent } from '../domain/session-event.ts';
import type { Session, SessionRequest } from '../domain/session.ts';
import type { WorkflowSettings } from '../domain/settings.ts';
import { checkSubscriptions } from '../domain/steps/ask.ts';
import {
  readConstraints,
  refuseImpossibleLimits,
  refuseMissingConstraints,
} from '../domain/steps/constraints.ts';
import { lookOnEntry, refuseUnknownHosts } from '../domain/steps/look.ts';
import type { Durations, Step, World } from '../domain/workflow.ts';
import { pause } from './pause.ts';
import { CloudError } from './ports.ts';
import { runCommand, type CommandDeps } from './run-command.ts';

export interface RehearsalDeps {
  readonly commands: CommandDeps;
  readonly settings: WorkflowSettings;
  /** How long things are taken to last. */
  readonly durations: () => Durations;
  readonly logger: Logger;
}

export interface Rehearsal {
  readonly campaign: Campaign;
  /** When the cloud was seen. Milliseconds since 1970. */
  readonly seenAt: number;
  /** For what the session would be refused, or fail before it touches anything; for people. */
  readonly objections: readonly string[];
}

/** Without what these bring there is nothing to plan. */
const looks: readonly Step[] = [lookOnEntry, refuseUnknownHosts, readConstraints];

/** What these refuse says nothing of how long it would take. */
const checks: readonly Step[] = [checkSubscriptions, refuseMissingConstraints, refuseImpossibleLimits];

/**
 * Sees the cloud and the limits as a session with this request would.
 * @throws Error with a message for people where that cannot be done; the signal's reason when it aborts
 */
export async function rehearseSession(
  deps: RehearsalDeps,
  request: SessionRequest,
  rehearsalId: string,
  signal: AbortSignal,
): Promise<Rehearsal> {
  const rehearsal = new SessionRehearsal(deps, request, rehearsalId, signal);
  for (const step of looks) {
    const refusal = await rehearsal.take(step);
    if (refusal !== undefined) throw new Error(refusal);
  }
  const objections: string[] = [];
  for (const step of checks) {
    const objection = await rehearsal.take(step);
    if (objection !== undefined) objections.push(objection);
  }
  return {
    campaign: rehearsal.campaign(),
    seenAt: rehearsal.session.observedAt ?? rehearsal.session.createdAt,
    objections,
  };
}

class SessionRehearsal {
  readonly #deps: RehearsalDeps;
  readonly #signal: AbortSignal;
  session: Session;

  constructor(deps: RehearsalDeps, request: SessionRequest, sessionId: string, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
    const event = { type: 'session_created', sessionId, request } as const;
    this.session = foldSession(undefined, { sequence: 1, at: deps.commands.clock.now(), event });
  }

  campaign(): Campaign {
    return campaignOf(this.session, this.#world(), () => true);
  }

  /** Does what a step wants until it is content. Returns why it is not, where it gives up. */
  async take(step: Step): Promise<string | undefined> {
    const { clock } = this.#deps.commands;
    for (;;) {
      const result = step(this.session, this.#world());
      switch (result.kind) {
        case 'done':
          return undefined;
        case 'fail':
          return result.reason;
        case 'act':
          for (const decided of result.decided) {
            if (decided.type === 'command') await this.#run(decided.command);
          }
          break;
        case 'wait':
          // Nothing is under way here: a step waits for the time of another try.
          if (result.until === undefined) throw new Error('a step of the rehearsal waits for nothing');
          await pause(clock, result.until - clock.now(), this.#signal);
      }
    }
  }

  async #run(command: Command): Promise<void> {
    const { logger } = this.#deps;
    const commandId = `${this.session.id} ${this.session.sequence + 1}`;
    this.#fold({ type: 'command_issued', commandId, command });
    const record = this.session.commands.get(commandId);
    if (record === undefined) throw new Error(`the command ${commandId} is lost`);
    this.#fold(await this.#outcomeOf(record, logger));
  }

  /** @throws the signal's reason when it aborts */
  async #outcomeOf(record: CommandRecord, logger: Logger): Promise<SessionEvent> {
    const { id: sessionId, request } = this.session;
    const run = { sessionId, request, record, signal: this.#signal, logger };
    try {
      // There is no journal, and tries that failed are of no interest afterwards.
      const journal = () => Promise.resolve();
      const result = await runCommand(this.#deps.commands, { ...run, journal });
      return { type: 'command_succeeded', commandId: record.id, result };
    } catch (error) {
      this.#signal.throwIfAborted();
      const code = error instanceof CloudError ? error.code : 'failed';
      const message = error instanceof Error ? error.message : String(error);
      return { type: 'command_failed', commandId: record.id, error: { code, message } };
    }
  }

  #fold(event: SessionEvent): void {
    const sequence = this.session.sequence + 1;
    this.session = foldSession(this.session, { sequence, at: this.#deps.commands.clock.now(), event });
  }

  #world(): World {
    const { commands, settings, durations } = this.#deps;
    return {
      now: commands.clock.now(),
      settings,
      durations: durations(),
      takenHosts: new Set(),
      othersTidyUp: false,
    };
  }
}
