import type { Session } from '../../src/domain/session.ts';
import type { Simulation } from '../../src/simulation/simulation.ts';
import { simulate } from '../../src/simulation/topology.ts';
import type { DrawnSession } from './drawn-session.ts';

export interface PlayedSession {
  readonly simulation: Simulation;
  readonly session: Session;
  readonly maintenanceAt: number;
  /** Why the session failed, and why hosts were left aside. */
  readonly reasons: readonly string[];
}

/** No drawn session takes longer. Seconds. */
const longest = 60_000;

/**
 * Plays a drawn session of the workflow `vnf` to its end, and on until the cloud is at rest: no instance is under way, and what else
 * is said. `prepare` may arrange what is to happen meanwhile.
 */
export async function playDrawnSession(
  { topology, settings, failurePolicy }: DrawnSession,
  prepare: (simulation: Simulation, maintenanceAt: number) => void = () => undefined,
  isAtRest: (simulation: Simulation) => boolean = () => true,
): Promise<PlayedSession> {
  const simulation = await simulate(topology, { settings, leaseSeconds: 600 });
  const { clock, cloud, engine } = simulation;
  await engine.start();
  const hosts = topology.hosts.filter(({ isOutside }) => isOutside !== true).map(({ name }) => name);
  const maintenanceAt = clock.now() + 200_000;
  prepare(simulation, maintenanceAt);
  const sessionId = await simulation.open({ workflow: 'vnf', hosts, failurePolicy, maintenanceAt });
  const session = await simulation.finish(sessionId, longest).catch((error: unknown) => {
    throw new Error(`${topology.name} does not come to an end`, { cause: error });
  });
  await clock.runUntil(
    () => [...cloud.instances.values()].every(({ task }) => task === null) && isAtRest(simulation),
  );
  await engine.stop();
  const reasons = [session.failure ?? [], ...session.hosts.map(({ skipReason = [] }) => skipReason)].flat();
  return { simulation, session, maintenanceAt, reasons };
}
