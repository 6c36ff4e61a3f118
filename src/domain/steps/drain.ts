/** Taking the instances off every host that was admitted, side by side (workflow `vnf`). */
import type { Command } from '../command.ts';
import type { OpenSlots } from '../impact-budget.ts';
import { computes, computesAt, hostInstances } from '../session-view.ts';
import { rememberedFor } from '../remembered-for.ts';
import type { Host, Instance, Session } from '../session.ts';
import type { World } from '../workflow.ts';
import { consentOf } from './consent.ts';
import { leavesByUs, mayStart, type Candidate, type Leaving } from './move-candidates.ts';
import { movesUnderWay } from './move-endings.ts';
import { failuresOf } from './move-failures.ts';
import { mayTryAgain, retryAt, wasSeenSince } from './move-retry.ts';
import { targetOf, type TargetChoice } from './move-targets.ts';
import { departures } from './move.ts';

/** Why a host cannot be emptied, for people. */
export interface HostProblem {
  readonly host: string;
  readonly reason: string;
}

export interface Draining {
  readonly commands: readonly Command[];
  readonly wakeAt: readonly number[];
  readonly problems: readonly HostProblem[];
  /** The cloud has to be looked at before something is tried again. */
  readonly needsLook: boolean;
}

/** Begins every move whose turn it is: agreed to, a slot in its group, a stream of its host, and an open target. */
export function drain(session: Session, world: World, slots: OpenSlots): Draining {
  const hosts = computesAt(session, 'draining').toSorted((a, b) => (a.admittedAt ?? 0) - (b.admittedAt ?? 0));
  const problems = hosts.flatMap(({ name }) =>
    failuresOf(session, name, world).map((reason) => ({ host: name, reason })),
  );
  const failed = new Set(problems.map(({ host }) => host));
  const round = new Round(session, world, slots);
  for (const host of computes(session)) {
    const isIdle = host.progress === 'waiting' || host.progress === 'skipped';
    if (isIdle && isAnyAgreed(session, host)) round.watchDepartures(host, round.agreedOwnActions(host));
  }
  for (const host of hosts) {
    if (host.skipRequested !== true && !failed.has(host.name)) round.begin(host);
  }
  const retries = hosts
    .filter(({ name }) => !failed.has(name))
    .flatMap(({ name }) => hostInstances(session, name))
    .filter((instance) => mayTryAgain(session, instance, world));
  const due = retries.filter((instance) => retryAt(session, instance) <= world.now);
  return {
    commands: round.commands,
    wakeAt: [
      ...round.wakeAt,
      ...retries.filter((instance) => !due.includes(instance)).map((instance) => retryAt(session, instance)),
    ],
    problems: [...problems, ...round.problems],
    needsLook: due.some((instance) => !wasSeenSince(session, instance)),
  };
}

const isAnyAgreed = (session: Session, { name }: Host) => isAnyAnswered(hostInstances(session, name));

const isAnyAnswered: (instances: readonly Instance[]) => boolean = rememberedFor((instances) =>
  instances.some(({ question }) => question?.answer === 'ACK'),
);

/** One handing out of slots, streams and room. */
class Round {
  readonly commands: Command[] = [];
  readonly wakeAt: number[] = [];
  readonly problems: HostProblem[] = [];
  readonly #session: Session;
  readonly #world: World;
  readonly #slots: OpenSlots;
  readonly #streams: Map<string, number>;
  #total: number;

  constructor(session: Session, world: World, slots: OpenSlots) {
    this.#session = session;
    this.#world = world;
    this.#slots = slots;
    const running = movesUnderWay(session);
    this.#streams = new Map(running);
    this.#total = world.settings.totalMoves - [...running.values()].reduce((sum, count) => sum + count, 0);
  }

  /** An application may take its instance away as soon as it has agreed, whenever the turn of the host comes. */
  watchDepartures(host: Host, agreed: readonly Candidate[]): void {
    const own = agreed.filter((candidate) => !leavesByUs(candidate));
    for (const candidate of own) this.#slots.take(candidate);
    this.commands.push(...departures(host.name, own));
  }

  begin(host: Host): void {
    const agreed = this.#hasStream(host) ? this.#agreed(host) : this.agreedOwnActions(host);
    this.watchDepartures(host, agreed);
    for (const candidate of agreed) if (leavesByUs(candidate)) this.#beginMove(host, candidate);
  }

  /** The instances that leave by their own action, where that is agreed. */
  agreedOwnActions(host: Host): readonly Candidate[] {
    return mayStart(
      this.#session,
      host.name,
      this.#world,
      (instance, next) => next === 'OWN_ACTION' && this.#isAgreed(instance),
    );
  }

  #agreed(host: Host): readonly Candidate[] {
    return mayStart(this.#session, host.name, this.#world, (instance) => this.#isAgreed(instance));
  }

  #isAgreed(instance: Instance): boolean {
    return consentOf(this.#session, instance, this.#world).kind === 'given';
  }

  #hasStream({ name }: Host): boolean {
    return (this.#streams.get(name) ?? 0) < this.#world.settings.parallelMoves && this.#total > 0;
  }

  #beginMove(host: Host, instance: Leaving): void {
    if (!this.#hasStream(host)) return;
    if (!this.#slots.isFree(instance)) {
      this.wakeAt.push(...this.#slots.takenUntil(instance).filter(Number.isFinite));
      const reason = this.#slots.blockedBy(instance);
      if (reason !== undefined) this.problems.push({ host: host.name, reason });
      return;
    }
    const choice = targetOf(this.#session, host, instance);
    if (choice.kind === 'none') return;
    this.#slots.take(instance);
    this.#streams.set(host.name, (this.#streams.get(host.name) ?? 0) + 1);
    this.#total -= 1;
    this.commands.push(moveCommand(host, instance, choice));
  }
}

function moveCommand(
  host: Host,
  instance: Leaving,
  choice: Exclude<TargetChoice, { kind: 'none' }>,
): Command {
  return {
    kind: 'move_instance',
    instanceId: instance.id,
    action: instance.next,
    from: host.name,
    ...(choice.kind === 'host' && { target: choice.name }),
  };
}
