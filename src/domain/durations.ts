/** How long things last, as sessions measured it: what planning reckons with. */
import { indexOf } from './kept-index.ts';
import { rememberedFor, rememberedWhile, theSession } from './remembered-for.ts';
import type { Instance, Session } from './session.ts';
import type { WorkflowSettings } from './settings.ts';
import type { Durations } from './workflow.ts';

/** What one session measured. Seconds. */
export interface Measured {
  readonly hosts: Readonly<Record<string, number>>;
  readonly moves: readonly number[];
}

/** What a session has measured so far. */
export const measured: (session: Session) => Measured = rememberedWhile(
  theSession,
  (session) => [measuredHosts(session), measuredMoves(session)],
  (session) => ({ hosts: measuredHosts(session), moves: measuredMoves(session) }),
);

/**
 * What is known beforehand comes first, then what sessions measured, then the options. A host that was maintained before
 * takes as long as it did last; another one the mean of all; a move the mean of those that are remembered.
 */
export const durationsBy = rememberedWhile<
  [sessions: readonly Measured[], settings: WorkflowSettings, beforehand?: Partial<Durations>],
  Durations
>(
  (_sessions, settings) => settings,
  (sessions, _settings, beforehand) => [...sessions, beforehand],
  workOutDurations,
);

function workOutDurations(
  sessions: readonly Measured[],
  { hostMaintenanceSeconds, plannedHostSeconds, plannedMoveSeconds }: WorkflowSettings,
  beforehand: Partial<Durations> = {},
): Durations {
  const hosts = Object.assign({}, ...sessions.map((session) => session.hosts)) as Record<string, number>;
  return {
    hostSeconds: mean(Object.values(hosts)) ?? Math.max(hostMaintenanceSeconds, plannedHostSeconds),
    moveSeconds: mean(sessions.flatMap(({ moves }) => moves)) ?? plannedMoveSeconds,
    ...beforehand,
    hosts: { ...hosts, ...beforehand.hosts },
  };
}

const hostsDone = ({ hosts }: Session) =>
  hosts.filter(({ maintenanceEndedAt }) => maintenanceEndedAt !== undefined);

const measuredHosts: (session: Session) => Measured['hosts'] = rememberedWhile(
  theSession,
  hostsDone,
  (session) =>
    Object.fromEntries(
      hostsDone(session).flatMap(({ name, maintenanceStartedAt, maintenanceEndedAt }) =>
        maintenanceStartedAt === undefined || maintenanceEndedAt === undefined
          ? []
          : [[name, (maintenanceEndedAt - maintenanceStartedAt) / 1000] as const],
      ),
    ),
);

/** The newest ones are enough for a mean. */
const newest = 100;

const hasMoved = ({ moveSeconds }: Instance) => (moveSeconds === undefined ? undefined : 'moved');

const newestMoves: (moved: readonly Instance[]) => readonly number[] = rememberedFor((moved) =>
  moved.slice(-newest).flatMap(({ moveSeconds }) => moveSeconds ?? []),
);

const none: readonly Instance[] = [];

const movesOf = ({ instances }: Session) =>
  newestMoves(indexOf(instances, () => instances.values(), hasMoved).get('moved') ?? none);

const measuredMoves: (session: Session) => readonly number[] = rememberedWhile(theSession, movesOf, movesOf);

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
