import { describeAlarmStoreContract } from './alarm-store.contract.ts';
import { freshFile, freshInMemory } from './fresh-database.ts';

describeAlarmStoreContract('SQLite in memory', freshInMemory);
describeAlarmStoreContract('a SQLite file', freshFile);
