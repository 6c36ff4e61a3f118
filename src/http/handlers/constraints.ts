import type { Clock, ConstraintStore } from '../../engine/ports.ts';
import type { Constraint, ConstraintKind } from '../../domain/constraint.ts';
import { ApiError } from '../api-error.ts';
import type { Handlers } from '../handler.ts';
import { listConstraints, type ListCall } from './constraint-list.ts';
import { parseGroupConstraint, parseInstanceConstraint } from '../parse/constraint.ts';
import type { Rights } from '../policy.ts';
import { groupConstraintView, instanceConstraintView } from '../views/constraint.ts';

type ConstraintOperation =
  | 'listInstanceConstraints'
  | 'listInstanceGroupConstraints'
  | 'getInstanceConstraint'
  | 'putInstanceConstraint'
  | 'deleteInstanceConstraint'
  | 'getInstanceGroupConstraint'
  | 'putInstanceGroupConstraint'
  | 'deleteInstanceGroupConstraint';

/**
 * Constraints: idempotent, in any order, whether or not a session runs. A row belongs to the project that registered
 * it; rows of different projects for one id do not meet, so that nobody keeps an id from its owner. `publicUrl` is our base
 * without `/v1`.
 */
export function constraintHandlers(
  constraints: ConstraintStore,
  clock: Clock,
  publicUrl: string,
): Pick<Handlers, ConstraintOperation> {
  const show = async <K extends ConstraintKind>(
    kind: K,
    id: string,
    rights: Rights,
    ownProject: string | undefined,
  ) => {
    const rows = await allowedRows(constraints, kind, id, rights);
    const row = rows.find(({ projectId }) => projectId === ownProject) ?? rows[0];
    if (row === undefined) throw new ApiError('constraint_not_found', `Nobody registered one for ${id}.`);
    return row as Extract<Constraint, { kind: K }>;
  };
  const store = async (constraint: Constraint, rights: Rights) => {
    rights.require({ project_id: constraint.projectId });
    const rows = await constraints.find(constraint.kind, [constraint.id]);
    await constraints.put(constraint, clock.now());
    if (rows.some(({ projectId }) => projectId === constraint.projectId)) return;
    // A change of owner, where the caller may write for the old one too. The new row comes first: a crash between leaves two.
    for (const { kind, projectId, id } of rows) {
      if (rights.allows({ project_id: projectId })) await constraints.delete(kind, projectId, id);
    }
  };
  const remove = async (kind: ConstraintKind, id: string, rights: Rights) => {
    for (const { projectId } of await allowedRows(constraints, kind, id, rights)) {
      await constraints.delete(kind, projectId, id);
    }
    return { status: 200, body: {} } as const;
  };
  const list = async <K extends ConstraintKind>(
    kind: K,
    path: string,
    { query, identity, rights }: ListCall,
  ) => {
    const { rows, next } = await listConstraints(constraints, kind, query, { identity, rights });
    return { rows, next: next === undefined ? null : `${publicUrl}${path}?${next.toString()}` };
  };
  return {
    listInstanceConstraints: async (call) => {
      const { rows, next } = await list('instance', '/v1/instance', call);
      return { status: 200, body: { items: rows.map(instanceConstraintView), next } };
    },
    listInstanceGroupConstraints: async (call) => {
      const { rows, next } = await list('instance_group', '/v1/instance_group', call);
      return { status: 200, body: { items: rows.map(groupConstraintView), next } };
    },
    getInstanceConstraint: async ({ params, identity, rights }) => ({
      status: 200,
      body: instanceConstraintView(await show('instance', params.instance_id, rights, identity.projectId)),
    }),
    putInstanceConstraint: async ({ params, body, rights }) => {
      const constraint = parseInstanceConstraint(params.instance_id, body);
      await store(constraint, rights);
      return { status: 200, body: instanceConstraintView(constraint) };
    },
    deleteInstanceConstraint: ({ params, rights }) => remove('instance', params.instance_id, rights),
    getInstanceGroupConstraint: async ({ params, identity, rights }) => ({
      status: 200,
      body: groupConstraintView(await show('instance_group', params.group_id, rights, identity.projectId)),
    }),
    putInstanceGroupConstraint: async ({ params, body, rights }) => {
      const constraint = parseGroupConstraint(params.group_id, body);
      await store(constraint, rights);
      return { status: 200, body: groupConstraintView(constraint) };
    },
    deleteInstanceGroupConstraint: ({ params, rights }) => remove('instance_group', params.group_id, rights),
  };
}

/**
 * The rows of an id with which the caller may do the operation; most recently written first.
 * @throws ApiError 403 when there are only others.
 */
async function allowedRows(
  constraints: ConstraintStore,
  kind: ConstraintKind,
  id: string,
  rights: Rights,
): Promise<readonly Constraint[]> {
  const rows = await constraints.find(kind, [id]);
  const allowed = rows.filter(({ projectId }) => rights.allows({ project_id: projectId }));
  const [other] = rows;
  if (allowed.length === 0 && other !== undefined) rights.require({ project_id: other.projectId });
  return allowed;
}
