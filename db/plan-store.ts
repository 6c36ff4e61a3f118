import type { Knex } from 'knex';
import type { PlanStore, StoredPlan } from '../src/engine/plan-ports.ts';
import { decodeJson, encodeJson, type StoredInteger } from './codec.ts';
import type { Database } from './connection.ts';

interface PlanRow {
  readonly id: string;
  readonly created_at: StoredInteger;
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
      .insert({ id: plan.id, created_at: plan.createdAt, body: encodeJson(plan) })
      .onConflict('id')
      .merge();
  }

  async get(planId: string): Promise<StoredPlan | undefined> {
    const row = await this.#knex<PlanRow>('plans').where({ id: planId }).first('body');
    return row === undefined ? undefined : decode(row.body, planId);
  }

  async list(): Promise<readonly StoredPlan[]> {
    const rows = await this.#knex<PlanRow>('plans')
      .orderBy([{ column: 'created_at' }, { column: 'id' }])
      .select('id', 'body');
    return rows.map(({ id, body }) => decode(body, id));
  }

  async delete(planId: string): Promise<boolean> {
    return (await this.#knex('plans').where({ id: planId }).delete()) > 0;
  }
}

const decode = (body: string, id: string) => decodeJson(body, `plan ${id}`) as StoredPlan;
