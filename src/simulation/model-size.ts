import type { Resources } from '../domain/cloud.ts';

/** A number stands for so many slots, or for an instance that takes so many: one vCPU each, and no lack of anything else. */
export type ModelSize = number | Resources;

export const hostSize = (size: ModelSize): Resources =>
  typeof size === 'number' ? { vcpus: size, memoryMb: 1_000_000, diskGb: 1_000_000 } : size;

export const instanceSize = (size: ModelSize): Resources =>
  typeof size === 'number' ? { vcpus: size, memoryMb: 1, diskGb: 1 } : size;
