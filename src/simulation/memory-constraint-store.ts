import type { Constraint, ConstraintKind } from '../domain/constraint.ts';
import type { ConstraintFilter, ConstraintStore } from '../engine/ports.ts';

/** A ConstraintStore that forgets everything. */
export class MemoryConstraintStore implements ConstraintStore {
  /** By kind and id, the most recently written first. */
  readonly #rows = new Map<string, readonly Constraint[]>();

  put(constraint: Constraint): Promise<void> {
    const { kind, id, projectId } = constraint;
    this.#rows.set(keyOf(kind, id), [constraint, ...this.#without(kind, projectId, id)]);
    return Promise.resolve();
  }

  find(kind: ConstraintKind, ids: readonly string[]): Promise<readonly Constraint[]> {
    return Promise.resolve(ids.flatMap((id) => this.#rows.get(keyOf(kind, id)) ?? []));
  }

  list(
    kind: ConstraintKind,
    { projectId, groupId, limit, marker }: ConstraintFilter,
  ): Promise<readonly Constraint[]> {
    const rows = [...this.#rows.values()]
      .flat()
      .filter(
        (row) =>
          row.kind === kind &&
          (projectId === undefined || row.projectId === projectId) &&
          (groupId === undefined || (row.kind === 'instance' && row.groupId === groupId)) &&
          (marker === undefined || inOrder(marker, row) < 0),
      );
    return Promise.resolve(rows.sort(inOrder).slice(0, limit));
  }

  delete(kind: ConstraintKind, projectId: string, id: string): Promise<void> {
    this.#rows.set(keyOf(kind, id), this.#without(kind, projectId, id));
    return Promise.resolve();
  }

  clear(): void {
    this.#rows.clear();
  }

  #without(kind: ConstraintKind, projectId: string, id: string): readonly Constraint[] {
    return (this.#rows.get(keyOf(kind, id)) ?? []).filter((row) => row.projectId !== projectId);
  }
}

const keyOf = (kind: ConstraintKind, id: string) => `${kind} ${id}`;

type Place = Pick<Constraint, 'projectId' | 'id'>;

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
const inOrder = (one: Place, other: Place) =>
  compare(one.projectId, other.projectId) || compare(one.id, other.id);
