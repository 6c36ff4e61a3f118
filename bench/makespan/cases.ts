/** The cases of the benchmark: the five shapes of the facts, and topologies drawn from the seed. */
import type { Topology } from '../../src/simulation/topology.ts';
import { drawnTopology } from './drawn.ts';
import { shapeCount, shape } from './shapes.ts';

/** Which topology: by it every process builds the same. */
export interface CaseName {
  readonly kind: 'shape' | 'drawn';
  readonly number: number;
  readonly seed: number;
}

export function topologyOf({ kind, number, seed }: CaseName): Topology {
  return kind === 'shape' ? shape(number, seed) : drawnTopology(seed + number);
}

export function caseNames(drawn: number, seed: number): readonly CaseName[] {
  const numbered = (kind: CaseName['kind'], count: number) =>
    Array.from({ length: count }, (_, number): CaseName => ({ kind, number, seed }));
  return [...numbered('shape', shapeCount), ...numbered('drawn', drawn)];
}
