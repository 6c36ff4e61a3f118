/**
 * The limit that each instance of the workflow `vnf` is under (FEAT03 `max_impacted_members`, `recovery_time`; facts 5):
 * that of its group, or one shared by all instances of its project about which nothing was registered.
 */
import type { InstanceGroupConstraint } from './constraint.ts';
import { indexOf, type Index, type KeyOf } from './kept-index.ts';
import { rememberedFor } from './remembered-for.ts';
import type { Instance, KnownConstraints, Session } from './session.ts';

/** A limit, and the instances that share it. */
export interface Budget {
  readonly key: string;
  /** Name for messages. */
  readonly name: string;
  readonly slots: number;
  readonly recoveryMilliseconds: number;
  /** Those of its project alone, wherever they are; and those that were taken away in this session, for as long as that is felt. */
  readonly members: readonly Instance[];
}

/** What is assumed of a group of which nothing, or only its members, was registered: the most careful limits. */
const careful = { slots: 1, recoveryMilliseconds: 0 } as const;

/** Every budget of the session, by its key. */
export function budgetsOf(session: Session): ReadonlyMap<string, Budget> {
  return new Map(
    [...membersOfBudgets(session)].map(([key, members]) => [key, budget(session, key, members)]),
  );
}

function membersOfBudgets({ instances, constraints }: Session): Index<Instance> {
  return indexOf(instances, () => instances.values(), feltKeyBy(constraints ?? none));
}

const none: KnownConstraints = { instances: {}, groups: {} };

/** Those that were taken away count for as long as that is felt. */
const feltKeyBy: (constraints: KnownConstraints) => KeyOf<Instance> = rememberedFor(
  (constraints) => (instance) =>
    instance.gone && instance.operationEndedAt === undefined
      ? undefined
      : budgetKey({ constraints }, instance),
);

/** The budget that an instance draws on. */
export function budgetOf(session: Session, instance: Instance): Budget {
  const key = budgetKey(session, instance);
  return budget(session, key, membersOfBudgets(session).get(key) ?? [instance]);
}

/** Names the budget that an instance draws on. */
export function budgetKey(
  { constraints }: { readonly constraints?: KnownConstraints | undefined },
  { id, projectId }: Instance,
): string {
  const groupId = constraints?.instances[id]?.groupId;
  return groupId === undefined ? `project ${projectId}` : `group ${projectId} ${groupId}`;
}

/** What the group of an instance registered. */
export function groupOf({ constraints }: Session, id: string): InstanceGroupConstraint | undefined {
  const groupId = constraints?.instances[id]?.groupId;
  return groupId === undefined ? undefined : constraints?.groups[groupId];
}

const budgets = new WeakMap<
  readonly Instance[],
  { readonly constraints: Session['constraints']; readonly budget: Budget }
>();

function budget(session: Session, key: string, members: readonly Instance[]): Budget {
  const { constraints } = session;
  const found = budgets.get(members);
  if (found !== undefined && found.constraints === constraints) return found.budget;
  const made = newBudget(session, key, members);
  budgets.set(members, { constraints, budget: made });
  return made;
}

function newBudget(session: Session, key: string, members: readonly Instance[]): Budget {
  const [first] = members;
  const groupId = first && session.constraints?.instances[first.id]?.groupId;
  const group = first && groupOf(session, first.id);
  const name =
    groupId === undefined
      ? `instances of project ${first?.projectId ?? ''} without constraints`
      : `group ${group === undefined || group.name === '' ? groupId : `${group.name} (${groupId})`}`;
  return group === undefined
    ? { key, name, members, ...careful }
    : {
        key,
        name,
        members,
        slots: slotsOf(group, members.filter(({ gone }) => !gone).length),
        recoveryMilliseconds: group.recoverySeconds * 1000,
      };
}

/**
 * How many members of a group of this size may be impacted at once: the least of all that it registered. Of a table by size
 * (ETSI IFA011) the first row that is as large as the group holds, of a larger group the last one.
 */
export function slotsOf(group: InstanceGroupConstraint, size: number): number {
  const row = (table: InstanceGroupConstraint['maxImpactedBySize']) =>
    table?.find(({ groupSize }) => groupSize >= size) ?? table?.at(-1);
  const impacted = row(group.maxImpactedBySize);
  const preserved = row(group.minPreservedBySize);
  return Math.max(
    0,
    Math.min(
      impacted?.members ?? group.maxImpactedMembers,
      preserved === undefined ? Infinity : size - preserved.members,
    ),
  );
}
