/**
 * How many members of a group may be impacted at once (FEAT03 `max_impacted_members`, `recovery_time`; facts 5). Every
 * instance of the workflow `vnf` has a budget: that of its group, or one shared by all instances of its project about which
 * nothing was registered.
 */
import { chosenAction } from './agreed-action.ts';
import type { InstanceGroupConstraint } from './constraint.ts';
import { pendingCommands } from './session-view.ts';
import type { Instance, Session } from './session.ts';
import { movesOutOfSight, unconfirmedMoves } from './unfinished-moves.ts';

/** The limit that an instance is under, and the instances that share it. */
export interface Budget {
  /** Name for messages. */
  readonly name: string;
  readonly slots: number;
  readonly recoveryMilliseconds: number;
  readonly members: readonly Instance[];
}

/** What is assumed of a group of which nothing, or only its members, was registered: the most careful limits. */
const careful = { slots: 1, recoveryMilliseconds: 0 } as const;

/** The budget that an instance draws on. Its members are those of its project alone, wherever they are. */
export function budgetOf(session: Session, instance: Instance): Budget {
  const key = budgetKey(session, instance);
  const members = Object.values(session.instances).filter(
    (other) => !other.gone && budgetKey(session, other) === key,
  );
  const group = groupOf(session, instance);
  const groupId = session.constraints?.instances[instance.id]?.groupId;
  const name =
    groupId === undefined
      ? `instances of project ${instance.projectId} without constraints`
      : `group ${group === undefined || group.name === '' ? groupId : `${group.name} (${groupId})`}`;
  return group === undefined
    ? { name, members, ...careful }
    : { name, members, slots: group.maxImpactedMembers, recoveryMilliseconds: group.recoverySeconds * 1000 };
}

function groupOf({ constraints }: Session, { id }: Instance): InstanceGroupConstraint | undefined {
  const groupId = constraints?.instances[id]?.groupId;
  return groupId === undefined ? undefined : constraints?.groups[groupId];
}

function budgetKey({ constraints }: Session, { id, projectId }: Instance): string {
  const groupId = constraints?.instances[id]?.groupId;
  return groupId === undefined ? `project ${projectId}` : `group ${projectId} ${groupId}`;
}

/** Which of the candidates have their turn, and when to ask again for the others. */
export interface Admission<T extends Instance = Instance> {
  readonly admitted: readonly T[];
  /** Milliseconds since 1970, for each that has to wait for a recovery. */
  readonly freeAt: readonly number[];
  /** For each that waits for nothing that would end by itself: why, for people. */
  readonly blocked: readonly string[];
}

/**
 * Gives free slots to the candidates, in their order. Each of them takes one at most, also where it had it before. One that
 * leaves by its own action has left our hands with its ACK: it is always admitted, and takes a slot that others may want.
 */
export function admit<T extends Instance>(
  session: Session,
  candidates: readonly T[],
  now: number,
): Admission<T> {
  const admitted = candidates.filter((candidate) => leavesByItself(session, candidate));
  const freeAt: number[] = [];
  const blocked: string[] = [];
  const atWork = underOperation(session);
  for (const candidate of candidates) {
    if (admitted.includes(candidate)) continue;
    const budget = budgetOf(session, candidate);
    const takenUntil = (member: Instance): number => {
      if (admitted.some(({ id }) => id === member.id) || atWork.has(member.id)) return Infinity;
      return brokenness(session, member) !== undefined ? Infinity : recoveredAt(member, budget);
    };
    const taken = budget.members
      .filter(({ id }) => id !== candidate.id)
      .filter((one) => takenUntil(one) > now);
    if (taken.length < budget.slots) {
      admitted.push(candidate);
      continue;
    }
    freeAt.push(...taken.map(takenUntil).filter(Number.isFinite));
    const broken = taken.flatMap((member) => {
      const what = atWork.has(member.id) ? undefined : brokenness(session, member);
      return what === undefined ? [] : [`${member.name} (${member.id}) ${what}`];
    });
    if (broken.length >= budget.slots) blocked.push(whyBlocked(candidate, budget, broken));
  }
  return { admitted, freeAt, blocked };
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

/** From its ACK on an application may act by itself at any moment. */
function leavesByItself(session: Session, instance: Instance): boolean {
  return instance.question?.answer === 'ACK' && chosenAction(session, instance) === 'OWN_ACTION';
}

/** How an instance is out of service without our knowing an end of it, for people: it takes a slot all that time. */
function brokenness(session: Session, { id, host, state }: Instance): string | undefined {
  const { hosts, otherHosts } = session;
  if (state === 'error') return 'is in ERROR';
  if (movesOutOfSight(session).some(({ command }) => command.instanceId === id))
    return 'may still be under way in a move that did not end in time';
  const isDown = [...hosts, ...otherHosts].some(({ name, up }) => name === host && !up);
  return isDown ? `is on host ${host}, which is down` : undefined;
}

/** When a member has recovered from its last operation in this session; 0 where it had none. */
function recoveredAt({ operationEndedAt }: Instance, { recoveryMilliseconds }: Budget): number {
  return operationEndedAt === undefined ? 0 : operationEndedAt + recoveryMilliseconds;
}

function whyBlocked(candidate: Instance, { name, slots }: Budget, broken: readonly string[]): string {
  return (
    `instance ${candidate.name} (${candidate.id}) may not be moved: ${name} bears ${slots} impacted at once, and ` +
    `${broken.join(', ')}: mend that, then continue the session`
  );
}
