import { freshFileUrl } from './fresh-database.ts';
import { describeMigrateContract } from './migrate.contract.ts';

describeMigrateContract('a SQLite file', freshFileUrl);
