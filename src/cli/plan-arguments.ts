/** What people type behind `fenix-server plan`, as the body of `POST /v1/plan`. */
import type { SessionRequest } from '../domain/session.ts';
import { ApiError } from '../http/api-error.ts';
import { parsePlanRequest } from '../http/parse/plan-request.ts';
import type { components } from '../sdk/openapi.ts';
import { Misuse } from './misuse.ts';

export interface RequestOptions {
  readonly hosts?: string;
  readonly parallelHosts?: string;
  readonly failurePolicy?: components['schemas']['FailurePolicy'];
  readonly maintenanceAt?: string;
  readonly windowEndsAt?: string;
}

/** As the contract has it. */
const mostParallelHosts = 10_000;

/**
 * What is to be planned. It begins when the inventory was taken, where no time is given: a plan that was made later says the same.
 * @param takenAt milliseconds since 1970
 * @throws Misuse
 */
export function planRequestOf(options: RequestOptions, takenAt: number): SessionRequest {
  const { hosts, parallelHosts, failurePolicy, maintenanceAt, windowEndsAt } = options;
  try {
    return parsePlanRequest({
      workflow: 'vnf',
      maintenance_at: maintenanceAt ?? new Date(takenAt).toISOString(),
      ...(hosts !== undefined && { hosts: hostList(hosts) }),
      ...(parallelHosts !== undefined && { parallel_hosts: hostCount(parallelHosts) }),
      ...(failurePolicy !== undefined && { failure_policy: failurePolicy }),
      ...(windowEndsAt !== undefined && { window_ends_at: windowEndsAt }),
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const option = error.pointer?.replace('/', '--').replaceAll('_', '-');
    throw new Misuse(option === undefined ? error.message : `${option}: ${error.message}`, { cause: error });
  }
}

function hostList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new Misuse('--hosts: names are separated by one comma each');
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new Misuse(`--hosts: ${repeated} comes twice`);
  return names;
}

function hostCount(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= mostParallelHosts) return value;
  throw new Misuse(`--parallel-hosts: "${text}" is not a whole number from 1 to ${mostParallelHosts}`);
}
