import type { InstanceAction } from '../domain/cloud.ts';
import { askedInstance, isAboutHost, type GivenReply, type Notice } from './notice.ts';
import type { Simulation } from './simulation.ts';

/** How the manager of a project behaves. All durations are seconds. */
export interface VnfmBehaviour {
  /** How long it takes to answer. */
  readonly replySeconds: number;
  /** What it wants done with its instances, where the notice allows it; absent: it leaves that to what it registered. */
  readonly action?: InstanceAction;
  /** It is dead: it answers nothing. */
  readonly isSilent?: boolean;
  /** It refuses to have its instances moved, for this reason. */
  readonly refusal?: string;
  /** So often it puts its answer about an instance off, each time for so long. */
  readonly defers?: { readonly times: number; readonly seconds: number };
  /** With its ACK it asks for so long, instead of giving the rest of its lead time away. */
  readonly readySeconds?: number;
  /** How many instances it gives up when it is asked to; absent: as many as the notice says are enough. */
  readonly gives?: number;
  /** How long its own action takes. */
  readonly ownActionSeconds?: number;
  /** Its own action takes the instance to another host, if one has room; else the instance is gone after it. */
  readonly replaces?: boolean;
}

/** The manager of one project in a simulation. */
export class ModelVnfm {
  readonly behaviour: VnfmBehaviour;
  readonly #projectId: string;
  readonly #simulation: Simulation;
  readonly #deferred = new Map<string, number>();
  readonly #thinking = new Set<string>();

  constructor(simulation: Simulation, projectId: string, behaviour: VnfmBehaviour) {
    this.#simulation = simulation;
    this.#projectId = projectId;
    this.behaviour = behaviour;
  }

  /** Answers in its own time; a reminder of what it is thinking about already changes nothing. */
  hear(notice: Notice): void {
    if (this.behaviour.isSilent === true || notice.state === 'INSTANCE_ACTION_DONE') return;
    const subject = `${notice.state} ${askedInstance(notice) ?? ''}`;
    if (this.#thinking.has(subject)) return;
    this.#thinking.add(subject);
    const { clock } = this.#simulation;
    clock.at(clock.now() + this.behaviour.replySeconds * 1000, () => {
      this.#thinking.delete(subject);
      void this.#answer(notice);
    });
  }

  async #answer(notice: Notice): Promise<void> {
    if (notice.state === 'SCALE_IN') this.#scaleIn(notice);
    if (!isAboutHost(notice)) return this.#reply(notice, { state: `ACK_${notice.state}` });
    const { refusal, readySeconds } = this.behaviour;
    const instanceId = askedInstance(notice);
    const host = this.#simulation.cloud.instances.get(instanceId ?? '')?.host;
    if (refusal !== undefined)
      return this.#reply(notice, { state: `NACK_${notice.state}` }, { reason: refusal });
    const deferSeconds = this.#deferral(instanceId);
    if (deferSeconds !== undefined)
      return this.#reply(notice, { state: `NACK_${notice.state}` }, { deferSeconds });
    const action = await this.#action(notice, instanceId);
    await this.#reply(notice, {
      state: `ACK_${notice.state}`,
      action,
      ...(readySeconds !== undefined && { readyAt: notice.at + readySeconds * 1000 }),
    });
    if (action === 'OWN_ACTION' && instanceId !== undefined && host !== undefined)
      this.#actByItself(instanceId, host);
  }

  /** For how long it puts its answer about the instance off, if it does. */
  #deferral(instanceId: string | undefined): number | undefined {
    const { defers } = this.behaviour;
    if (instanceId === undefined || defers === undefined) return undefined;
    const before = this.#deferred.get(instanceId) ?? 0;
    if (before >= defers.times) return undefined;
    this.#deferred.set(instanceId, before + 1);
    return defers.seconds;
  }

  /** What is to be done: what it wants, or else what it registered, where the notice allows that. */
  async #action({ payload }: Notice, instanceId: string | undefined): Promise<InstanceAction> {
    const registered =
      instanceId === undefined ? [] : await this.#simulation.constraints.find('instance', [instanceId]);
    const own = registered.find(({ projectId }) => projectId === this.#projectId);
    const { action = own?.kind === 'instance' ? own.migrationType : 'MIGRATE' } = this.behaviour;
    const allowed = payload['allowed_actions'] as readonly InstanceAction[];
    return allowed.includes(action) ? action : (allowed[0] ?? action);
  }

  /** Unless it did already: it may have been reminded. */
  #actByItself(instanceId: string, host: string): void {
    const { clock, cloud } = this.#simulation;
    clock.at(clock.now() + (this.behaviour.ownActionSeconds ?? 0) * 1000, () => {
      if (cloud.instances.get(instanceId)?.host !== host) return;
      if (this.behaviour.replaces !== true || !cloud.takeAway(instanceId)) cloud.delete(instanceId);
    });
  }

  #scaleIn({ payload }: Notice): void {
    const { cloud } = this.#simulation;
    const hints = payload['metadata'] as Readonly<Record<string, unknown>>;
    const helpful = (hints['scale_in_helpful'] ?? []) as readonly string[];
    const own = [...cloud.instances.values()].filter(({ projectId }) => projectId === this.#projectId);
    const others = own.map(({ id }) => id).filter((id) => !helpful.includes(id));
    const count = this.behaviour.gives ?? Number(hints['scale_in_instances'] ?? 0);
    for (const id of [...helpful.filter((one) => cloud.instances.has(one)), ...others].slice(0, count))
      cloud.delete(id);
  }

  async #reply(
    notice: Notice,
    { state, action, readyAt }: Pick<GivenReply, 'state' | 'action' | 'readyAt'>,
    more: { readonly reason?: string; readonly deferSeconds?: number } = {},
  ): Promise<void> {
    const { engine } = this.#simulation;
    const { projectId } = notice;
    const sessionId = String(notice.payload['session_id']);
    const instanceId = askedInstance(notice);
    const given = {
      state,
      ...(action !== undefined && { action }),
      ...(readyAt !== undefined && { readyAt }),
    };
    await this.#simulation.giveReply(
      { projectId, ...(instanceId !== undefined && { instanceId }), ...given },
      async () => {
        if (instanceId !== undefined) {
          return engine.replyForInstance(sessionId, projectId, instanceId, {
            state,
            ...more,
            ...(readyAt !== undefined && { readyAt }),
            ...(action !== undefined && { instanceAction: action }),
          });
        }
        const ids = action === undefined ? [] : engine.projectInstanceIds(sessionId, projectId);
        return engine.reply(sessionId, projectId, {
          state,
          ...(action !== undefined && { instanceActions: Object.fromEntries(ids.map((id) => [id, action])) }),
        });
      },
    );
  }
}
