import type { Knex } from 'knex';

/** What a list shows of a plan, beside the whole, which may be large. Before this no plan could be asked for. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('plans', (table) => {
    table.text('summary').notNullable().defaultTo('');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('plans', (table) => {
    table.dropColumn('summary');
  });
}
