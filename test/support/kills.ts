/** A server that is killed at chosen moments of a session, seen from outside, and started again each time. */
import { expect } from 'vitest';
import type { SessionDetail } from '../../src/demo/follow-session.ts';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import type { LabConfigInput } from '../../src/lab/lab-config.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { Change } from '../../src/lab/model/change-log.ts';
import { dataOf } from '../../src/sdk/index.ts';
import type { VnfmEvent } from '../../src/vnfm/vnfm-event.ts';
import type { VnfmOptions } from '../../src/vnfm/vnfm-options.ts';
import {
  prepareServer,
  startClients,
  runServer,
  saysReady,
  type Clients,
  type Program,
} from './stage-process.ts';
import { questionsTo, repliesOf } from './stage-notices.ts';
import { expectAllWell } from './stage-outcome.ts';
import { acceptedCalls } from './stage-records.ts';
import { endOf, expectDone, openSession, type AtEnd, type SessionWish } from './stage.ts';

/** What can be seen from outside while a session runs. */
export type Signal =
  | { readonly change: Change }
  | { readonly event: VnfmEvent }
  /** A line of the server's log, and the command that it is about. */
  | { readonly log: LogLine; readonly command?: LogLine['command'] }
  /** Something else that the test watches. */
  | { readonly seen: string };

export interface LogLine {
  readonly msg: string;
  readonly state?: string;
  readonly reason?: string;
  readonly command_id?: string;
  readonly event?: { readonly type: string };
  readonly command?: { readonly kind: string; readonly state?: string };
}

/** What is done when a signal comes; at once, where none is waited for. Steps are taken one after the other. */
export interface Step {
  readonly when?: (signal: Signal) => boolean;
  readonly act: 'kill' | ((lab: Lab) => void);
}

const struck =
  (kind: string) =>
  (signal: Signal): boolean =>
    'change' in signal && signal.change.type === 'fault' && signal.change.kind === kind;

/** Killed when the next call of this name reaches the cloud, which does not take it on. */
export function beforeCall(call: string, subject: { readonly host?: string } = {}): readonly Step[] {
  return [
    {
      act: (lab) => void lab.setFault({ kind: 'lost_call', call, carried_out: false, times: 1, ...subject }),
    },
    { when: struck('lost_call'), act: 'kill' },
  ];
}

/** Killed when the cloud has carried out the next call of this name, before the answer is there. */
export function afterCall(call: string, subject: { readonly host?: string } = {}): readonly Step[] {
  return [
    { act: (lab) => void lab.setFault({ kind: 'slow_answer', call, seconds: 2, times: 1, ...subject }) },
    { when: struck('slow_answer'), act: 'kill' },
  ];
}

export const aroundCall = (call: string): readonly Step[] => [...beforeCall(call), ...afterCall(call)];

/** Killed as soon as the command is journalled: before it is carried out, or in the middle. */
export function onceIssued(kind: string, state?: string): readonly Step[] {
  return [{ when: (signal) => tells(signal, 'command issued', kind, state), act: 'kill' }];
}

/** Killed as soon as the outcome of the next such command is journalled. */
export function onceSucceeded(kind: string, state?: string): readonly Step[] {
  return [{ when: (signal) => tells(signal, 'command succeeded', kind, state), act: 'kill' }];
}

function tells(signal: Signal, message: string, kind: string, state?: string): boolean {
  if (!('log' in signal) || signal.log.msg !== message) return false;
  const { command } = signal;
  return command?.kind === kind && (state === undefined || command.state === state);
}

export const kill = (when: (signal: Signal) => boolean): Step => ({ when, act: 'kill' });

/** A change of the cloud; of a migration, where a status is given. */
export const change =
  (type: Change['type'], status?: string) =>
  (signal: Signal): boolean =>
    'change' in signal &&
    signal.change.type === type &&
    (status === undefined || (signal.change.type === 'migration' && signal.change.status === status));

/** Something that the test told of through `Play.watch`. */
export const seen =
  (what: string) =>
  (signal: Signal): boolean =>
    'seen' in signal && signal.seen === what;

/** Restarts must cost nobody its time to reply, however slow the machine is. */
const patientServer = {
  FENIX_WORKFLOW_MAINTENANCE_REPLY_SECONDS: '900',
  FENIX_WORKFLOW_SCALE_IN_REPLY_SECONDS: '900',
  FENIX_WORKFLOW_PREPARE_REPLY_SECONDS: '900',
  FENIX_WORKFLOW_PLANNED_REPLY_SECONDS: '900',
  FENIX_WORKFLOW_MAINTENANCE_COMPLETE_REPLY_SECONDS: '900',
} as const;

export interface Play {
  readonly steps: readonly Step[];
  readonly lab?: LabConfigInput;
  readonly server?: Readonly<Record<string, string>>;
  readonly vnfm?: Omit<VnfmOptions, 'credentials'>;
  readonly wish?: SessionWish;
  /** What follows once it has ended. */
  readonly afterwards?: {
    readonly steps: readonly Step[];
    readonly act: (played: Played) => Promise<unknown>;
  };
  /** Gives the test a way to tell what else it sees. */
  readonly watch?: (see: (what: string) => void, atEnd: AtEnd) => void | Promise<void>;
}

export interface Played {
  readonly clients: Clients;
  readonly detail: SessionDetail;
  readonly sessionId: string;
  /** The names of the instances that there were before. */
  readonly before: readonly string[];
}

/** Plays a session to its end. Every kill must have come about. */
export async function playWithKills(atEnd: AtEnd, play: Play): Promise<Played> {
  const serverless = await prepareServer(atEnd, {
    lab: play.lab ?? { ...doctorScenario(), durations: { disable_service: 0.1 } },
    server: {
      FENIX_KEYSTONE_REQUEST_TIMEOUT_SECONDS: '1',
      FENIX_LOGGING_LEVEL: 'debug',
      FENIX_SERVER_VALIDATE_RESPONSES: 'false',
      ...patientServer,
      ...play.server,
    },
  });
  const { lab } = serverless;
  const waiting = [...play.steps];
  const commands = new Map<string, LogLine['command']>();
  let server: Program | undefined;
  let alive = false;
  const left = () => waiting.filter(({ act }) => act === 'kill').length;
  const take = (signal?: Signal) => {
    let current = signal;
    for (;;) {
      const [step] = waiting;
      if (step === undefined) return;
      if (!alive) {
        // What a server wrote before the kill took hold: it came too late for the moment before, and hit this one.
        const late = step.act === 'kill' && current !== undefined && 'log' in current && step.when?.(current);
        if (late === true) waiting.shift();
        return;
      }
      if (step.when !== undefined && (current === undefined || !step.when(current))) return;
      waiting.shift();
      if (step.when !== undefined) current = undefined;
      if (step.act === 'kill') {
        alive = false;
        server?.child.kill('SIGKILL');
      } else step.act(lab);
    }
  };
  let endsEarly: (error: Error) => void = () => undefined;
  const early = new Promise<never>((_resolve, reject) => (endsEarly = reject));
  early.catch(() => undefined);
  const start = () => {
    server = runServer(atEnd, serverless, (line) => {
      if (!line.startsWith('{')) return;
      const log = JSON.parse(line) as LogLine;
      if (log.msg === 'state entered' && /_(DONE|FAILED)$/.test(log.state ?? '') && left() > 0)
        endsEarly(new Error(`${log.state} with ${left()} kills to come: ${log.reason ?? 'it went well'}`));
      if (log.command_id !== undefined && typeof log.command === 'object')
        commands.set(log.command_id, log.command);
      const command = commands.get(log.command_id ?? '');
      take({ log, ...(command !== undefined && { command }) });
    });
    alive = true;
    take();
    return server;
  };
  let running = start();
  await running.line(saysReady);
  lab.onChange((change) => take({ change }));
  await play.watch?.((seen) => take({ seen }), atEnd);
  const clients = await startClients(atEnd, serverless, {
    ...play.vnfm,
    onEvent: (event) => {
      play.vnfm?.onEvent?.(event);
      take({ event });
    },
  });
  const before = lab
    .servers()
    .map(({ name }) => name)
    .sort();
  const throughKills = async <T>(work: Promise<T>): Promise<T> => {
    while (left() > 0) {
      const ended = Promise.race([running.ended, early, work.then(() => running.ended)]);
      expect(await ended).toEqual([null, 'SIGKILL']);
      running = start();
    }
    return work;
  };
  const sessionId = await throughKills(openThroughKills(clients, play.wish));
  const played = { clients, before, sessionId, detail: await endOf(clients.admin, sessionId) };
  if (play.afterwards !== undefined) {
    waiting.push(...play.afterwards.steps);
    take();
    await throughKills(play.afterwards.act(played));
  }
  return played;
}

/** Opens a session; one who got no answer looks whether there is one before asking again. */
async function openThroughKills({ admin }: Clients, wish: SessionWish | undefined): Promise<string> {
  for (;;) {
    try {
      return await openSession(admin, wish);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      const [sessionId] = dataOf(await admin.GET('/v1/maintenance')).sessions;
      if (sessionId !== undefined) return sessionId;
    }
  }
}

/** Plays a session that ends well for all the kills. */
export async function playWell(
  { onTestFinished }: { readonly onTestFinished: AtEnd },
  play: Play,
): Promise<Played> {
  const played = await playWithKills(onTestFinished, play);
  await expectAllWell(played.clients, played.before, expectDone(played.detail));
  return played;
}

/**
 * No instance was moved twice for one host, and the application scaled and answered each thing once. `call` asks for the
 * moves, which must all have ended like `end`.
 */
export function expectNothingTwice({ clients, detail }: Played, call: string, end: string): void {
  const { lab, vnfm } = clients;
  const moves = lab.cloud.migrations.map(({ serverId, source }) => `${serverId} from ${source}`);
  expect([...new Set(moves)]).toEqual(moves);
  expect(lab.cloud.migrations.filter(({ status }) => status !== end)).toEqual([]);
  expect(acceptedCalls(lab, call)).toBe(moves.length);
  const scaled = vnfm.log.filter(({ kind }) => kind === 'scaled_in');
  expect(scaled).toHaveLength(questionsTo(clients).filter((state) => state === 'SCALE_IN').length);
  const ids = vnfm.log.flatMap((event) => (event.kind === 'replied' ? [event.messageId] : []));
  expect(new Set(ids).size).toBe(ids.length);
  expect(repliesOf(clients)).toEqual(questionsTo(clients).map((state) => `ACK_${state}`));
  expect(detail.hosts.every(({ maintained }) => maintained)).toBe(true);
}
