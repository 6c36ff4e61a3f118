/**
 * Answers that are looked up often, worked out once for each state of what they depend on. A session is never changed in
 * place, so what was worked out for one of its parts holds as long as that part is in use.
 */
import type { CommandKind, CommandRecord } from './command.ts';
import type { InstanceConstraint } from './constraint.ts';
import type { Instance, Session } from './session.ts';

/** The same function, but that it works an answer out once for each key. */
export function rememberedFor<K extends object, V>(workOut: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = workOut(key);
    known.set(key, value);
    return value;
  };
}

/** Puts values into lists, by a key; those without one are left out. */
export function groupedBy<T>(
  values: Iterable<T>,
  keyOf: (value: T) => string | undefined,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/** Instances by their host. */
export const instancesByHost: (instances: Session['instances']) => ReadonlyMap<string, readonly Instance[]> =
  rememberedFor((instances) => groupedBy(Object.values(instances), ({ host }) => host));

type Commands = Session['commands'];

/** Records by the kind of their command, in the order of issue. */
export const recordsByKind: (commands: Commands) => ReadonlyMap<CommandKind, readonly CommandRecord[]> =
  rememberedFor(
    (commands) =>
      groupedBy(commands.values(), ({ command }) => command.kind) as ReadonlyMap<
        CommandKind,
        readonly CommandRecord[]
      >,
  );

/** Records that have no outcome yet, in the order of issue. */
export const recordsUnderWay: (commands: Commands) => readonly CommandRecord[] = rememberedFor((commands) =>
  [...commands.values()].filter(({ endedAt }) => endedAt === undefined),
);

/** Records about one instance (moves, confirmations, break-offs), in the order of issue. */
export const recordsByInstance: (commands: Commands) => ReadonlyMap<string, readonly CommandRecord[]> =
  rememberedFor((commands) =>
    groupedBy(commands.values(), ({ command }) =>
      command.kind === 'move_instance' || command.kind === 'confirm_move' || command.kind === 'abort_move'
        ? command.instanceId
        : undefined,
    ),
  );

/** Ids of the instances that are registered as members of a group, by its id. */
export const membersByGroup: (
  instances: Readonly<Record<string, InstanceConstraint>>,
) => ReadonlyMap<string, readonly InstanceConstraint[]> = rememberedFor((instances) =>
  groupedBy(Object.values(instances), ({ groupId }) => groupId),
);
