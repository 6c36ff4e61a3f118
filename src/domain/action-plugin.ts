/** Action plug-ins: work on hosts that a session has done by programs of the operator (facts 1.4, 3.3). */
import type { CommandError } from './command.ts';

/**
 * When a plug-in runs: `pre` and `post` once for the session, on `localhost`; `host` on every host; `controller` and
 * `compute` on hosts of that type, after those of type `host`.
 */
export const actionTypes = ['pre', 'host', 'controller', 'compute', 'post'] as const;
export type ActionType = (typeof actionTypes)[number];

/** A plug-in as an admin asks for it. */
export interface ActionPluginRequest {
  readonly plugin: string;
  readonly type: ActionType;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A package to be fetched for a session. */
export interface Download {
  readonly url: string;
  /** Checked where it is given: 64 lower-case hexadecimal digits. */
  readonly sha256?: string;
}

/** Where plug-ins run that belong to no host (facts 3.3). */
export const localhost = 'localhost';

/** A run of a plug-in. */
export interface PluginRun {
  readonly commandId: string;
  readonly plugin: string;
  readonly type: ActionType;
  /** Name of the host, or `localhost`. */
  readonly host: string;
  readonly state: 'RUNNING' | 'DONE' | 'FAILED';
  /** Which visit of a state it was run in (see `Session.visit`). */
  readonly visit: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** What it wrote last: the newest lines, as many as are kept. */
  readonly output: readonly string[];
  readonly error?: CommandError;
}
