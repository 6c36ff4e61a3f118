/** What it does to a session that applications registered limits: as they were read, and as they change. */
import { changed } from './change-session.ts';
import type { CommandRecord, CommandResult } from './command.ts';
import type { Constraint, InstanceConstraint, InstanceGroupConstraint } from './constraint.ts';
import type { SessionEvent } from './session-event.ts';
import type { KnownConstraints, Session } from './session.ts';

const none: KnownConstraints = { instances: {}, groups: {} };

/** What was read of these instances takes the place of what was known of them. */
export function learnConstraints(
  session: Session,
  { instances, groups }: Extract<CommandResult, { kind: 'constraints' }>,
  { command, sequence }: CommandRecord,
): Session {
  const asked = new Set(command.kind === 'read_constraints' ? command.instanceIds : []);
  const known = session.constraints ?? none;
  const kept = Object.values(known.instances).filter(({ id }) => !asked.has(id));
  return settled(
    { ...session, constraintsSequence: sequence },
    [...kept, ...instances],
    [...Object.values(known.groups), ...groups],
  );
}

/** It takes effect from the next decision on. Not before the constraints were read for the first time: those are newer. */
export function registerConstraint(session: Session, constraint: Constraint): Session {
  const { constraints } = session;
  if (constraints === undefined) return session;
  const instances = Object.values(constraints.instances);
  const groups = Object.values(constraints.groups);
  return constraint.kind === 'instance'
    ? settled(session, [...instances, constraint], groups)
    : settled(session, instances, [...groups, constraint]);
}

/** What was withdrawn counts no more from the next decision on. */
export function withdrawConstraint(
  session: Session,
  { kind, projectId, id }: Extract<SessionEvent, { type: 'constraint_withdrawn' }>,
): Session {
  const { constraints } = session;
  if (constraints === undefined) return session;
  const isOther = (row: Constraint) => row.kind !== kind || row.projectId !== projectId || row.id !== id;
  return settled(
    session,
    Object.values(constraints.instances).filter(isOther),
    Object.values(constraints.groups).filter(isOther),
  );
}

/**
 * A row of a project that does not have the instance counts for nothing: nobody can squat on an id (issue 3, part 1). Of
 * groups all rows are kept that may come to be used: an instance may be registered after its group.
 */
function settled(
  session: Session,
  instances: readonly InstanceConstraint[],
  groups: readonly InstanceGroupConstraint[],
): Session {
  const rightful = instances.filter((row) => session.instances.get(row.id)?.projectId === row.projectId);
  const owners = new Map(rightful.map(({ groupId, projectId }) => [groupId, projectId]));
  const rightfulGroups = groups.filter(
    ({ id, projectId }) => (owners.get(id) ?? projectId) === projectId && projectId in session.projects,
  );
  return changed({
    ...session,
    constraints: {
      instances: Object.fromEntries(rightful.map((row) => [row.id, row])),
      groups: Object.fromEntries(rightfulGroups.map((row) => [row.id, row])),
    },
  });
}
