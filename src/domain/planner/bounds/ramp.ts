/** What is lost of a host's room while it is emptied: it cannot be full until the moment at which its maintenance begins. */

/** The instances that are on a host at first: their sizes, of one resource. */
export interface Carried {
  /** Largest first. */
  readonly sizes: readonly number[];
  /** `sums[n]`: of the n largest. */
  readonly sums: readonly number[];
}

export function carried(sizes: readonly number[]): Carried {
  const sorted = [...sizes].sort((a, b) => b - a);
  const sums = [0];
  for (const size of sorted) sums.push((sums.at(-1) ?? 0) + size);
  return { sizes: sorted, sums };
}

export interface RampOptions {
  readonly room: number;
  /** How many instances leave the host at once. */
  readonly streams: number;
  /** The largest instance that could come to the host. */
  readonly largest: number;
  /** How many moves long the last stretch before the maintenance is that is looked at. */
  readonly steps: number;
}

/**
 * The least room lost, in units of room times the length t of the shortest move, on one host in the last steps * t before its
 * maintenance begins (at M), beyond what its own instances take twice because each of them must leave it once.
 *
 * Whatever is on the host at M - x, for (j - 1) t < x < j t, leaves it in the x before M. Of the moves that one stream ends in
 * that time, all but the first lie within it, and none is shorter than t: there are at most j. So with s streams at most s j
 * instances are on it, and they take no more than the s j largest of all that are on it at any time of the stretch. These are
 * instances that were on it from the beginning (`own`), and strangers that came from other hosts and take B together. A stranger
 * leaves this host by a move of its own, during which it takes its size twice for t or longer: together B t. (Its move away from the host
 * where it was at first is another one, and counted there.) No stranger is larger than `largest` = A, so f of the s j
 * places taken by strangers hold at most min(f A, B), and
 *
 *   occupied in step j <= o_j(B) = min(room, s j A,  B + sum of the (s j - B / A) largest of own),
 *
 * the sum being continued linearly between whole numbers: since A is at least each of `own`, the more strangers the better, and all of A
 * each is best. The loss is at least sum over j of (room - o_j(B)) + B, for the B that makes it least. This is convex in B (each o_j
 * is a least of concave functions), so the search goes upward from B = 0, from one bend to the next, until it falls no longer.
 */
export function rampLoss(own: Carried, options: RampOptions): number {
  const { room, largest, steps } = options;
  let strangers = 0;
  let loss = lossWith(own, options, 0);
  if (largest <= 0) return loss;
  for (;;) {
    const next = nextBend(own, options, strangers);
    if (next === undefined || next > room * steps) return loss;
    const other = lossWith(own, options, next);
    if (other >= loss) return loss;
    strangers = next;
    loss = other;
  }
}

function lossWith(own: Carried, { room, streams, largest, steps }: RampOptions, strangers: number): number {
  let loss = strangers;
  for (let step = 1; step <= steps; step++)
    loss += room - Math.min(room, reach(own, largest, streams * step, strangers).most);
  return loss;
}

/** What so many places hold at most, and how that grows with the strangers. */
function reach({ sizes, sums }: Carried, largest: number, places: number, strangers: number) {
  if (largest <= 0) return { most: 0, slope: 0 };
  const taken = strangers / largest;
  if (taken >= places - 1e-9) return { most: places * largest, slope: 0 };
  const left = places - taken;
  const whole = Math.floor(left + 1e-9);
  const marginal = sizes[whole] ?? 0;
  const most = strangers + (sums[Math.min(whole, sizes.length)] ?? 0) + Math.max(0, left - whole) * marginal;
  // More strangers push out the least of the own ones that are still counted.
  const pushed = left - whole > 1e-9 ? marginal : (sizes[whole - 1] ?? 0);
  return { most, slope: 1 - pushed / largest };
}

/** The next amount of strangers at which the loss may change its slope: a whole number of them, or some step is full. */
function nextBend(
  own: Carried,
  { room, streams, largest, steps }: RampOptions,
  strangers: number,
): number | undefined {
  let next = (Math.floor(strangers / largest + 1e-9) + 1) * largest;
  let falls = -1;
  for (let step = 1; step <= steps; step++) {
    const { most, slope } = reach(own, largest, streams * step, strangers);
    if (most >= room - 1e-9 || slope <= 1e-12) continue;
    falls += slope;
    next = Math.min(next, strangers + (room - most) / slope);
  }
  return falls > 0 ? next : undefined;
}
