/**
 * Who may be impacted now (FEAT03, facts 5). A member is impacted from the begin of its operation until its recovery is over;
 * one that may leave by its own action from the moment it was asked; one that is broken for as long as that lasts.
 */
import { isOverdue, leavesByItself, offerEndsAt } from './agreed-action.ts';
import { budgetOf, type Budget } from './group-limits.ts';
import { indexOf } from './kept-index.ts';
import { pendingCommands } from './session-view.ts';
import type { Instance, Session } from './session.ts';
import { movesOutOfSight, unconfirmedMoves } from './unfinished-moves.ts';

/** Which of the candidates have their turn, and when to ask again for the others. */
export interface Admission<T extends Instance = Instance> {
  readonly admitted: readonly T[];
  /** Milliseconds since 1970, for each that has to wait for a recovery. */
  readonly freeAt: readonly number[];
  /** For each that waits for nothing that would end by itself: why, for people. */
  readonly blocked: readonly Blocked[];
}

export interface Blocked {
  readonly instance: Instance;
  readonly reason: string;
}

/** The slots of every group at one moment, as they are being given away. */
export interface OpenSlots {
  /** Is there a slot for it? One that has a slot already has it. */
  isFree(instance: Instance): boolean;
  /** Gives it a slot. */
  take(instance: Instance): void;
  /** Until when the slots are taken that it waits for; `Infinity` for those whose end is not known. */
  takenUntil(instance: Instance): readonly number[];
  /** Until when it is impacted itself, by something that is over or that we do not do; 0 where it is not. */
  impactedUntil(instance: Instance): number;
  /** Why it waits for something that does not end by itself; undefined where it does not. */
  blockedBy(instance: Instance): string | undefined;
}

export function openSlots(session: Session, now: number): OpenSlots {
  const atWork = underOperation(session);
  const down = downHosts(session);
  const lost = new Set(movesOutOfSight(session).map(({ command }) => command.instanceId));
  const given = new Set<string>();
  const broken = (member: Instance) => brokenness(member, lost, down);
  /** When a member has recovered from its last operation in this session; 0 where it had none. */
  const recoveredAt = (member: Instance, budget: Budget | undefined) =>
    member.operationEndedAt === undefined
      ? 0
      : member.operationEndedAt + (budget ?? budgetOf(session, member)).recoveryMilliseconds;
  const until = (member: Instance, budget?: Budget): number => {
    if (given.has(member.id) || atWork.has(member.id)) return Infinity;
    if (member.gone) return recoveredAt(member, budget);
    if (leavesByItself(session, member) || broken(member) !== undefined) return Infinity;
    return Math.max(offerEndsAt(session, member) ?? 0, recoveredAt(member, budget));
  };
  const others = ({ id }: Instance, budget: Budget) =>
    budget.members.filter((member) => member.id !== id && until(member, budget) > now);
  return {
    isFree(instance) {
      const budget = budgetOf(session, instance);
      return others(instance, budget).length < budget.slots;
    },
    take({ id }) {
      given.add(id);
    },
    takenUntil(instance) {
      const budget = budgetOf(session, instance);
      return others(instance, budget).map((member) => until(member, budget));
    },
    impactedUntil(instance) {
      return atWork.has(instance.id) || mayLeaveByItself(session, instance, now) ? 0 : until(instance);
    },
    blockedBy(instance) {
      const budget = budgetOf(session, instance);
      const causes = others(instance, budget).flatMap((member) => {
        const what = atWork.has(member.id) || given.has(member.id) ? undefined : broken(member);
        return what === undefined ? [] : [`${member.name} (${member.id}) ${what}`];
      });
      return budget.slots > 0 && causes.length >= budget.slots
        ? whyBlocked(instance, budget, causes)
        : undefined;
    },
  };
}

/**
 * Gives free slots to the candidates, in their order. One that leaves by its own action has left our hands with its ACK:
 * it is always admitted, and takes a slot that others may want.
 */
export function admit<T extends Instance>(
  session: Session,
  candidates: readonly T[],
  now: number,
  slots: OpenSlots = openSlots(session, now),
): Admission<T> {
  const admitted = candidates.filter((candidate) => leavesByItself(session, candidate));
  for (const candidate of admitted) slots.take(candidate);
  const freeAt: number[] = [];
  const blocked: Blocked[] = [];
  for (const candidate of candidates) {
    if (leavesByItself(session, candidate)) continue;
    if (slots.isFree(candidate)) {
      slots.take(candidate);
      admitted.push(candidate);
      continue;
    }
    freeAt.push(...slots.takenUntil(candidate).filter(Number.isFinite));
    const reason = slots.blockedBy(candidate);
    if (reason !== undefined) blocked.push({ instance: candidate, reason });
  }
  return { admitted, freeAt, blocked };
}

/** Whoever takes a slot without an end, the hosts that are down apart: ids, in no order that matters. */
export function outOfService(session: Session): readonly string[] {
  const lost = movesOutOfSight(session).map(({ command }) => command.instanceId);
  const { instances } = session;
  const failing = [...indexOf(instances, () => instances.values(), ownFailure).values()].flat();
  return [...failing.map(({ id }) => id), ...lost];
}

/** What an instance itself tells of being out of service, for people. */
function ownFailure(instance: Instance): string | undefined {
  if (instance.state === 'error') return 'is in ERROR';
  return isOverdue(instance) ? 'did not leave by its own action in time, and may do so yet' : undefined;
}

/** The instances to which something is being done that will end by itself, or by our hand. */
function underOperation(session: Session): ReadonlySet<string> {
  const pending = pendingCommands(session).flatMap(({ command }) => {
    if (command.kind === 'watch_departure') return command.instanceIds;
    return command.kind === 'move_instance' || command.kind === 'confirm_move' ? [command.instanceId] : [];
  });
  const unconfirmed = unconfirmedMoves(session).map(({ instanceId }) => instanceId);
  return new Set([...pending, ...unconfirmed]);
}

/** It leaves by itself, or is being asked whether it wants to: where that begins cannot be seen. */
function mayLeaveByItself(session: Session, instance: Instance, now: number): boolean {
  return (offerEndsAt(session, instance) ?? 0) > now || leavesByItself(session, instance);
}

function downHosts({ hosts, otherHosts }: Session): ReadonlySet<string> {
  return new Set([...hosts, ...otherHosts].filter(({ up }) => !up).map(({ name }) => name));
}

/** How an instance is out of service without our knowing an end of it, for people: it takes a slot all that time. */
function brokenness(
  instance: Instance,
  lost: ReadonlySet<string>,
  down: ReadonlySet<string>,
): string | undefined {
  const { id, host } = instance;
  const failure = ownFailure(instance);
  if (failure !== undefined) return failure;
  if (lost.has(id)) return 'may still be under way in a move that did not end in time';
  return host !== undefined && down.has(host) ? `is on host ${host}, which is down` : undefined;
}

function whyBlocked(candidate: Instance, { name, slots }: Budget, broken: readonly string[]): string {
  return (
    `instance ${candidate.name} (${candidate.id}) may not be moved: ${name} bears ${slots} impacted at once, and ` +
    `${broken.join(', ')}: mend that, then continue the session`
  );
}
