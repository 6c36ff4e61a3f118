import { randomBytes, randomUUID } from 'node:crypto';
import type { LabConfig } from '../lab-config.ts';
import { ChangeLog } from './change-log.ts';
import { Faults, type FaultSubject, type Operation } from './faults.ts';
import { makeHosts } from './make-hosts.ts';
import { Allocations, chooseHost, countsOn } from './placement.ts';
import { serverStatus } from './server-status.ts';
import type { Timers } from './timers.ts';
import type {
  Flavor,
  Host,
  InstanceAction,
  Migration,
  Requester,
  Server,
  ServerGroup,
  Service,
} from './types.ts';

/** A step of something that takes time: `after` seconds since the one before. `stop` ends the rest. */
export interface Step {
  readonly after: number;
  readonly run: () => 'stop' | undefined;
}

/** What a server can be changed in; the rest is fixed when it is made. */
export type ServerPatch = Partial<
  Pick<Server, 'host' | 'vmState' | 'taskState' | 'powerState' | 'fault' | 'launchedAt' | 'stateBeforeResize'>
>;

/**
 * The state of the small cloud, and what all operations on it need: who holds which slot, records, the log of changes,
 * the scheduler, steps that take time. The operations themselves are in the files beside this one.
 */
export class LabCloud {
  readonly timers: Timers;
  readonly changes: ChangeLog;
  readonly faults: Faults;
  readonly allocations = new Allocations();
  readonly hosts: readonly Host[];
  readonly services: readonly Service[];
  readonly flavors: readonly Flavor[];
  /** The one image that servers are said to be made of. */
  readonly imageId = randomUUID();
  readonly servers = new Map<string, Server>();
  readonly groups = new Map<string, ServerGroup>();
  /** Oldest first. */
  readonly migrations: Migration[] = [];
  readonly actions = new Map<string, InstanceAction[]>();
  readonly #durations: LabConfig['durations'];
  readonly #underWay = new Map<string, Set<() => void>>();
  #serverNumber = 0;

  constructor(config: LabConfig, timers: Timers) {
    this.timers = timers;
    this.changes = new ChangeLog(() => timers.now());
    this.faults = new Faults((active, subject) =>
      this.changes.record({
        type: 'fault',
        faultId: active.id,
        kind: active.fault.kind,
        subject: [...(subject.server ?? []), ...(subject.hosts ?? [])].join(' '),
      }),
    );
    this.#durations = config.durations;
    this.flavors = config.flavors.map((flavor) => ({
      id: randomUUID(),
      name: flavor.name,
      size: { vcpus: flavor.vcpus, memoryMb: flavor.ram_mb, diskGb: flavor.disk_gb },
    }));
    const { services, hosts } = makeHosts(config, timers.now());
    this.services = services;
    this.hosts = hosts;
    this.#reportUsage();
  }

  now(): number {
    return this.timers.now();
  }

  host(name: string): Host | undefined {
    return this.hosts.find((host) => host.name === name);
  }

  /** A server by id or by name; the newest of that name. */
  server(idOrName: string): Server | undefined {
    return (
      this.servers.get(idOrName) ?? [...this.servers.values()].findLast((server) => server.name === idOrName)
    );
  }

  flavor(idOrName: string): Flavor | undefined {
    return this.flavors.find((flavor) => flavor.id === idOrName || flavor.name === idOrName);
  }

  membersOf(groupId: string): readonly Server[] {
    return [...this.servers.values()].filter((server) => server.groupId === groupId);
  }

  nextServerNumber(): number {
    this.#serverNumber += 1;
    return this.#serverNumber;
  }

  newReservationId(): string {
    return `r-${randomBytes(4).toString('hex')}`;
  }

  /** Changes a server and notes it in the log. */
  update(server: Server, patch: ServerPatch): void {
    Object.assign(server, patch);
    server.updatedAt = this.now();
    this.changes.record({
      type: 'server.state',
      serverId: server.id,
      name: server.name,
      status: serverStatus(server),
      vmState: server.vmState,
      taskState: server.taskState,
      host: server.host,
    });
  }

  /** Asks the scheduler; `placing` is left out of its group's count. Undefined: no valid host. */
  schedule(server: Server, options: { notOn?: string | null; only?: string | null } = {}): Host | undefined {
    const group = server.groupId === null ? undefined : this.groups.get(server.groupId);
    const members = group === undefined ? [] : this.membersOf(group.id);
    return chooseHost({
      size: server.flavor.size,
      hosts: this.hosts,
      allocations: this.allocations,
      ...options,
      ...(group === undefined ? {} : { group }),
      membersOn: (host) =>
        members.filter((member) => countsOn(member, host, server.id, (other) => this.#incomingHost(other)))
          .length,
    });
  }

  #incomingHost(server: Server): string | null {
    const newest = this.migrations.findLast((migration) => migration.serverId === server.id);
    const moving =
      newest !== undefined && ['preparing', 'running', 'pre-migrating', 'migrating'].includes(newest.status);
    return moving ? newest.target : null;
  }

  /** What faults of this operation are held against. */
  subject(server: Server, ...hosts: (string | null)[]): FaultSubject {
    return {
      server: [server.id, server.name],
      hosts: [server.host, ...hosts].filter((host) => host !== null),
    };
  }

  /** Seconds that an operation takes, this time. */
  seconds(operation: Operation, subject: FaultSubject): number {
    const slow = this.faults.strike('slow', subject, (fault) => fault.operation === operation);
    return this.#durations[operation] + (slow?.seconds ?? 0);
  }

  /** Seconds that it takes when no fault slows it down. */
  usualSeconds(operation: Operation): number {
    return this.#durations[operation];
  }

  /** Runs steps one after another, for as long as the server exists. */
  run(server: Server, steps: readonly Step[]): void {
    const [step, ...rest] = steps;
    if (step === undefined) return;
    const pending = this.#underWay.get(server.id) ?? new Set();
    this.#underWay.set(server.id, pending);
    const cancel = this.timers.after(step.after, () => {
      pending.delete(cancel);
      if (step.run() !== 'stop') this.run(server, rest);
    });
    pending.add(cancel);
  }

  /** Gives up whatever is under way on a server. */
  cancelSteps(server: Server): void {
    for (const cancel of this.#underWay.get(server.id) ?? []) cancel();
    this.#underWay.delete(server.id);
  }

  addMigration(
    server: Server,
    type: Migration['type'],
    status: Migration['status'],
    by: Requester,
  ): Migration {
    const migration: Migration = {
      number: this.migrations.length + 1,
      uuid: randomUUID(),
      serverId: server.id,
      type,
      source: server.host ?? '',
      userId: by.userId,
      projectId: by.projectId,
      createdAt: this.now(),
      oldFlavor: server.flavor,
      target: null,
      status,
      updatedAt: this.now(),
    };
    this.migrations.push(migration);
    this.updateMigration(migration, {});
    return migration;
  }

  updateMigration(migration: Migration, patch: Partial<Pick<Migration, 'status' | 'target'>>): void {
    Object.assign(migration, patch);
    migration.updatedAt = this.now();
    this.changes.record({
      type: 'migration',
      serverId: migration.serverId,
      migration: migration.uuid,
      status: migration.status,
      from: migration.source,
      to: migration.target,
    });
  }

  addAction(server: Server, name: string, by: Requester): InstanceAction {
    const action: InstanceAction = {
      name,
      requestId: by.requestId,
      serverId: server.id,
      userId: by.userId,
      projectId: by.projectId,
      startedAt: this.now(),
      message: null,
      updatedAt: this.now(),
      events: [],
    };
    this.actions.set(server.id, [...(this.actions.get(server.id) ?? []), action]);
    return action;
  }

  /** Notes a step of an action. `error` makes the whole action an Error, as Nova does. */
  addEvent(action: InstanceAction, name: string, host: string, error?: string): void {
    const at = this.now();
    action.events.push({
      name,
      host,
      startedAt: at,
      finishedAt: at,
      result: error === undefined ? 'Success' : 'Error',
      details: error ?? null,
    });
    action.updatedAt = at;
    if (error !== undefined) action.message = 'Error';
  }

  /** The controller that carries out what is not done on a compute host. */
  get conductorHost(): string {
    return this.services.find((service) => service.binary === 'nova-conductor')?.host ?? '';
  }

  /** Nova's resource tracker of one host notes what it has claimed; `running_vms` waits for the periodic report. */
  reportClaims(name: string): void {
    const host = this.host(name);
    if (host !== undefined) host.reported = { ...host.reported, used: this.allocations.used(name) };
  }

  /** The periodic report of one host: everything. */
  reportAll(name: string): void {
    const host = this.host(name);
    if (host === undefined) return;
    const running = [...this.servers.values()].filter((server) => server.host === name);
    host.reported = { used: this.allocations.used(name), runningVms: running.length };
  }

  #reportUsage(): void {
    for (const host of this.hosts) this.reportAll(host.name);
    this.timers.after(Math.max(this.#durations.usage_report, 0.05), () => this.#reportUsage());
  }
}
