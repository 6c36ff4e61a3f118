/**
 * What a cloud looks like at one moment, in the words of the domain. An adapter makes it from its cloud's answers
 * (`Cloud` in `../engine/ports.ts`), the workflows decide on it.
 */

/** An amount of what hosts offer and instances take. Every field is additive. */
export interface Resources {
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly diskGb: number;
}

/** What role a host plays; `other` is a host that neither computes nor controls (fenix.md 8.3, question 17). */
export type HostType = 'compute' | 'controller' | 'other';

/** A host as the cloud reports it. */
export interface ObservedHost {
  readonly name: string;
  readonly type: HostType;
  /** The cloud's id of the service that is closed and opened; absent where there is none to close. */
  readonly serviceId?: string;
  /** False while the host takes no new instances, whoever closed it. */
  readonly open: boolean;
  /** What whoever closed it gave as the reason, where the cloud keeps one. */
  readonly closedReason?: string;
  /** False while the cloud hears nothing from the host. */
  readonly up: boolean;
  /** All that instances may take, allocation ratios included. Zero for hosts that carry no instances. */
  readonly capacity: Resources;
}

/** An instance as the cloud reports it. */
export interface ObservedInstance {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  /** The host that carries it; absent for an instance that no host holds (shelved, or never scheduled). */
  readonly host?: string;
  /** Nova's `vm_state`: active, stopped, resized, error, ... */
  readonly state: string;
  /** Nova's `task_state`, null when nothing is being done to it. */
  readonly task: string | null;
  readonly size: Resources;
}

/** A server group: a placement rule over its members. */
export interface ServerGroup {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly policy: 'affinity' | 'anti-affinity' | 'soft-affinity' | 'soft-anti-affinity';
  /** How many members one host may carry under `anti-affinity`. */
  readonly maxPerHost: number;
  readonly members: readonly string[];
}

/** Everything that was seen in one look. */
export interface CloudObservation {
  readonly hosts: readonly ObservedHost[];
  readonly instances: readonly ObservedInstance[];
  readonly serverGroups: readonly ServerGroup[];
}

/** The ways an instance leaves its host (fenix.md 3.1): cold migration, live migration, or by its own manager. */
export const instanceActions = ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'] as const;
export type InstanceAction = (typeof instanceActions)[number];

/** A move that we carry out. */
export type MoveAction = Exclude<InstanceAction, 'OWN_ACTION'>;

/**
 * Where the cloud's records of a server stood before a move was asked for, so that a later look can tell whether the
 * call was ever made. Opaque to all but the adapter that made it.
 */
export interface MoveBaseline {
  readonly newestAction: string | null;
  readonly newestMigration: string | null;
}

/** How a watched move ended well: where the instance is now, and whether the cloud waits for a confirmation. */
export interface MoveResult {
  readonly host: string;
  readonly needsConfirmation: boolean;
}
