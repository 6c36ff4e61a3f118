import { describeConstraintStoreContract } from './constraint-store.contract.ts';
import { freshFile, freshInMemory } from './fresh-database.ts';

describeConstraintStoreContract('SQLite in memory', freshInMemory);
describeConstraintStoreContract('a SQLite file', freshFile);
