/** A worker process of the benchmark: plays what it is sent, one after the other. */
import { certify } from '../../src/domain/planner/certify.ts';
import { campaignOfTopology } from '../../src/simulation/topology.ts';
import { topologyOf, type CaseName } from './cases.ts';
import { play, streams, type Outcome, type Strategy } from './play.ts';

/** What is to be done. */
export interface Task {
  readonly case: CaseName;
  readonly strategy: Strategy | 'bound';
}

/** The largest bound that is proven, with the true durations. */
export interface BoundResult {
  readonly strategy: 'bound';
  readonly seconds: number;
  readonly name: string;
  readonly because: string;
}

export type Answer =
  | { readonly task: Task; readonly result: Outcome | BoundResult }
  | { readonly task: Task; readonly failure: string };

process.on('message', (task: Task) => {
  perform(task).then(
    (result) => process.send?.({ task, result } satisfies Answer),
    (error: unknown) =>
      process.send?.({
        task,
        failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
      } satisfies Answer),
  );
});

async function perform({ case: name, strategy }: Task): Promise<Outcome | BoundResult> {
  const topology = topologyOf(name);
  if (strategy !== 'bound') return play(topology, strategy);
  const { lowerBoundSeconds, binding, bounds } = certify(campaignOfTopology(topology, streams), 0);
  const because = bounds.find((bound) => bound.name === binding)?.because ?? '';
  return { strategy, seconds: lowerBoundSeconds, name: binding, because };
}
