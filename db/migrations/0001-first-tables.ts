import type { Knex } from 'knex';

/** Sessions with their journals, constraints, and the alarms of our own alarming. All times are integer milliseconds. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('sessions', (table) => {
    // The order in which sessions were created, also within one millisecond.
    table.increments('position');
    table.string('session_id', 64).notNullable().unique();
    table.bigInteger('created_at').notNullable();
    table.integer('last_sequence').notNullable();
    table.bigInteger('deleted_at');
    table.bigInteger('closed_at');
    table.text('lease_owner');
    table.bigInteger('lease_expires_at');
  });

  await knex.schema.createTable('journal', (table) => {
    table
      .string('session_id', 64)
      .notNullable()
      .references('session_id')
      .inTable('sessions')
      .onDelete('CASCADE');
    table.integer('sequence').notNullable();
    table.bigInteger('at').notNullable();
    table.string('type', 64).notNullable();
    table.text('event').notNullable();
    table.primary(['session_id', 'sequence']);
  });

  await knex.schema.createTable('constraints', (table) => {
    table.string('kind', 32).notNullable();
    table.string('project_id', 255).notNullable();
    table.string('id', 255).notNullable();
    table.text('body').notNullable();
    table.bigInteger('written_at').notNullable();
    // Grows with each write: the order of writes, also within one millisecond.
    table.bigInteger('revision').notNullable().index();
    table.primary(['kind', 'project_id', 'id']);
    table.index(['kind', 'id']);
  });

  await knex.schema.createTable('alarms', (table) => {
    table.increments('position');
    table.string('alarm_id', 64).notNullable().unique();
    table.string('project_id', 255).notNullable().index();
    table.text('body').notNullable();
  });

  await knex.schema.createTable('alarm_deliveries', (table) => {
    table.increments('position');
    table.string('delivery_id', 64).notNullable().unique();
    table.string('alarm_id', 64).notNullable().references('alarm_id').inTable('alarms').onDelete('CASCADE');
    table.string('message_id', 64).notNullable();
    table.text('target').notNullable();
    // Null once the delivery is finished: from then on the row is only a mark against repeats.
    table.text('body');
    table.bigInteger('created_at').notNullable();
    table.bigInteger('finished_at').index();
    table.unique(['alarm_id', 'message_id', 'target']);
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['alarm_deliveries', 'alarms', 'constraints', 'journal', 'sessions']) {
    await knex.schema.dropTable(table);
  }
}
