/**
 * What the engine wants of the outside world. Few, small, named by what is wanted and not by who serves it; each has
 * one contract test (test/contract/ports) that every implementation passes.
 */
import type { ActionType, Download } from '../domain/action-plugin.ts';
import type { CloudObservation, MoveAction, MoveBaseline, MoveResult } from '../domain/cloud.ts';
import type { Alarm, AlarmDelivery } from '../domain/alarm.ts';
import type { Constraint, ConstraintKind } from '../domain/constraint.ts';
import type { SessionEvent } from '../domain/session-event.ts';

/** Time as a value. All times are milliseconds since 1970, UTC. */
export interface Clock {
  now(): number;
  /** Calls `run` once, at `time` or as soon as possible after it. Returns what cancels it. */
  at(time: number, run: () => void): () => void;
  /** Calls `listener` whenever the machine's clock was set. Returns what ends that. */
  onJump(listener: JumpListener): () => void;
}

/**
 * Told of the milliseconds by which the clock was set. `now` follows as soon as every listener's promise is settled;
 * `followed` resolves then: until that nothing may be decided on what was moved for the new time.
 */
export type JumpListener = (milliseconds: number, followed: Promise<void>) => Promise<void>;

/** Where new ids come from. */
export interface Ids {
  /** A UUID of version 1, as Fenix gives its sessions (fenix.md 1.4). */
  sessionId(): string;
  /** A UUID of version 4; it is the id of a command, and the `message_id` of a notification. */
  commandId(): string;
}

/** One line of a session's journal. */
export interface JournalEntry {
  /** 1, 2, 3, ... without a gap within a session. */
  readonly sequence: number;
  readonly at: number;
  readonly event: SessionEvent;
}

/** Thrown by `Journal.append` when somebody else appended after the sequence that was expected to be the last. */
export class JournalConflict extends Error {
  override readonly name = 'JournalConflict';
}

/** The append-only record of every session (docs/architecture.md). */
export interface Journal {
  /** Starts a session's journal with its first events. */
  create(sessionId: string, at: number, events: readonly SessionEvent[]): Promise<readonly JournalEntry[]>;
  /**
   * Appends events in one transaction. With `expectedSequence` only if that is still the last one; without it always.
   * @throws JournalConflict when `expectedSequence` is not the last any more, or the session does not exist.
   */
  append(
    sessionId: string,
    at: number,
    events: readonly SessionEvent[],
    expectedSequence?: number,
  ): Promise<readonly JournalEntry[]>;
  /** The entries after sequence `after` (0 for all), in order. */
  read(sessionId: string, after?: number): Promise<readonly JournalEntry[]>;
  /** Sessions that still concern the engine: all that are not both deleted and cleaned up. Oldest first. */
  openSessionIds(): Promise<readonly string[]>;
  /**
   * Takes or renews the right to carry out a session's commands until `expiresAt`. False while another owner holds an
   * unexpired lease; one that ends ten times further ahead than this one would was taken before the clock was set back,
   * and counts for nothing.
   */
  acquireLease(sessionId: string, owner: string, now: number, expiresAt: number): Promise<boolean>;
  /** Gives the lease back, if `owner` still has it. */
  releaseLease(sessionId: string, owner: string): Promise<void>;
  /** Removes journals of sessions that were deleted and cleaned up before `time`. Returns how many. */
  purge(time: number): Promise<number>;
}

/**
 * Why the cloud did not do what was asked.
 * - `unavailable`: out of reach, or a fault of its own (5xx, time-out before the call was made): worth another try.
 * - `unknown_outcome`: the call was sent and no answer came: it may have been carried out. Look before repeating.
 * - `no_valid_host`: nowhere to go.
 * - `instance_gone`: the instance does not exist any more.
 * - `busy`: something else is being done to the instance just now (Nova's 409).
 * - `aborted`: the move was broken off on request, and the instance is where it was.
 * - `timed_out`: it did not end in the time that it had, and may still come to any end.
 * - `failed`: anything else; the message says what.
 */
export type CloudErrorCode =
  | 'unavailable'
  | 'unknown_outcome'
  | 'no_valid_host'
  | 'instance_gone'
  | 'busy'
  | 'aborted'
  | 'timed_out'
  | 'failed';

export class CloudError extends Error {
  override readonly name = 'CloudError';
  readonly code: CloudErrorCode;
  constructor(code: CloudErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A host's service, as `close` and `open` need it. */
export interface HostService {
  readonly name: string;
  readonly serviceId: string;
}

/** A move as it is asked for. */
export interface MoveRequest {
  readonly instanceId: string;
  readonly action: MoveAction;
  /** The host that it is to leave. */
  readonly from: string;
  /** The host that it is to go to; the cloud chooses when it is absent. */
  readonly target?: string;
}

/** The cloud whose hosts are maintained. Every method throws `CloudError`; an aborted signal rejects at once. */
export interface Cloud {
  /** All hosts, the instances of all projects, and all server groups, now. */
  observe(signal: AbortSignal): Promise<CloudObservation>;
  /** The names of all hosts, of any type. */
  hostNames(signal: AbortSignal): Promise<readonly string[]>;
  /** Stops new instances from coming to a host. Repeating it is harmless. */
  closeHost(host: HostService, reason: string, signal: AbortSignal): Promise<void>;
  /** Lets new instances come to a host again. Repeating it is harmless. */
  openHost(host: HostService, signal: AbortSignal): Promise<void>;
  /** Where the records of an instance stand before a move. */
  moveBaseline(instanceId: string, signal: AbortSignal): Promise<MoveBaseline>;
  /** Asks for a move, once. Returns when the cloud has taken it on, long before it is done. */
  startMove(move: MoveRequest, signal: AbortSignal): Promise<void>;
  /** Was a move of this kind taken on after the baseline? Tells whether a call whose answer was lost was made. */
  moveWasStarted(move: MoveRequest, baseline: MoveBaseline, signal: AbortSignal): Promise<boolean>;
  /** Waits until a started move has come to its end. Throws when it failed or was turned back, with the cloud's reason. */
  watchMove(move: MoveRequest, baseline: MoveBaseline, signal: AbortSignal): Promise<MoveResult>;
  /** Breaks a live migration off, if one is under way; `watchMove` then throws `aborted`. Repeating it is harmless. */
  abortMove(instanceId: string, signal: AbortSignal): Promise<void>;
  /** Confirms a cold migration and waits until the instance is back in service. Repeating it is harmless. */
  confirmMove(instanceId: string, signal: AbortSignal): Promise<void>;
  /** Waits until none of these instances is on the host any more, whoever took them away. */
  watchDeparture(host: string, instanceIds: readonly string[], signal: AbortSignal): Promise<void>;
}

/** What is known of an action plug-in before it is run. */
export interface PluginManifest {
  /** Whether it may be started again when a crash broke it off. */
  readonly afterCrash: 'repeat' | 'fail';
  /** How long it may run. */
  readonly timeoutSeconds: number;
}

/** One run of an action plug-in. */
export interface PluginTask {
  readonly sessionId: string;
  readonly plugin: string;
  readonly type: ActionType;
  /** Name of the host, or `localhost`. */
  readonly host: string;
  /** What the admin gave for this plug-in. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The session's own. */
  readonly sessionMetadata: Readonly<Record<string, unknown>>;
  readonly workflow: string;
  /** The same whenever this run is repeated. */
  readonly runId: string;
  /** It was started before and broken off by a crash. */
  readonly repeated: boolean;
}

/** A plug-in ended other than well; the message names how, and has its last lines. */
export class PluginFailed extends Error {
  override readonly name = 'PluginFailed';
}

/** The operator's programs that work on hosts (facts 1.4, 3.3). */
export interface ActionPlugins {
  /** What is known of a plug-in of the configured folder, or of those that the session fetched; undefined where neither has it. */
  find(plugin: string, sessionId: string): Promise<PluginManifest | undefined>;
  /**
   * Runs it to its end. `report` gets what it writes, line by line in batches; an aborted signal ends it.
   * @throws PluginFailed, or the signal's reason
   */
  run(
    task: PluginTask,
    report: (lines: readonly string[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
}

/** A download was refused or failed; the message says which, and why. */
export class DownloadFailed extends Error {
  override readonly name = 'DownloadFailed';
}

/** Packages that a session brings along (facts 1.4). */
export interface Downloads {
  /** Why this address may not be fetched from; undefined where it may. */
  refusal(download: Download): string | undefined;
  /**
   * Fetches and unpacks into the session's own folder, from scratch. Returns the paths of the files in it, relative to it.
   * @throws DownloadFailed, or the signal's reason
   */
  fetch(sessionId: string, downloads: readonly Download[], signal: AbortSignal): Promise<readonly string[]>;
  /** Removes the session's folder, if there is one. */
  remove(sessionId: string): Promise<void>;
}

/** What is told to projects and to the infrastructure (fenix.md 4.2). */
export interface Notification {
  /** The same whenever this notification is repeated. */
  readonly messageId: string;
  readonly eventType: 'maintenance.scheduled' | 'maintenance.host' | 'maintenance.session';
  /** When it was decided, milliseconds since 1970. */
  readonly at: number;
  /** The wire payload: JSON values only; `project_id` decides who hears of it. */
  readonly payload: Readonly<Record<string, unknown>> & { readonly project_id: string };
}

/** The way to tell a project or the infrastructure something, and to know who listens. */
export interface Notifier {
  /**
   * Hands a notification over. Returns once it cannot be lost any more (confirmed by the broker, or stored for
   * delivery); keeps trying while the other side is away, until `signal` aborts. Calls made in order are delivered in
   * order.
   */
  notify(notification: Notification, signal: AbortSignal): Promise<void>;
  /** Which of these projects listen to `maintenance.scheduled` (fenix.md 3.2 and 4.4). */
  subscribedProjects(projectIds: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
  /** Finishes or puts aside what is under way, and lets go of connections. */
  close(): Promise<void>;
}

/** Who calls us, as the token says. */
export interface Identity {
  readonly userId: string;
  readonly userName?: string;
  readonly projectId?: string;
  readonly projectName?: string;
  /** Names of the roles that the token has where it is good for, with those that they imply. */
  readonly roles: readonly string[];
  readonly userDomainId?: string;
  readonly projectDomainId?: string;
  /** Set when the token is for a domain. */
  readonly domainId?: string;
  /** Set when the token is for the cloud as a whole. */
  readonly systemScope?: 'all';
  /** Keystone's mark of its admin project; absent where it has none. */
  readonly isAdminProject?: boolean;
  /** Set when the token was got by a trust: user `trusteeUserId` acts for `trustorUserId`. */
  readonly trustId?: string;
  readonly trustorUserId?: string;
  readonly trusteeUserId?: string;
  /** Nobody was asked for a token: the caller may do what the server itself may. */
  readonly isAdmin?: boolean;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The token is unknown, expired, revoked or malformed. */
export class TokenRejected extends Error {
  override readonly name = 'TokenRejected';
}

/** The identity service cannot be asked just now: not a verdict on the token. */
export class IdentityUnavailable extends Error {
  override readonly name = 'IdentityUnavailable';
}

/** Tells who a token belongs to. */
export interface TokenValidator {
  /** @throws TokenRejected, IdentityUnavailable */
  validate(token: string): Promise<Identity>;
}

/** Which constraints are listed. */
export interface ConstraintFilter {
  readonly projectId?: string;
  /** Instances of this group alone. */
  readonly groupId?: string;
  readonly limit: number;
  /** Project and id of the last row of the page before. */
  readonly marker?: { readonly projectId: string; readonly id: string };
}

/** Constraints that applications registered (fenix.md 5); they outlive sessions. Keyed by kind, project and id. */
export interface ConstraintStore {
  put(constraint: Constraint, now: number): Promise<void>;
  /** All rows of these ids, whichever project registered them; of one id the most recently written first. */
  find(kind: ConstraintKind, ids: readonly string[]): Promise<readonly Constraint[]>;
  /** Rows of a project, or of every project; ordered by project and id; those after `marker` only, at most `limit`. */
  list(kind: ConstraintKind, filter: ConstraintFilter): Promise<readonly Constraint[]>;
  /** Removes it if it is there. */
  delete(kind: ConstraintKind, projectId: string, id: string): Promise<void>;
}

/** Alarms of our own alarming, for sites without Aodh, and what is still to be posted to their targets. */
export interface AlarmStore {
  /** Aodh allows equal names within a project, and so do we. */
  create(alarm: Alarm): Promise<void>;
  get(alarmId: string): Promise<Alarm | undefined>;
  /** All alarms of a project, or of every project when it is absent; oldest first. */
  list(projectId?: string): Promise<readonly Alarm[]>;
  /** Replaces an alarm; false if there is none with its id. */
  update(alarm: Alarm): Promise<boolean>;
  /** Removes an alarm and its pending deliveries; false if there was none. */
  delete(alarmId: string): Promise<boolean>;
  /**
   * Stores the deliveries that one notification causes and the new states of the alarms, in one transaction. A notification that
   * was stored before (same `messageId` and alarm) is not stored again.
   */
  enqueue(deliveries: readonly AlarmDelivery[], changedAlarms: readonly Alarm[]): Promise<void>;
  /** All deliveries still to be made, in the order in which they were stored. */
  pendingDeliveries(): Promise<readonly AlarmDelivery[]>;
  /** A delivery was made, or given up. It is kept as a mark against repeats, its body is not. */
  finishDelivery(deliveryId: string): Promise<void>;
}
