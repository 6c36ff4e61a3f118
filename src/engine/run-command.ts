/** Carries out one journalled command through the ports, with patience and without doing it twice. */
import type { Logger } from 'pino';
import type { Command, CommandRecord, CommandResult } from '../domain/command.ts';
import type { MoveBaseline } from '../domain/cloud.ts';
import type { SessionEvent } from '../domain/session-event.ts';
import type { SessionRequest } from '../domain/session.ts';
import { notificationOf, type NotifyCommand } from './notification-payload.ts';
import { makePlan, type PlanDeps } from './make-plan.ts';
import { pause } from './pause.ts';
import {
  CloudError,
  type ActionPlugins,
  type Clock,
  type Cloud,
  type ConstraintStore,
  type Downloads,
  type MoveRequest,
  type Notifier,
} from './ports.ts';
import { readConstraints } from './read-constraints.ts';
import { requirePlugins, runPlugin } from './run-plugin.ts';

/** Times that bound the carrying out of commands. */
export interface CommandLimits {
  /** How long a cold migration, a confirmation and the end of a live migration that is broken off may take. */
  readonly moveSeconds: number;
  /** How long a live migration may take before it is broken off. */
  readonly liveMigrationSeconds: number;
  /** How long an application has to take an instance away itself. */
  readonly ownActionSeconds: number;
  /** How long a cloud that cannot be reached is tried again. */
  readonly cloudPatienceSeconds: number;
  /** How long a call may be under way: after that, one that was lost has either arrived or never will. */
  readonly callSeconds: number;
}

export interface CommandDeps extends PlanDeps {
  readonly cloud: Cloud;
  readonly notifier: Notifier;
  readonly plugins: ActionPlugins;
  readonly downloads: Downloads;
  readonly constraints: ConstraintStore;
  readonly clock: Clock;
  readonly limits: CommandLimits;
  readonly publicUrl: string;
  /** Id of the project that hears of hosts and sessions. */
  readonly infrastructureProjectId: (signal: AbortSignal) => Promise<string>;
}

/** One carrying out of a command. */
export interface CommandRun {
  readonly sessionId: string;
  readonly request: SessionRequest;
  readonly record: CommandRecord;
  /** Journals a fact about the command before it goes on. */
  readonly journal: (event: SessionEvent) => Promise<void>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Puts the time limit off by so much, where there is one. */
  readonly deferLimit?: (milliseconds: number) => void;
}

const firstPauseMilliseconds = 500;
const longestPauseMilliseconds = 15_000;

/** @throws CloudError or whatever the port throws; the signal's reason when it aborts. */
export async function runCommand(deps: CommandDeps, run: CommandRun): Promise<CommandResult> {
  const { command } = run.record;
  const { cloud } = deps;
  const { signal } = run;
  switch (command.kind) {
    case 'observe_cloud':
      return { kind: 'observed', observation: await patiently(deps, run, () => cloud.observe(signal)) };
    case 'check_subscriptions':
      return {
        kind: 'subscribed',
        projectIds: await patiently(deps, run, () =>
          deps.notifier.subscribedProjects(command.projectIds, signal),
        ),
      };
    case 'notify_project':
    case 'notify_host':
    case 'notify_session':
      await notify(deps, run, command);
      return { kind: 'done' };
    case 'close_host': {
      const host = { name: command.host, serviceId: command.serviceId };
      await patiently(deps, run, () => cloud.closeHost(host, command.reason, signal));
      return { kind: 'done' };
    }
    case 'open_host': {
      const host = { name: command.host, serviceId: command.serviceId };
      await patiently(deps, run, () => cloud.openHost(host, signal));
      return { kind: 'done' };
    }
    case 'move_instance':
      return within(deps, run, moveLimit(deps.limits, command.action), 'the move', (limited) =>
        move(deps, limited, command),
      );
    case 'abort_move':
      await patiently(deps, run, () => cloud.abortMove(command.instanceId, signal), ['unavailable', 'busy']);
      return { kind: 'done' };
    case 'make_plan':
      return makePlan(deps, command, signal);
    case 'read_constraints':
      return readConstraints(deps.constraints, command.instanceIds);
    case 'run_plugin':
      return runPlugin(deps, run, command);
    case 'fetch_downloads': {
      const files = await deps.downloads.fetch(run.sessionId, command.downloads, signal);
      await requirePlugins(deps, run);
      return { kind: 'downloaded', files };
    }
    case 'remove_downloads':
      await deps.downloads.remove(run.sessionId);
      return { kind: 'done' };
    case 'confirm_move':
      return within(deps, run, deps.limits.moveSeconds, 'the confirmation', async (limited) => {
        await patiently(deps, limited, () => cloud.confirmMove(command.instanceId, limited.signal));
        return { kind: 'done' };
      });
    case 'watch_departure':
      return within(deps, run, deps.limits.ownActionSeconds, 'the own action', async (limited) => {
        await patiently(deps, limited, () =>
          cloud.watchDeparture(command.host, command.instanceIds, limited.signal),
        );
        return { kind: 'done' };
      });
  }
}

/** A live migration is broken off by the workflow; the limit here is the last resort. */
function moveLimit(
  { moveSeconds, liveMigrationSeconds }: CommandLimits,
  action: MoveRequest['action'],
): number {
  return action === 'LIVE_MIGRATE' ? liveMigrationSeconds + moveSeconds : moveSeconds;
}

async function notify(deps: CommandDeps, run: CommandRun, command: NotifyCommand): Promise<void> {
  const infrastructureProjectId =
    command.kind === 'notify_project'
      ? ''
      : await patiently(deps, run, () => deps.infrastructureProjectId(run.signal));
  const context = { sessionId: run.sessionId, publicUrl: deps.publicUrl, infrastructureProjectId };
  await deps.notifier.notify(
    { messageId: run.record.id, at: run.record.issuedAt, ...notificationOf(command, context) },
    run.signal,
  );
}

/**
 * Asks for the move and waits for its end. The baseline is journalled before the call: where there is one already the
 * call may have been made before a crash, and the cloud's records are looked up before it is made (again).
 */
async function move(
  deps: CommandDeps,
  run: CommandRun,
  command: Extract<Command, { kind: 'move_instance' }>,
): Promise<CommandResult> {
  const { cloud } = deps;
  const { instanceId, action, from, target } = command;
  const request: MoveRequest = { instanceId, action, from, ...(target !== undefined && { target }) };
  const { baseline: journalled } = run.record;
  const baseline =
    journalled ?? (await patiently(deps, run, () => cloud.moveBaseline(instanceId, run.signal)));
  if (journalled === undefined) {
    await run.journal({ type: 'move_baselined', commandId: run.record.id, baseline });
  }
  if (journalled === undefined || !(await wasStarted(deps, run, request, baseline))) {
    await start(deps, run, request, baseline);
  }
  const result = await patiently(deps, run, () => cloud.watchMove(request, baseline, run.signal));
  return { kind: 'moved', move: result };
}

async function start(
  deps: CommandDeps,
  run: CommandRun,
  request: MoveRequest,
  baseline: MoveBaseline,
): Promise<void> {
  await patiently(
    deps,
    run,
    async () => {
      try {
        await deps.cloud.startMove(request, run.signal);
      } catch (error) {
        if (!(error instanceof CloudError) || error.code !== 'unknown_outcome') throw error;
        run.logger.warn({ err: error }, 'no answer to a move: looking up whether it was taken on');
        if (await wasStarted(deps, run, request, baseline)) return;
        throw new CloudError('unavailable', error.message, { cause: error });
      }
    },
    ['unavailable', 'busy'],
  );
}

/** Looks twice: a call that was still under way has arrived after one call's time at the latest. */
async function wasStarted(
  deps: CommandDeps,
  run: CommandRun,
  request: MoveRequest,
  baseline: MoveBaseline,
): Promise<boolean> {
  const lookUp = () => patiently(deps, run, () => deps.cloud.moveWasStarted(request, baseline, run.signal));
  if (await lookUp()) return true;
  await pause(deps.clock, deps.limits.callSeconds * 1000, run.signal);
  return lookUp();
}

/** Tries again with growing pauses while the other side cannot be reached, for a bounded time. */
async function patiently<T>(
  deps: CommandDeps,
  run: CommandRun,
  attempt: () => Promise<T>,
  worthRetrying: readonly string[] = ['unavailable'],
): Promise<T> {
  const { clock, limits } = deps;
  let outOfPatience = false;
  // A timer, not a time to compare with: the clock may be set meanwhile.
  const cancel = clock.at(clock.now() + limits.cloudPatienceSeconds * 1000, () => (outOfPatience = true));
  try {
    return await retrying(
      deps,
      run,
      attempt,
      (error) => !outOfPatience && worthRetrying.includes(error.code),
    );
  } finally {
    cancel();
  }
}

async function retrying<T>(
  { clock }: CommandDeps,
  { signal, logger, journal, record, deferLimit }: CommandRun,
  attempt: () => Promise<T>,
  worthRetrying: (error: CloudError) => boolean,
): Promise<T> {
  for (let wait = firstPauseMilliseconds; ; wait = Math.min(2 * wait, longestPauseMilliseconds)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof CloudError) || signal.aborted || !worthRetrying(error)) throw error;
      logger.warn({ err: error, pause_ms: wait }, 'the cloud did not answer as hoped: trying again');
      const { code, message } = error;
      await journal({
        type: 'command_retried',
        commandId: record.id,
        error: { code, message },
        pauseMilliseconds: wait,
      });
      if (code === 'unavailable') deferLimit?.(wait);
      await pause(clock, wait, signal).catch((reason: unknown) => {
        // The time ran out in a pause: what stood in the way all the while is the reason.
        throw reason instanceof CloudError
          ? new CloudError(error.code, `${reason.message}: ${message}`, { cause: error })
          : reason;
      });
    }
  }
}

/**
 * Runs with a time limit of its own. While the cloud cannot be reached the limit stands still: what was asked of it may
 * well go on.
 */
async function within<T>(
  { clock }: CommandDeps,
  run: CommandRun,
  seconds: number,
  what: string,
  work: (limited: CommandRun) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  let deferred = 0;
  const arm = (milliseconds: number): (() => void) =>
    clock.at(clock.now() + milliseconds, () => {
      if (deferred === 0) {
        limit.abort(new CloudError('timed_out', `${what} did not end within ${seconds} s`));
        return;
      }
      cancel = arm(deferred);
      deferred = 0;
    });
  let cancel = arm(seconds * 1000);
  const limited: CommandRun = {
    ...run,
    signal: AbortSignal.any([run.signal, limit.signal]),
    deferLimit: (milliseconds) => (deferred += milliseconds),
  };
  try {
    return await work(limited);
  } catch (error) {
    throw limit.signal.aborted && !(error instanceof CloudError) ? limit.signal.reason : error;
  } finally {
    cancel();
  }
}
