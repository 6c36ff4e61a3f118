import type {
  CloudObservation,
  HostType,
  MoveBaseline,
  MoveResult,
  ObservedHost,
  ServerGroup,
} from '../domain/cloud.ts';
import { CloudError, type Clock, type Cloud, type HostService, type MoveRequest } from '../engine/ports.ts';
import { pause } from '../engine/pause.ts';
import type { CloudRecord } from './cloud-record.ts';
import { ModelInstances, type ModelInstance } from './model-instances.ts';
import { findPlace, type ModelHost, type Remembered } from './model-scheduler.ts';
import { hostSize, instanceSize, type ModelSize } from './model-size.ts';

/** In which states Nova takes which move on. */
const movableStates = { MIGRATE: ['active', 'stopped'], LIVE_MIGRATE: ['active', 'paused'] } as const;

/** A cloud in memory, in the time of a clock: hosts and instances of any size, server groups, a scheduler like Nova's. */
export class ModelCloud implements Cloud {
  readonly hosts = new Map<string, ModelHost>();
  readonly instances: ModelInstances;
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
  readonly #remembered: Remembered[] = [];
  readonly #clock: Clock;
  readonly #moves = new Map<string, { count: number; ended: Promise<MoveResult> }>();
  readonly #aborts = new Map<string, AbortController>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.instances = new ModelInstances(() => clock.now());
  }

  addHost(name: string, size: ModelSize, type: HostType = 'compute'): void {
    this.hosts.set(name, { name, type, capacity: hostSize(size), open: true, up: true });
  }

  addInstance(id: string, host: string, projectId = 'project-1', size: ModelSize = 1, name = id): void {
    const instance = { id, name, projectId, host, state: 'active', task: null, size: instanceSize(size) };
    this.instances.set(id, instance);
  }

  addGroup(
    id: string,
    members: readonly string[],
    projectId = 'project-1',
    { policy = 'anti-affinity', maxPerHost = 1 }: Partial<Pick<ServerGroup, 'policy' | 'maxPerHost'>> = {},
  ): void {
    this.groups.push({ id, name: id, projectId, policy, maxPerHost, members });
  }

  delete(id: string): void {
    this.#record('deleted', id, this.instances.get(id)?.host ?? '');
    this.instances.delete(id);
  }

  on(host: string): readonly ModelInstance[] {
    return this.instances.on(host);
  }

  /** Its application takes it to another host, if one has room. Says whether. */
  takeAway(id: string): boolean {
    const instance = this.#instance(id);
    const others = [...this.hosts.values()].filter(({ name }) => name !== instance.host);
    const host = findPlace(others, instance, this.#surroundings());
    if (host === undefined) return false;
    this.#record('taken_away', id, instance.host);
    instance.host = host.name;
    return true;
  }

  /** Somebody turns a migration back that is not confirmed. */
  revert(id: string): void {
    const instance = this.#instance(id);
    Object.assign(instance, { host: instance.source, state: instance.before ?? 'active', reverted: true });
    delete instance.source;
    this.#record('reverted', id, instance.host);
  }

  observe(): Promise<CloudObservation> {
    return this.#call('observe', '', () => ({
      hosts: [...this.hosts.values()].map(({ name, type, capacity, open, up, reason }): ObservedHost => ({
        name,
        type,
        ...(type === 'compute' && { serviceId: `service-${name}` }),
        open,
        ...(!open && reason !== undefined && { closedReason: reason }),
        up,
        capacity,
      })),
      instances: this.instances.observed(),
      serverGroups: [...this.groups],
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
      this.#record('move_started', move.instanceId, move.from, move.action);
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
    const host = findPlace(
      [...this.hosts.values()].filter(({ name }) => name !== from && (target ?? name) === name),
      instance,
      this.#surroundings(),
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

  #surroundings() {
    const { instances, groups } = this;
    return { instances, groups, remembered: this.#remembered, now: this.#clock.now() };
  }

  async #call<T>(call: string, subject: string, work: () => T): Promise<T> {
    await Promise.resolve();
    this.fault(call, subject);
    return work();
  }

  #record(what: CloudRecord['what'], subject: string, host: string, action?: MoveRequest['action']): void {
    this.records.push({
      at: this.#clock.now(),
      what,
      subject,
      host,
      ...(action !== undefined && { action }),
    });
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
