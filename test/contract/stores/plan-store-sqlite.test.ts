import { SqlPlanStore } from '../../../db/plan-store.ts';
import { MemoryPlanStore } from '../../../src/simulation/memory-plan-store.ts';
import { freshFile, freshInMemory } from './fresh-database.ts';
import { describePlanStoreContract } from './plan-store.contract.ts';

describePlanStoreContract('SQLite in memory', async () => new SqlPlanStore(await freshInMemory()));
describePlanStoreContract('a SQLite file', async () => new SqlPlanStore(await freshFile()));
describePlanStoreContract('the simulator', () => Promise.resolve(new MemoryPlanStore()));
