/** The stores on PostgreSQL, by the same contracts as on SQLite. Each test has a schema. */
import { migrate } from '../../db/migrate.ts';
import { SqlPlanStore } from '../../db/plan-store.ts';
import { describeAlarmStoreContract } from '../contract/stores/alarm-store.contract.ts';
import { describeConstraintStoreContract } from '../contract/stores/constraint-store.contract.ts';
import { openUntilTestEnds } from '../contract/stores/fresh-database.ts';
import {
  describeJournalContract,
  describeSharedJournalContract,
} from '../contract/stores/journal.contract.ts';
import { describeMigrateContract } from '../contract/stores/migrate.contract.ts';
import { describePlanStoreContract } from '../contract/stores/plan-store.contract.ts';
import { freshSchemaUrl } from './fresh-schema.ts';

const freshSchema = async () => {
  const database = await openUntilTestEnds(await freshSchemaUrl());
  await migrate(database);
  return database;
};

describeMigrateContract('PostgreSQL', freshSchemaUrl);
describeJournalContract('PostgreSQL', freshSchema);
describeConstraintStoreContract('PostgreSQL', freshSchema);
describeAlarmStoreContract('PostgreSQL', freshSchema);
describePlanStoreContract('PostgreSQL', async () => new SqlPlanStore(await freshSchema()));
describeSharedJournalContract('PostgreSQL', async () => {
  const url = await freshSchemaUrl();
  const databases = [await openUntilTestEnds(url), await openUntilTestEnds(url)] as const;
  await migrate(databases[0]);
  return databases;
});
