import type { Knex } from 'knex';
import type { Constraint } from '../../src/domain/constraint.ts';
import { decodeJson } from '../codec.ts';

interface Row {
  readonly kind: string;
  readonly project_id: string;
  readonly id: string;
  readonly body: string;
}

/** The group of an instance's constraint beside its body, so that a list can ask for the instances of a group. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('constraints', (table) => {
    table.string('group_id', 255);
    table.index(['kind', 'group_id']);
  });
  const rows = await knex<Row>('constraints').where({ kind: 'instance' }).select('project_id', 'id', 'body');
  for (const { project_id, id, body } of rows) {
    const constraint = decodeJson(body, `constraint instance ${id}`) as Constraint;
    if (constraint.kind !== 'instance') continue;
    await knex('constraints')
      .where({ kind: 'instance', project_id, id })
      .update({ group_id: constraint.groupId });
  }
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('constraints', (table) => {
    table.dropIndex(['kind', 'group_id']);
    table.dropColumn('group_id');
  });
}
