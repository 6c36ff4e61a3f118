/** Carries out one journalled command through the ports, with patience and without doing it twice. */
import type { Logger } from 'pino';
import type { Command, CommandRecord, CommandResult } from '../domain/command.ts';
import type { MoveBaseline } from '../domain/cloud.ts';
import { notificationOf, type NotifyCommand } from './notification-payload.ts';
import { pause } from './pause.ts';
import { CloudError, type Clock, type Cloud, type MoveRequest, type Notifier } from './ports.ts';

/** Times that bound the carrying out of commands. */
export interface CommandLimits {
  /** How long a move and its confirmation may take. */
  readonly moveSeconds: number;
  /** How long an application has to take an instance away itself. */
  readonly ownActionSeconds: number;
  /** How long a cloud that cannot be reached is tried again. */
  readonly cloudPatienceSeconds: number;
  /** How long a call may be under way: after that, one that was lost has either arrived or never will. */
  readonly callSeconds: number;
}

export interface CommandDeps {
  readonly cloud: Cloud;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly limits: CommandLimits;
  readonly publicUrl: string;
  /** Id of the project that hears of hosts and sessions. */
  readonly infrastructureProjectId: (signal: AbortSignal) => Promise<string>;
}

/** One carrying out of a command. */
export interface CommandRun {
  readonly sessionId: string;
  readonly record: CommandRecord;
  /** Journals where the cloud's records stand before a move. */
  readonly recordBaseline: (baseline: MoveBaseline) => Promise<void>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
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
      return within(deps, run, deps.limits.moveSeconds, 'the move', (limited) =>
        move(deps, limited, command),
      );
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
  if (journalled === undefined) await run.recordBaseline(baseline);
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
  { clock, limits }: CommandDeps,
  { signal, logger }: CommandRun,
  attempt: () => Promise<T>,
  worthRetrying: readonly string[] = ['unavailable'],
): Promise<T> {
  const giveUpAt = clock.now() + limits.cloudPatienceSeconds * 1000;
  for (let wait = firstPauseMilliseconds; ; wait = Math.min(2 * wait, longestPauseMilliseconds)) {
    try {
      return await attempt();
    } catch (error) {
      const retry = error instanceof CloudError && worthRetrying.includes(error.code);
      if (!retry || signal.aborted || clock.now() + wait > giveUpAt) throw error;
      logger.warn({ err: error, pause_ms: wait }, 'the cloud did not answer as hoped: trying again');
      await pause(clock, wait, signal);
    }
  }
}

/** Runs with a time limit of its own. */
async function within<T>(
  { clock }: CommandDeps,
  run: CommandRun,
  seconds: number,
  what: string,
  work: (limited: CommandRun) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const cancel = clock.at(clock.now() + seconds * 1000, () =>
    limit.abort(new CloudError('failed', `${what} did not end within ${seconds} s`)),
  );
  try {
    return await work({ ...run, signal: AbortSignal.any([run.signal, limit.signal]) });
  } catch (error) {
    throw limit.signal.aborted ? limit.signal.reason : error;
  } finally {
    cancel();
  }
}
