import type {
  CloudObservation,
  HostType,
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
  readonly name: string;
  readonly projectId: string;
  host: string;
  state: string;
  /** What is being done to it: `task_state`. */
  task: string | null;
  vcpus: number;
  /** Where it was before a migration that is not confirmed: the slot there is still taken. */
  source?: string;
  /** Where it is going to be: the slot there is taken already. */
  incoming?: string;
  /** Its state before the migration that is not confirmed. */
  before?: string;
  /** The last migration was turned back. */
  reverted?: boolean;
}

/** In which states Nova takes which move on. */
const movableStates = { MIGRATE: ['active', 'stopped'], LIVE_MIGRATE: ['active', 'paused'] } as const;

export interface ModelHost {
  readonly name: string;
  readonly type: HostType;
  readonly slots: number;
  open: boolean;
  up: boolean;
  reason?: string;
}

/** Something that happened in the cloud, for assertions. */
export interface CloudRecord {
  readonly at: number;
  readonly what: 'close' | 'open' | 'move_started' | 'moved' | 'confirmed' | 'failed' | 'deleted';
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
  /** How a move ends: badly with the error that is returned. A cold one leaves the instance in ERROR, a live one as it was. */
  outcome: (move: MoveRequest) => CloudError | undefined = () => undefined;
  moveSeconds = 3;
  /** How long a move of this instance takes, where that differs. */
  readonly secondsOf = new Map<string, number>();
  confirmSeconds = 0;
  /** How long a live migration takes, where that differs. */
  liveSeconds: number | undefined;
  /** Seconds for which the scheduler still counts an instance on the host that it left by live migration (as Nova's). */
  remembersSeconds = 0;
  readonly #remembered: { id: string; host: string; until: number }[] = [];
  readonly #clock: Clock;
  readonly #moves = new Map<string, { count: number; ended: Promise<MoveResult> }>();
  readonly #aborts = new Map<string, AbortController>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  addHost(name: string, slots: number, type: ModelHost['type'] = 'compute'): void {
    this.hosts.set(name, { name, type, slots, open: true, up: true });
  }

  addInstance(id: string, host: string, projectId = 'project-1', vcpus = 1, name = id): void {
    this.instances.set(id, { id, name, projectId, host, state: 'active', task: null, vcpus });
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
      (instance) => instance.host === host || instance.source === host || instance.incoming === host,
    );
  }

  /** Somebody turns a migration back that is not confirmed. */
  revert(id: string): void {
    const instance = this.#instance(id);
    Object.assign(instance, { host: instance.source, state: instance.before ?? 'active', reverted: true });
    delete instance.source;
  }

  observe(): Promise<CloudObservation> {
    return this.#call('observe', '', () => ({
      hosts: [...this.hosts.values()].map(({ name, type, slots, open, up, reason }): ObservedHost => ({
        name,
        type,
        ...(type === 'compute' && { serviceId: `service-${name}` }),
        open,
        ...(!open && reason !== undefined && { closedReason: reason }),
        up,
        capacity: { vcpus: slots, memoryMb: 1_000_000, diskGb: 1_000_000 },
      })),
      instances: [...this.instances.values()].map(
        ({ id, name, projectId, host, state, task, vcpus }): ObservedInstance => ({
          id,
          name,
          projectId,
          // A host that nobody has: offloaded, or never scheduled.
          ...(host !== '' && { host }),
          state,
          task,
          size: { vcpus, memoryMb: 1, diskGb: 1 },
        }),
      ),
      serverGroups: this.groups,
    }));
  }

  hostNames(): Promise<readonly string[]> {
    return this.#call('hostNames', '', () => [...this.hosts.keys()]);
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
      this.#refuse(move);
      const count = (this.#moves.get(move.instanceId)?.count ?? 0) + 1;
      this.#record('move_started', move.instanceId, move.from);
      const ended = this.#play(move);
      ended.catch(() => this.#record('failed', move.instanceId, move.from));
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

  abortMove(instanceId: string): Promise<void> {
    return this.#call('abortMove', instanceId, () => {
      this.#aborts
        .get(instanceId)
        ?.abort(new CloudError('aborted', `the move of ${instanceId} was broken off`));
    });
  }

  async confirmMove(instanceId: string): Promise<void> {
    const instance = await this.#call('confirmMove', instanceId, () => this.#instance(instanceId));
    // Of two simultaneous confirmations Nova accepts both, and the second puts the instance into ERROR.
    if (instance.task === 'confirming') instance.state = 'error';
    if (instance.state === 'resized' && this.confirmSeconds > 0) {
      instance.task = 'confirming';
      await pause(this.#clock, this.confirmSeconds * 1000, new AbortController().signal);
      instance.task = null;
    }
    if (instance.state === 'error') throw new CloudError('failed', `${instanceId} is in ERROR`);
    if (instance.reverted === true)
      throw new CloudError('failed', `the migration of ${instanceId} was turned back by somebody`);
    if (instance.state !== 'resized') return;
    delete instance.source;
    instance.state = instance.before ?? 'active';
    this.#record('confirmed', instanceId, instance.host);
  }

  async watchDeparture(host: string, instanceIds: readonly string[], signal: AbortSignal): Promise<void> {
    while (instanceIds.some((id) => this.instances.get(id)?.host === host))
      await pause(this.#clock, 1000, signal);
  }

  #refuse({ instanceId, action }: MoveRequest): void {
    const { state, task } = this.#instance(instanceId);
    const cannot = `Cannot move ${instanceId} by ${action} while it is in`;
    if (task !== null) throw new CloudError('busy', `${cannot} task_state ${task}`);
    if (state === 'resized' || state === 'building')
      throw new CloudError('busy', `${cannot} vm_state ${state}`);
    if (!(movableStates[action] as readonly string[]).includes(state))
      throw new CloudError('failed', `${cannot} vm_state ${state}`);
  }

  async #play(move: MoveRequest): Promise<MoveResult> {
    const { instanceId, action, from, target } = move;
    const instance = this.#instance(instanceId);
    const host = [...this.hosts.values()].find(
      ({ name }) =>
        (target === undefined || name === target) && name !== from && this.#accepts(name, instance),
    );
    if (host === undefined)
      throw new CloudError('no_valid_host', `No valid host was found for ${instanceId}`);
    const live = action === 'LIVE_MIGRATE';
    Object.assign(instance, {
      incoming: host.name,
      task: live ? 'migrating' : 'resize_migrating',
      before: instance.state,
      reverted: false,
    });
    const abort = new AbortController();
    if (live) this.#aborts.set(instanceId, abort);
    try {
      const usual = live ? (this.liveSeconds ?? this.moveSeconds) : this.moveSeconds;
      const seconds = this.secondsOf.get(instanceId) ?? usual;
      await pause(this.#clock, seconds * 1000, abort.signal);
      this.#instance(instanceId);
      const error = this.outcome(move);
      if (error !== undefined) {
        if (!live) instance.state = 'error';
        throw error;
      }
    } finally {
      this.#aborts.delete(instanceId);
      delete instance.incoming;
      instance.task = null;
    }
    instance.host = host.name;
    if (live) {
      this.#remembered.push({
        id: instanceId,
        host: from,
        until: this.#clock.now() + this.remembersSeconds * 1000,
      });
    } else {
      instance.state = 'resized';
      instance.source = from;
    }
    this.#record('moved', instanceId, host.name);
    return { host: host.name, needsConfirmation: !live };
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
