/** The certificate of a plan: how close it comes to what no schedule can beat, and why it takes so long. */

/** The names of the lower bounds (facts feat03, "Lower bounds", 1 to 6). */
export const boundNames = ['capacity', 'group', 'host', 'streams', 'window', 'slot_time'] as const;
export type BoundName = (typeof boundNames)[number];

export interface LowerBound {
  readonly name: BoundName;
  readonly seconds: number;
  /** For people: what binds, with its numbers. */
  readonly because: string;
  /** The group, the host or the resource that binds. */
  readonly subject?: string;
}

/** How far the lower bound falls when a constraint is relaxed by one unit. */
export interface ConstraintPrice {
  /** For people: which constraint, and by how much it is relaxed. */
  readonly constraint: string;
  readonly relaxation: string;
  readonly seconds: number;
}

export interface Certificate {
  readonly makespanSeconds: number;
  /** The largest of `bounds`. */
  readonly lowerBoundSeconds: number;
  /** Makespan by lower bound; 1 where both are 0. */
  readonly ratio: number;
  readonly binding: BoundName;
  /** Largest first. */
  readonly bounds: readonly LowerBound[];
  /** Dearest first. */
  readonly prices: readonly ConstraintPrice[];
}
