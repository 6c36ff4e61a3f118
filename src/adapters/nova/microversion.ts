import { z } from 'zod';

/** A microversion of Nova's API; the major number is 2 in all of them. */
export type Microversion = number;

/** From 2.88 on os-hypervisors has no capacity any more; all that we read is there in 2.87. */
const newestMicroversion = 87;
/** Pike: services have UUIDs, with which they are closed and opened. */
const oldestMicroversion = 53;

export const microversions = {
  /** `migrate` takes a target host; before, it was ignored without a word. */
  targetOfColdMigration: 56,
  /** os-instance-actions takes a limit. */
  pagedActions: 58,
  /** os-migrations takes a limit and is sorted, newest first. */
  pagedMigrations: 59,
  /** Server groups have `policy` and `rules` instead of `policies`. */
  policyOfGroup: 64,
} as const;

const versionSchema = z.object({ version: z.object({ version: z.string() }) });

/**
 * The microversion to use: the newest that both sides know.
 * @throws Error when Nova is too old, or the answer is not that of Nova.
 */
export function negotiateMicroversion(body: unknown): Microversion {
  const version = versionSchema.safeParse(body).data?.version.version;
  const newest = /^2\.(\d+)$/.exec(version ?? '')?.[1];
  if (newest === undefined) {
    throw new Error(
      `this is not Nova's API v2.1: it names no microversion (${JSON.stringify(body ?? null).slice(0, 200)})`,
    );
  }
  if (Number(newest) < oldestMicroversion) {
    throw new Error(`Nova's newest microversion is 2.${newest}, 2.${oldestMicroversion} is needed (Pike)`);
  }
  return Math.min(Number(newest), newestMicroversion);
}
