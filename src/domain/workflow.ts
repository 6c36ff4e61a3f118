/** What a workflow is made of: for each state its steps in order, and where to go when they are done. */
import type { Command } from './command.ts';
import type { SessionEvent } from './session-event.ts';
import type { Session, SessionState } from './session.ts';
import type { WorkflowSettings } from './settings.ts';

/** What a decision depends on besides the session: everything comes in as a value. */
export interface World {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly settings: WorkflowSettings;
  /** Hosts that other running sessions have. */
  readonly takenHosts: ReadonlySet<string>;
  /** How long things are taken to last. */
  readonly durations: Durations;
  /** Another session that is over has not yet opened all the hosts that it closed. */
  readonly othersTidyUp: boolean;
}

/** How long things are taken to last: as configured, or as learned from earlier sessions. Seconds. */
export interface Durations {
  /** The maintenance of one host, by its name, where it is known. */
  readonly hosts: Readonly<Record<string, number>>;
  /** The maintenance of any other host. */
  readonly hostSeconds: number;
  /** A move, its confirmation included. */
  readonly moveSeconds: number;
}

/** A decision to be journalled. A command gets its id when it is. */
export type Decided =
  | Extract<
      SessionEvent,
      {
        readonly type:
          | 'state_entered'
          | 'phase_entered'
          | 'host_chosen'
          | 'host_admitted'
          | 'host_skipped'
          | 'host_maintenance_started'
          | 'host_maintenance_finished'
          | 'session_closed';
      }
    >
  | { readonly type: 'command'; readonly command: Command };

/**
 * What a step says of the session as it stands. Steps are level-triggered: each is asked again whenever something
 * happened, and is done when what it wants is so, however that came about.
 */
export type StepResult =
  | { readonly kind: 'done' }
  /** Nothing to do until something happens, or until a time (milliseconds since 1970). */
  | { readonly kind: 'wait'; readonly until?: number }
  | { readonly kind: 'act'; readonly decided: readonly Decided[] }
  /** The session cannot go on; the reason is for people. */
  | { readonly kind: 'fail'; readonly reason: string };

export type Step = (session: Session, world: World) => StepResult;

export interface Transition {
  readonly to: SessionState;
  /** The condition in words: it is the label in the diagram. */
  readonly label: string;
  readonly when: (session: Session, world: World) => boolean;
  /** Why the session fails, where `to` is MAINTENANCE_FAILED. */
  readonly reason?: (session: Session, world: World) => string;
}

export interface StateRules {
  /** What happens in the state, in words, for the diagram and the docs. */
  readonly about: string;
  readonly steps: readonly Step[];
  /** Tried in order when every step is done; the last one always applies. */
  readonly next: readonly Transition[];
}

/** A workflow is a table: a row for each state that does something. */
export type Workflow = Readonly<
  Record<Exclude<SessionState, 'MAINTENANCE_DONE' | 'MAINTENANCE_FAILED'>, StateRules>
>;

export const done: StepResult = { kind: 'done' };
export const wait = (until?: number): StepResult =>
  until === undefined ? { kind: 'wait' } : { kind: 'wait', until };
export const act = (...decided: readonly Decided[]): StepResult => ({ kind: 'act', decided });
export const commands = (list: readonly Command[]): StepResult =>
  act(...list.map((command) => ({ type: 'command', command }) as const));
export const fail = (reason: string): StepResult => ({ kind: 'fail', reason });
