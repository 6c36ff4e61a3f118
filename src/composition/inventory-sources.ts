/** Joins the configuration and what an inventory is taken from. */
import type { Logger } from 'pino';
import { SqlAlarmStore } from '../../db/alarm-store.ts';
import { SqlConstraintStore } from '../../db/constraint-store.ts';
import { openExistingDatabase } from '../../db/existing.ts';
import { SqlJournal } from '../../db/journal-store.ts';
import { TargetRule } from '../adapters/http-client/target-rule.ts';
import { SystemClock } from '../adapters/system/clock.ts';
import type { Config } from '../config/schema.ts';
import type { InventorySources } from '../inventory/take-inventory.ts';
import { settingsOf } from './engine-settings.ts';
import { notifierOf } from './notifications.ts';
import { openStackOf } from './openstack.ts';

export interface OpenInventorySources extends Omit<InventorySources, 'report'> {
  close(): Promise<void>;
}

/**
 * Opens what a server of this configuration would see. Nothing is sent, and the database is only read.
 * @throws Error with a message for people when no cloud is configured, or there is no database
 */
export async function openInventorySources(config: Config, logger: Logger): Promise<OpenInventorySources> {
  const clock = new SystemClock();
  const openStack = openStackOf(config, clock, logger);
  if (openStack === undefined) {
    throw new Error(
      'no cloud is configured: set keystone.auth_url and the service user (docs/configuration.md)',
    );
  }
  try {
    const database = await openExistingDatabase(config.database.url.reveal());
    const { notifier } = notifierOf(config, {
      store: new SqlAlarmStore(database, clock),
      clock,
      targets: new TargetRule(config.alarms.allowedTargets),
      logger,
      openStack,
    });
    return {
      cloud: openStack.cloud,
      constraints: new SqlConstraintStore(database),
      notifier,
      journal: new SqlJournal(database),
      clock,
      settings: settingsOf(config),
      async close() {
        await notifier.close();
        await database.close();
        await openStack.close();
      },
    };
  } catch (error) {
    await openStack.close();
    throw error;
  }
}
