import type { Clock, ConstraintStore, Identity } from '../../engine/ports.ts';
import type { Constraint, ConstraintKind } from '../../domain/constraint.ts';
import { ApiError } from '../api-error.ts';
import type { Handlers } from '../handler.ts';
import { parseGroupConstraint, parseInstanceConstraint } from '../parse/constraint.ts';
import { isAdmin, requireProject } from '../policy.ts';
import { groupConstraintView, instanceConstraintView } from '../views/constraint.ts';

type ConstraintOperation =
  | 'getInstanceConstraint'
  | 'putInstanceConstraint'
  | 'deleteInstanceConstraint'
  | 'getInstanceGroupConstraint'
  | 'putInstanceGroupConstraint'
  | 'deleteInstanceGroupConstraint';

/**
 * Constraints: idempotent, in any order, whether or not a session runs. A row belongs to the project that registered
 * it; rows of different projects for one id do not meet.
 */
export function constraintHandlers(
  constraints: ConstraintStore,
  clock: Clock,
): Pick<Handlers, ConstraintOperation> {
  const show = async <K extends ConstraintKind>(kind: K, id: string, identity: Identity) => {
    const [row] = await findVisible(constraints, kind, id, identity);
    if (row === undefined) throw new ApiError('constraint_not_found', `Nobody registered one for ${id}.`);
    return row as Extract<Constraint, { kind: K }>;
  };
  const store = async (constraint: Constraint, identity: Identity) => {
    requireProject(identity, constraint.projectId);
    await constraints.put(constraint, clock.now());
  };
  const remove = async (kind: ConstraintKind, id: string, identity: Identity) => {
    for (const { projectId } of await findVisible(constraints, kind, id, identity)) {
      await constraints.delete(kind, projectId, id);
    }
    return { status: 200, body: {} } as const;
  };
  return {
    getInstanceConstraint: async ({ params, identity }) => ({
      status: 200,
      body: instanceConstraintView(await show('instance', params.instance_id, identity)),
    }),
    putInstanceConstraint: async ({ params, body, identity }) => {
      const constraint = parseInstanceConstraint(params.instance_id, body);
      await store(constraint, identity);
      return { status: 200, body: instanceConstraintView(constraint) };
    },
    deleteInstanceConstraint: ({ params, identity }) => remove('instance', params.instance_id, identity),
    getInstanceGroupConstraint: async ({ params, identity }) => ({
      status: 200,
      body: groupConstraintView(await show('instance_group', params.group_id, identity)),
    }),
    putInstanceGroupConstraint: async ({ params, body, identity }) => {
      const constraint = parseGroupConstraint(params.group_id, body);
      await store(constraint, identity);
      return { status: 200, body: groupConstraintView(constraint) };
    },
    deleteInstanceGroupConstraint: ({ params, identity }) =>
      remove('instance_group', params.group_id, identity),
  };
}

/**
 * The rows of an id that the caller may see: all for an admin, their own project's for others.
 * @throws ApiError 403 when there are only other projects' rows.
 */
async function findVisible(
  constraints: ConstraintStore,
  kind: ConstraintKind,
  id: string,
  identity: Identity,
): Promise<readonly Constraint[]> {
  const rows = await constraints.find(kind, id);
  if (isAdmin(identity)) return rows;
  const own = rows.filter(({ projectId }) => projectId === identity.projectId);
  const [other] = rows;
  if (own.length === 0 && other !== undefined) {
    throw new ApiError('forbidden', 'Another project registered it.');
  }
  return own;
}
