import type { Constraint, ConstraintKind } from '../../src/domain/constraint.ts';
import type { ConstraintStore } from '../../src/engine/ports.ts';

/** A ConstraintStore that forgets everything; for tests that are not about the store. */
export class MemoryConstraintStore implements ConstraintStore {
  readonly #rows = new Map<string, Constraint>();

  put(constraint: Constraint): Promise<void> {
    const key = JSON.stringify([constraint.kind, constraint.projectId, constraint.id]);
    this.#rows.delete(key);
    this.#rows.set(key, constraint);
    return Promise.resolve();
  }

  find(kind: ConstraintKind, id: string): Promise<readonly Constraint[]> {
    const rows = [...this.#rows.values()].filter((row) => row.kind === kind && row.id === id);
    return Promise.resolve(rows.toReversed());
  }

  delete(kind: ConstraintKind, projectId: string, id: string): Promise<void> {
    this.#rows.delete(JSON.stringify([kind, projectId, id]));
    return Promise.resolve();
  }

  clear(): void {
    this.#rows.clear();
  }
}
