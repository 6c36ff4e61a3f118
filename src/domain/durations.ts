/** How long things last, as sessions measured it: what planning reckons with. */
import { rememberedFor } from './remembered-for.ts';
import type { Instance, Session } from './session.ts';
import type { WorkflowSettings } from './settings.ts';
import type { Durations } from './workflow.ts';

/** What one session measured. Seconds. */
export interface Measured {
  readonly hosts: Readonly<Record<string, number>>;
  readonly moves: readonly number[];
}

/** What a session has measured so far. */
export function measured({ hosts, instances }: Session): Measured {
  return { hosts: measuredHosts(hosts), moves: measuredMoves(instances) };
}

/**
 * What is known beforehand comes first, then what sessions measured, then the options. A host that was maintained before
 * takes as long as it did last; another one the mean of all; a move the mean of those that are remembered.
 */
export function durationsBy(
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

const measuredHosts: (hosts: Session['hosts']) => Measured['hosts'] = rememberedFor((hosts) =>
  Object.fromEntries(
    hosts.flatMap(({ name, maintenanceStartedAt, maintenanceEndedAt }) =>
      maintenanceStartedAt === undefined || maintenanceEndedAt === undefined
        ? []
        : [[name, (maintenanceEndedAt - maintenanceStartedAt) / 1000] as const],
    ),
  ),
);

/** The newest ones are enough for a mean. */
const newest = 100;

const measuredMoves: (instances: Session['instances']) => readonly number[] = rememberedFor((instances) =>
  [...instances.values()]
    .filter((instance): instance is Instance & { moveSeconds: number } => instance.moveSeconds !== undefined)
    .slice(-newest)
    .map(({ moveSeconds }) => moveSeconds),
);

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
