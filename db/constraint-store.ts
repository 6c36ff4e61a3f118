import type { Knex } from 'knex';
import type { Constraint, ConstraintKind } from '../src/domain/constraint.ts';
import type { ConstraintFilter, ConstraintStore } from '../src/engine/ports.ts';
import { decodeJson, encodeJson, type StoredInteger } from './codec.ts';
import type { Database } from './connection.ts';

interface ConstraintRow {
  readonly kind: ConstraintKind;
  readonly project_id: string;
  readonly id: string;
  /** Of an instance; null of a group. */
  readonly group_id: string | null;
  readonly body: string;
  readonly written_at: StoredInteger;
  readonly revision: StoredInteger;
}

/** Databases bear only so many values in one query. */
const idsPerQuery = 500;

/** Constraints in SQL. */
export class SqlConstraintStore implements ConstraintStore {
  readonly #knex: Knex;

  constructor(database: Database) {
    this.#knex = database.knex;
  }

  async put(constraint: Constraint, now: number): Promise<void> {
    await this.#knex('constraints')
      .insert({
        kind: constraint.kind,
        project_id: constraint.projectId,
        id: constraint.id,
        group_id: constraint.kind === 'instance' ? constraint.groupId : null,
        body: encodeJson(constraint),
        written_at: now,
        // The order of writes: the clock alone cannot tell two writes of one millisecond apart, or run backwards.
        revision: this.#knex.raw('(select coalesce(max(revision), 0) + 1 from constraints)'),
      })
      .onConflict(['kind', 'project_id', 'id'])
      .merge();
  }

  async find(kind: ConstraintKind, ids: readonly string[]): Promise<readonly Constraint[]> {
    const found: Constraint[] = [];
    for (let first = 0; first < ids.length; first += idsPerQuery) {
      const rows = await this.#knex<ConstraintRow>('constraints')
        .where({ kind })
        .whereIn('id', ids.slice(first, first + idsPerQuery))
        .orderBy([
          { column: 'revision', order: 'desc' },
          { column: 'written_at', order: 'desc' },
        ])
        .select('id', 'body');
      for (const { id, body } of rows) found.push(decodeJson(body, `constraint ${kind} ${id}`) as Constraint);
    }
    return found;
  }

  async list(
    kind: ConstraintKind,
    { projectId, groupId, limit, marker }: ConstraintFilter,
  ): Promise<readonly Constraint[]> {
    const query = this.#knex<ConstraintRow>('constraints').where({
      kind,
      ...(projectId !== undefined && { project_id: projectId }),
      ...(groupId !== undefined && { group_id: groupId }),
    });
    if (marker !== undefined) {
      void query.whereRaw('(project_id, id) > (?, ?)', [marker.projectId, marker.id]);
    }
    const rows = await query.orderBy(['project_id', 'id']).limit(limit).select('id', 'body');
    return rows.map(({ id, body }) => decodeJson(body, `constraint ${kind} ${id}`) as Constraint);
  }

  async delete(kind: ConstraintKind, projectId: string, id: string): Promise<void> {
    await this.#knex<ConstraintRow>('constraints').where({ kind, project_id: projectId, id }).delete();
  }
}
