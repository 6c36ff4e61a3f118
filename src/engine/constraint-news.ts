/** Tells running sessions of limits as applications change them: they take effect from the next decision on. */
import type { Constraint, ConstraintKind } from '../domain/constraint.ts';
import type { SessionEvent } from '../domain/session-event.ts';
import type { ConstraintFilter, ConstraintStore } from './ports.ts';

export type ConstraintNews = Extract<
  SessionEvent,
  { readonly type: 'constraint_registered' | 'constraint_withdrawn' }
>;

/** A store whose changes are told. They are stored first: a session that begins meanwhile reads them there. */
export class ToldConstraintStore implements ConstraintStore {
  readonly #store: ConstraintStore;
  readonly #tell: (news: ConstraintNews) => Promise<void>;

  constructor(store: ConstraintStore, tell: (news: ConstraintNews) => Promise<void>) {
    this.#store = store;
    this.#tell = tell;
  }

  async put(constraint: Constraint, now: number): Promise<void> {
    await this.#store.put(constraint, now);
    await this.#tell({ type: 'constraint_registered', constraint });
  }

  async delete(kind: ConstraintKind, projectId: string, id: string): Promise<void> {
    await this.#store.delete(kind, projectId, id);
    await this.#tell({ type: 'constraint_withdrawn', kind, projectId, id });
  }

  find(kind: ConstraintKind, ids: readonly string[]): Promise<readonly Constraint[]> {
    return this.#store.find(kind, ids);
  }

  list(kind: ConstraintKind, filter: ConstraintFilter): Promise<readonly Constraint[]> {
    return this.#store.list(kind, filter);
  }
}
