/** Plays a topology through in one of four ways, in the same simulator. */
import type { Session } from '../../src/domain/session.ts';
import { groupViolations, movesPerInstance, violations } from '../../src/simulation/monitor.ts';
import type { Simulation } from '../../src/simulation/simulation.ts';
import { timeline, type Timeline } from '../../src/simulation/timeline.ts';
import { promisesOf, simulate, type Topology } from '../../src/simulation/topology.ts';
import { nextBatch } from './batches.ts';

export const strategies = ['vnf', 'default', 'barrier', 'stage'] as const;
export type Strategy = (typeof strategies)[number];

/** How many moves may leave one host at once, and how many may be under way in all. */
export const streams = { perHost: 2, total: 1_000 } as const;

export interface Outcome extends Timeline {
  readonly strategy: Strategy;
  readonly movesPerInstance: number;
  readonly violations: readonly string[];
  /** Limits of groups that were not promised and not kept: `default` knows none (facts 3.3). */
  readonly unpromised: number;
  /** How many instances were scaled in on the way. */
  readonly scaledIn: number;
  readonly wallSeconds: number;
}

export async function play(topology: Topology, strategy: Strategy): Promise<Outcome> {
  const begun = performance.now();
  const simulation = await simulate(topology, {
    settings: { parallelMoves: strategy === 'default' ? 1 : streams.perHost, totalMoves: streams.total },
    leaseSeconds: 3_600,
  });
  await simulation.engine.start();
  const begin = simulation.clock.now();
  if (strategy === 'vnf' || strategy === 'default') await session(simulation, strategy);
  else await batches(simulation, topology, strategy === 'stage');
  await simulation.engine.stop();
  return {
    strategy,
    ...judged(simulation, topology, strategy),
    movesPerInstance: movesPerInstance(simulation),
    scaledIn: simulation.cloud.records.filter(({ what }) => what === 'deleted').length,
    ...timeline(simulation, begin),
    wallSeconds: (performance.now() - begun) / 1000,
  };
}

/** Longer than any of them takes. */
const limitSeconds = 10_000_000;

/** @throws Error where the session fails: it has nothing to compare then */
async function session(
  simulation: Simulation,
  workflow: 'vnf' | 'default',
  hosts: readonly string[] = [],
): Promise<Session> {
  const id = await simulation.open({ workflow, hosts, maintenanceAt: simulation.clock.now() });
  const ended = await simulation.finish(id, limitSeconds);
  if (ended.state !== 'MAINTENANCE_DONE')
    throw new Error(`the ${workflow} session ended ${ended.state}: ${ended.failure ?? ''}`);
  await simulation.engine.delete(id);
  return ended;
}

/** One vnf session for each batch, and the next only when all of it is finished. What waits for its batch is closed. */
async function batches(simulation: Simulation, topology: Topology, apart: boolean): Promise<void> {
  const { cloud } = simulation;
  const todo = new Set(topology.hosts.filter(({ isOutside }) => isOutside !== true).map(({ name }) => name));
  const count = todo.size;
  while (todo.size > 0) {
    const batch = nextBatch(cloud, topology, todo, { apart });
    const isFirst = todo.size === count;
    for (const host of cloud.hosts.values())
      host.open = isFirst || !todo.has(host.name) || batch.includes(host.name);
    await session(simulation, 'vnf', batch);
    for (const host of batch) todo.delete(host);
  }
}

function judged(
  simulation: Simulation,
  topology: Topology,
  strategy: Strategy,
): Pick<Outcome, 'violations' | 'unpromised'> {
  const promises = promisesOf(topology);
  if (strategy !== 'default') return { violations: violations(simulation, promises), unpromised: 0 };
  const kept = { groups: promises.groups.map((group) => ({ ...group, slots: Infinity })) };
  return {
    violations: violations(simulation, kept),
    unpromised: promises.groups.flatMap((group) => groupViolations(simulation, group)).length,
  };
}
