import type { Knex } from 'knex';
import { summaryOf, type PlanStore, type PlanSummary, type StoredPlan } from '../src/engine/plan-ports.ts';
import { decodeJson, encodeJson, type StoredInteger } from './codec.ts';
import type { Database } from './connection.ts';

interface PlanRow {
  readonly id: string;
  readonly created_at: StoredInteger;
  readonly summary: string;
  readonly body: string;
}

/** Plans in SQL. */
export class SqlPlanStore implements PlanStore {
  readonly #knex: Knex;

  constructor(database: Database) {
    this.#knex = database.knex;
  }

  async put(plan: StoredPlan): Promise<void> {
    await this.#knex('plans')
      .insert({
        id: plan.id,
        created_at: plan.createdAt,
        summary: encodeJson(summaryOf(plan)),
        body: encodeJson(plan),
      })
      .onConflict('id')
      .merge();
  }

  async get(planId: string): Promise<StoredPlan | undefined> {
    const row = await this.#knex<PlanRow>('plans').where({ id: planId }).first('body');
    return row === undefined ? undefined : (decodeJson(row.body, `plan ${planId}`) as StoredPlan);
  }

  async list(): Promise<readonly PlanSummary[]> {
    const rows = await this.#knex<PlanRow>('plans')
      .orderBy([{ column: 'created_at' }, { column: 'id' }])
      .select('id', 'summary');
    return rows.map(({ id, summary }) => decodeJson(summary, `plan ${id}`) as PlanSummary);
  }

  async delete(planId: string): Promise<boolean> {
    return (await this.#knex('plans').where({ id: planId }).delete()) > 0;
  }
}
