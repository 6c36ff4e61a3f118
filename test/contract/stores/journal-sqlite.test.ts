import { migrate } from '../../../db/migrate.ts';
import { freshFile, freshFileUrl, freshInMemory, openUntilTestEnds } from './fresh-database.ts';
import { describeJournalContract, describeSharedJournalContract } from './journal.contract.ts';

describeJournalContract('SQLite in memory', freshInMemory);
describeJournalContract('a SQLite file', freshFile);
describeSharedJournalContract('a SQLite file', async () => {
  const url = await freshFileUrl();
  const databases = [await openUntilTestEnds(url), await openUntilTestEnds(url)] as const;
  await migrate(databases[0]);
  return databases;
});
