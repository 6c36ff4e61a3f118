import type { Knex } from 'knex';

/** Plans that were asked for before a session. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('plans', (table) => {
    table.string('id', 255).primary();
    table.bigInteger('created_at').notNullable();
    table.text('body').notNullable();
    table.index(['created_at']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('plans');
}
