import type {
  CloudObservation,
  MoveBaseline,
  MoveResult,
  ObservedHost,
  ObservedInstance,
  ServerGroup,
} from '../../src/domain/cloud.ts';
import {
  CloudError,
  type Clock,
  type Cloud,
  type HostService,
  type MoveRequest,
} from '../../src/engine/ports.ts';
import { pause } from '../../src/engine/pause.ts';

export interface ModelInstance {
  readonly id: string;
  readonly projectId: string;
  host: string;
  state: string;
  vcpus: number;
  /** Where it was before a migration that is not confirmed: the slot there is still taken. */
  source?: string;
}

export interface ModelHost {
  readonly name: string;
  readonly type: 'compute' | 'controller';
  readonly slots: number;
  open: boolean;
  up: boolean;
  reason?: string;
}

/** Something that happened in the cloud, for assertions. */
export interface CloudRecord {
  readonly at: number;
  readonly what: 'close' | 'open' | 'move_started' | 'moved' | 'confirmed' | 'deleted';
  readonly subject: string;
  readonly host: string;
}

/** A cloud in memory, in the time of a clock: slots of one vCPU, anti-affinity groups, a scheduler like Nova's. */
export class ModelCloud implements Cloud {
  readonly hosts = new Map<string, ModelHost>();
  readonly instances = new Map<string, ModelInstance>();
  readonly groups: ServerGroup[] = [];
  readonly records: CloudRecord[] = [];
  /** Called before every call; may throw a CloudError to play a fault. */
  fault: (call: string, subject: string) => void = () => undefined;
  moveSeconds = 3;
  /** Seconds for which the scheduler still counts an instance on the host that it left by live migration (as Nova's). */
  remembersSeconds = 0;
  readonly #remembered: { id: string; host: string; until: number }[] = [];
  readonly #clock: Clock;
  readonly #moves = new Map<string, { count: number; ended: Promise<MoveResult> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  addHost(name: string, slots: number, type: ModelHost['type'] = 'compute'): void {
    this.hosts.set(name, { name, type, slots, open: true, up: true });
  }

  addInstance(id: string, host: string, projectId = 'project-1', vcpus = 1): void {
    this.instances.set(id, { id, projectId, host, state: 'active', vcpus });
  }

  addGroup(id: string, members: readonly string[], projectId = 'project-1'): void {
    this.groups.push({ id, name: id, projectId, policy: 'anti-affinity', maxPerHost: 1, members });
  }

  delete(id: string): void {
    this.#record('deleted', id, this.instances.get(id)?.host ?? '');
    this.instances.delete(id);
  }

  on(host: string): readonly ModelInstance[] {
    return [...this.instances.values()].filter(
      (instance) => instance.host === host || instance.source === host,
    );
  }

  observe(): Promise<CloudObservation> {
    return this.#call('observe', '', () => ({
      hosts: [...this.hosts.values()].map(({ name, type, slots, open, up }): ObservedHost => ({
        name,
        type,
        ...(type === 'compute' && { serviceId: `service-${name}` }),
        open,
        up,
        capacity: { vcpus: slots, memoryMb: 1_000_000, diskGb: 1_000_000 },
      })),
      instances: [...this.instances.values()].map(
        ({ id, projectId, host, state, vcpus }): ObservedInstance => ({
          id,
          name: id,
          projectId,
          host,
          state,
          task: null,
          size: { vcpus, memoryMb: 1, diskGb: 1 },
        }),
      ),
      serverGroups: this.groups,
    }));
  }

  closeHost({ name }: HostService, reason: string): Promise<void> {
    return this.#call('closeHost', name, () => {
      Object.assign(this.#host(name), { open: false, reason });
      this.#record('close', name, name);
    });
  }

  openHost({ name }: HostService): Promise<void> {
    return this.#call('openHost', name, () => {
      Object.assign(this.#host(name), { open: true, reason: undefined });
      this.#record('open', name, name);
    });
  }

  moveBaseline(instanceId: string): Promise<MoveBaseline> {
    return this.#call('moveBaseline', instanceId, () => {
      const count = String(this.#moves.get(instanceId)?.count ?? 0);
      return { newestAction: count, newestMigration: count };
    });
  }

  startMove(move: MoveRequest): Promise<void> {
    return this.#call('startMove', move.instanceId, () => {
      const count = (this.#moves.get(move.instanceId)?.count ?? 0) + 1;
      this.#record('move_started', move.instanceId, move.from);
      const ended = this.#play(move);
      ended.catch(() => undefined);
      this.#moves.set(move.instanceId, { count, ended });
    });
  }

  moveWasStarted({ instanceId }: MoveRequest, baseline: MoveBaseline): Promise<boolean> {
    return this.#call(
      'moveWasStarted',
      instanceId,
      () => String(this.#moves.get(instanceId)?.count ?? 0) !== baseline.newestMigration,
    );
  }

  async watchMove(
    { instanceId }: MoveRequest,
    _baseline: MoveBaseline,
    signal: AbortSignal,
  ): Promise<MoveResult> {
    const move = this.#moves.get(instanceId);
    if (move === undefined) throw new CloudError('failed', `no move of ${instanceId} was started`);
    return Promise.race([move.ended, aborted(signal)]);
  }

  confirmMove(instanceId: string): Promise<void> {
    return this.#call('confirmMove', instanceId, () => {
      const instance = this.#instance(instanceId);
      delete instance.source;
      instance.state = 'active';
      this.#record('confirmed', instanceId, instance.host);
    });
  }

  async watchDeparture(host: string, instanceIds: readonly string[], signal: AbortSignal): Promise<void> {
    while (instanceIds.some((id) => this.instances.get(id)?.host === host))
      await pause(this.#clock, 1000, signal);
  }

  async #play({ instanceId, action, from, target }: MoveRequest): Promise<MoveResult> {
    const instance = this.#instance(instanceId);
    const host = [...this.hosts.values()].find(
      ({ name }) =>
        (target === undefined || name === target) && name !== from && this.#accepts(name, instance),
    );
    if (host === undefined)
      throw new CloudError('no_valid_host', `No valid host was found for ${instanceId}`);
    instance.source = from;
    instance.host = host.name;
    await pause(this.#clock, this.moveSeconds * 1000, new AbortController().signal);
    if (action === 'LIVE_MIGRATE') {
      delete instance.source;
      this.#remembered.push({
        id: instanceId,
        host: from,
        until: this.#clock.now() + this.remembersSeconds * 1000,
      });
    } else instance.state = 'resized';
    this.#record('moved', instanceId, host.name);
    return { host: host.name, needsConfirmation: action === 'MIGRATE' };
  }

  #accepts(name: string, { id, vcpus }: ModelInstance): boolean {
    const host = this.#host(name);
    const used = this.on(name).reduce((sum, instance) => sum + instance.vcpus, 0);
    const rivals = this.groups
      .filter(({ members }) => members.includes(id))
      .flatMap(({ members }) => members);
    return (
      host.type === 'compute' &&
      host.open &&
      host.up &&
      used + vcpus <= host.slots &&
      !this.on(name).some((other) => other.id !== id && rivals.includes(other.id)) &&
      !this.#remembered.some(
        (other) =>
          other.host === name &&
          other.id !== id &&
          rivals.includes(other.id) &&
          other.until > this.#clock.now(),
      )
    );
  }

  async #call<T>(call: string, subject: string, work: () => T): Promise<T> {
    await Promise.resolve();
    this.fault(call, subject);
    return work();
  }

  #record(what: CloudRecord['what'], subject: string, host: string): void {
    this.records.push({ at: this.#clock.now(), what, subject, host });
  }

  #host(name: string): ModelHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw new CloudError('failed', `no host ${name}`);
    return host;
  }

  #instance(id: string): ModelInstance {
    const instance = this.instances.get(id);
    if (instance === undefined) throw new CloudError('instance_gone', `no instance ${id}`);
    return instance;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = () => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
