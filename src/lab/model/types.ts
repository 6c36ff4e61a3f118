/** What the small cloud is made of. Times are milliseconds since 1970. */

/** An amount of what hosts offer and servers take. */
export interface Resources {
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly diskGb: number;
}

/** A size of servers. */
export interface Flavor {
  readonly id: string;
  readonly name: string;
  readonly size: Resources;
}

/** One process of Nova: a nova-compute per host, and those of the controllers. */
export interface Service {
  /** The id that is shown before microversion 2.53. */
  readonly number: number;
  /** The id that is shown from 2.53 on. */
  readonly uuid: string;
  readonly binary: 'nova-scheduler' | 'nova-conductor' | 'nova-compute';
  readonly host: string;
  readonly zone: 'internal' | 'nova';
  disabled: boolean;
  disabledReason: string | null;
  forcedDown: boolean;
  /** False while the process reports nothing. */
  alive: boolean;
  /** When it was last changed by a call, or stopped reporting. */
  changedAt: number;
}

/** What os-hypervisors tells of a host: it lags behind the truth as Nova's does. */
export interface ReportedUsage {
  used: Resources;
  runningVms: number;
}

/** A compute host. */
export interface Host {
  readonly name: string;
  readonly number: number;
  readonly uuid: string;
  readonly capacity: Resources;
  readonly service: Service;
  reported: ReportedUsage;
}

export type VmState =
  | 'building'
  | 'active'
  | 'stopped'
  | 'paused'
  | 'suspended'
  | 'shelved'
  | 'shelved_offloaded'
  | 'resized'
  | 'error';

export type TaskState =
  | 'scheduling'
  | 'spawning'
  | 'resize_prep'
  | 'resize_migrating'
  | 'resize_migrated'
  | 'resize_finish'
  | 'resize_reverting'
  | 'migrating'
  | 'powering-off'
  | 'powering-on'
  | 'pausing'
  | 'unpausing'
  | 'suspending'
  | 'resuming'
  | 'shelving'
  | 'shelving_offloading'
  | 'unshelving'
  | 'rebuilding'
  | 'deleting';

/** Why a server is in ERROR. */
export interface ServerFault {
  readonly message: string;
  readonly at: number;
}

/** A server ("instance" inside Nova). */
export interface Server {
  readonly id: string;
  /** 1, 2, 3, ...: makes `instance-00000001`, and the order of lists. */
  readonly number: number;
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  /** Changed by a resize. */
  flavor: Flavor;
  readonly imageId: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly reservationId: string;
  readonly groupId: string | null;
  readonly createdAt: number;
  host: string | null;
  vmState: VmState;
  taskState: TaskState | null;
  /** 0 none, 1 running, 3 paused, 4 shut down. */
  powerState: 0 | 1 | 3 | 4;
  /** The state to return to when a migration is confirmed or reverted. */
  stateBeforeResize: 'active' | 'stopped';
  fault: ServerFault | null;
  locked: boolean;
  lockedReason: string | null;
  updatedAt: number;
  launchedAt: number | null;
}

export type GroupPolicy = 'affinity' | 'anti-affinity' | 'soft-affinity' | 'soft-anti-affinity';

/** A placement rule over its members. */
export interface ServerGroup {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly policy: GroupPolicy;
  /** Only what was given: the rules that the API shows. */
  readonly maxServerPerHost?: number;
}

export type MigrationStatus =
  | 'accepted'
  | 'pre-migrating'
  | 'preparing'
  | 'running'
  | 'migrating'
  | 'post-migrating'
  | 'finished'
  | 'confirming'
  | 'confirmed'
  | 'reverting'
  | 'reverted'
  | 'completed'
  | 'cancelled'
  | 'failed'
  | 'error';

/** The record of one cold or live migration, or of a resize. */
export interface Migration {
  readonly number: number;
  readonly uuid: string;
  readonly serverId: string;
  readonly type: 'migration' | 'live-migration' | 'resize';
  /** What a resize returns to when it is reverted. */
  readonly oldFlavor: Flavor;
  readonly source: string;
  readonly userId: string;
  readonly projectId: string;
  readonly createdAt: number;
  target: string | null;
  status: MigrationStatus;
  updatedAt: number;
}

/** One step of an instance action. */
export interface ActionEvent {
  readonly name: string;
  readonly host: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly result: 'Success' | 'Error';
  readonly details: string | null;
}

/** What was asked of a server, by whom, and how it went. */
export interface InstanceAction {
  readonly name: string;
  readonly requestId: string;
  readonly serverId: string;
  readonly userId: string;
  readonly projectId: string;
  readonly startedAt: number;
  /** 'Error' when it failed in a way that Nova notes. */
  message: 'Error' | null;
  updatedAt: number;
  /** Oldest first. */
  readonly events: ActionEvent[];
}

/** Who asks for a change. */
export interface Requester {
  readonly userId: string;
  readonly projectId: string;
  readonly requestId: string;
}
