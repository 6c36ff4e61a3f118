import type { ObservedInstance, Resources } from '../domain/cloud.ts';
import type { HealthRecord, RoomRecord } from './cloud-record.ts';

export interface ModelInstance {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  host: string;
  state: string;
  /** What is being done to it: `task_state`. */
  task: string | null;
  size: Resources;
  /** Where it was before a migration that is not confirmed: the room there is still taken. */
  source?: string;
  /** Where it is going to be: the room there is taken already. */
  incoming?: string;
  /** Its state before the migration that is not confirmed. */
  before?: string;
  /** The last migration was turned back. */
  reverted?: boolean;
}

/**
 * The instances of a model cloud by their id, those on each host at hand, and a complete history of where they took room.
 * An instance may be changed by whoever has it: each change is seen here.
 */
export class ModelInstances extends Map<string, ModelInstance> {
  readonly history: (RoomRecord | HealthRecord)[] = [];
  readonly #now: () => number;
  /** The instances themselves; what others get are proxies of them. */
  readonly #own = new Map<string, ModelInstance>();
  readonly #byHost = new Map<string, Set<string>>();
  readonly #observed = new WeakMap<ModelInstance, ObservedInstance>();

  constructor(now: () => number) {
    super();
    this.#now = now;
  }

  override set(id: string, instance: ModelInstance): this {
    this.delete(id);
    const own = { ...instance };
    this.#own.set(id, own);
    this.#note(own, [], false);
    return super.set(
      id,
      new Proxy(own, {
        set: (target, key, value) => this.#change(target, () => Reflect.set(target, key, value)),
        deleteProperty: (target, key) => this.#change(target, () => Reflect.deleteProperty(target, key)),
      }),
    );
  }

  override delete(id: string): boolean {
    const own = this.#own.get(id);
    if (own === undefined) return false;
    for (const host of placesOf(own)) this.#free(own, host);
    this.#own.delete(id);
    return super.delete(id);
  }

  override clear(): void {
    for (const id of [...this.keys()]) this.delete(id);
  }

  /** Those that take room on a host. */
  on(host: string): readonly ModelInstance[] {
    return [...(this.#byHost.get(host) ?? [])].flatMap((id) => this.get(id) ?? []);
  }

  /** All of them as a look at the cloud shows them. */
  observed(): readonly ObservedInstance[] {
    return [...this.#own.values()].map((own) => {
      const known = this.#observed.get(own) ?? observe(own);
      this.#observed.set(own, known);
      return known;
    });
  }

  #change(own: ModelInstance, make: () => boolean): boolean {
    const places = placesOf(own);
    const wasBroken = own.state === 'error';
    const made = make();
    this.#observed.delete(own);
    // One that was deleted meanwhile is nowhere.
    if (this.#own.get(own.id) === own) this.#note(own, places, wasBroken);
    return made;
  }

  #note(own: ModelInstance, before: readonly string[], wasBroken: boolean): void {
    const after = placesOf(own);
    for (const host of before) if (!after.includes(host)) this.#free(own, host);
    for (const host of after) if (!before.includes(host)) this.#take(own, host);
    const isBroken = own.state === 'error';
    if (isBroken !== wasBroken)
      this.history.push({ at: this.#now(), kind: isBroken ? 'broken' : 'mended', instanceId: own.id });
  }

  #take({ id, size }: ModelInstance, host: string): void {
    const there = this.#byHost.get(host) ?? new Set();
    this.#byHost.set(host, there.add(id));
    this.history.push({ at: this.#now(), kind: 'room_taken', instanceId: id, host, size });
  }

  #free({ id, size }: ModelInstance, host: string): void {
    this.#byHost.get(host)?.delete(id);
    this.history.push({ at: this.#now(), kind: 'room_freed', instanceId: id, host, size });
  }
}

function placesOf({ host, source, incoming }: ModelInstance): readonly string[] {
  const places = host === '' ? [] : [host];
  for (const other of [source, incoming])
    if (other !== undefined && !places.includes(other)) places.push(other);
  return places;
}

function observe({ id, name, projectId, host, state, task, size }: ModelInstance): ObservedInstance {
  // A host that nobody has: offloaded, or never scheduled.
  return { id, name, projectId, ...(host !== '' && { host }), state, task, size };
}
