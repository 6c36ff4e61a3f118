/** The cases of the benchmark: the five shapes of the facts, and topologies drawn from the seed. */
import type { Topology } from '../../src/simulation/topology.ts';
import { drawnTopology } from './drawn.ts';
import { shapeCount, shape } from './shapes.ts';

/** Which topology: by it every process builds the same. */
export type CaseName = Readonly<
  | { kind: 'shape'; number: number; seed: number }
  | { kind: 'drawn'; number: number; seed: number; hosts: number }
>;

/** The largest topologies that are drawn. */
const most = 200;
const sizes = [40, 80, 120, 160, most];
const usualCount = 10;

export function topologyOf(name: CaseName): Topology {
  const { number, seed } = name;
  return name.kind === 'shape' ? shape(number, seed) : drawnTopology(seed + number, name.hosts);
}

/** The shapes, and as many drawn topologies of 200 hosts as are wanted; where nothing is said, ten of 40 to 200 hosts. */
export function caseNames(drawn: number | undefined, seed: number): readonly CaseName[] {
  const shapes = Array.from({ length: shapeCount }, (_, number): CaseName => ({
    kind: 'shape',
    number,
    seed,
  }));
  const hostsOf = (number: number) => (drawn === undefined ? (sizes[number % sizes.length] ?? most) : most);
  const others = Array.from({ length: drawn ?? usualCount }, (_, number): CaseName => {
    return { kind: 'drawn', number, seed, hosts: hostsOf(number) };
  });
  return [...shapes, ...others];
}
