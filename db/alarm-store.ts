import type { Knex } from 'knex';
import type { Alarm, AlarmDelivery } from '../src/domain/alarm.ts';
import type { AlarmStore, Clock } from '../src/engine/ports.ts';
import { decodeJson, encodeJson, toInteger, type StoredInteger } from './codec.ts';
import type { Database } from './connection.ts';
import { ConstraintViolation, translateDriverError } from './errors.ts';

interface AlarmRow {
  readonly alarm_id: string;
  readonly project_id: string;
  readonly body: string;
}

interface DeliveryRow {
  readonly delivery_id: string;
  readonly alarm_id: string;
  readonly message_id: string;
  readonly target: string;
  readonly body: string | null;
  readonly created_at: StoredInteger;
  readonly finished_at: StoredInteger | null;
}

/**
 * How long a finished delivery stays as a mark against repeats. A notification is repeated when the server stopped
 * between handing it over and journalling that: at its next start, so a mark must outlive a long stop. A repeat beyond
 * that does no harm, clients drop it by its `message_id`.
 */
const markMilliseconds = 30 * 24 * 3_600_000;

/** As in SqlJournal: SQLite takes at most 500. */
const rowsPerInsert = 100;

/** Alarms and their deliveries in SQL. The clock dates the marks of finished deliveries. */
export class SqlAlarmStore implements AlarmStore {
  readonly #knex: Knex;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(database: Database, clock: Pick<Clock, 'now'>) {
    this.#knex = database.knex;
    this.#clock = clock;
  }

  /** @throws ConstraintViolation when an alarm has this id already. */
  async create(alarm: Alarm): Promise<void> {
    try {
      await this.#knex<AlarmRow>('alarms').insert(toRow(alarm));
    } catch (error) {
      throw translateDriverError(error);
    }
  }

  async get(alarmId: string): Promise<Alarm | undefined> {
    const [row] = await this.#knex<AlarmRow>('alarms')
      .where({ alarm_id: alarmId })
      .select('alarm_id', 'body');
    return row === undefined ? undefined : toAlarm(row);
  }

  async list(projectId?: string): Promise<readonly Alarm[]> {
    const rows = await this.#knex<AlarmRow>('alarms')
      .where(projectId === undefined ? {} : { project_id: projectId })
      .orderBy('position')
      .select('alarm_id', 'body');
    return rows.map(toAlarm);
  }

  async update(alarm: Alarm): Promise<boolean> {
    return updateAlarm(this.#knex, alarm);
  }

  /** The marks of its finished deliveries go with it. */
  async delete(alarmId: string): Promise<boolean> {
    return (await this.#knex<AlarmRow>('alarms').where({ alarm_id: alarmId }).delete()) > 0;
  }

  /** Deliveries of an alarm that was deleted meanwhile are left out. Marks that are too old are removed on the way. */
  async enqueue(deliveries: readonly AlarmDelivery[], changedAlarms: readonly Alarm[]): Promise<void> {
    await this.#knex<DeliveryRow>('alarm_deliveries')
      .where('finished_at', '<', this.#clock.now() - markMilliseconds)
      .delete();
    let rest = deliveries;
    while (!(await this.#store(rest, changedAlarms))) rest = await this.#withAlarm(rest);
  }

  /** One transaction, a write first (see SqlJournal). False when the alarm of a delivery is not there. */
  async #store(deliveries: readonly AlarmDelivery[], changedAlarms: readonly Alarm[]): Promise<boolean> {
    try {
      await this.#knex.transaction(async (transaction) => {
        for (let start = 0; start < deliveries.length; start += rowsPerInsert) {
          await transaction<DeliveryRow>('alarm_deliveries')
            .insert(deliveries.slice(start, start + rowsPerInsert).map(toDeliveryRow))
            .onConflict()
            .ignore();
        }
        // In order of id, so that two of these transactions cannot wait for each other.
        const ordered = changedAlarms.toSorted((a, b) => (a.alarmId < b.alarmId ? -1 : 1));
        for (const alarm of ordered) await updateState(transaction, alarm);
      });
      return true;
    } catch (error) {
      const translated = translateDriverError(error);
      if (translated instanceof ConstraintViolation && translated.rule === 'foreign_key') return false;
      throw translated;
    }
  }

  async #withAlarm(deliveries: readonly AlarmDelivery[]): Promise<readonly AlarmDelivery[]> {
    const present = await this.#knex<AlarmRow>('alarms')
      .whereIn('alarm_id', [...new Set(deliveries.map(({ alarmId }) => alarmId))])
      .select('alarm_id');
    const ids = new Set(present.map((row) => row.alarm_id));
    return deliveries.filter(({ alarmId }) => ids.has(alarmId));
  }

  async pendingDeliveries(): Promise<readonly AlarmDelivery[]> {
    const rows = await this.#knex<DeliveryRow>('alarm_deliveries')
      .whereNull('finished_at')
      .orderBy('position')
      .select('delivery_id', 'alarm_id', 'message_id', 'target', 'body', 'created_at');
    return rows.map((row) => ({
      id: row.delivery_id,
      alarmId: row.alarm_id,
      messageId: row.message_id,
      target: row.target,
      body: row.body ?? '',
      createdAt: toInteger(row.created_at),
    }));
  }

  async finishDelivery(deliveryId: string): Promise<void> {
    await this.#knex<DeliveryRow>('alarm_deliveries')
      .where({ delivery_id: deliveryId })
      .whereNull('finished_at')
      .update({ body: null, finished_at: this.#clock.now() });
  }
}

async function updateAlarm(knex: Knex, alarm: Alarm): Promise<boolean> {
  const updated = await knex<AlarmRow>('alarms').where({ alarm_id: alarm.alarmId }).update(toRow(alarm));
  return updated > 0;
}

/** Only the state is written: whoever replaced the alarm meanwhile keeps the rest. */
async function updateState(transaction: Knex.Transaction, alarm: Alarm): Promise<void> {
  const rows = transaction<AlarmRow>('alarms').where({ alarm_id: alarm.alarmId });
  // SQLite has one writer at a time anyway, and knex leaves the lock out there.
  const row = await rows.clone().forUpdate().first('alarm_id', 'body');
  if (row === undefined) return;
  const { state, stateReason, stateTimestamp } = alarm;
  await rows.update(toRow({ ...toAlarm(row), state, stateReason, stateTimestamp }));
}

function toRow(alarm: Alarm): AlarmRow {
  return { alarm_id: alarm.alarmId, project_id: alarm.projectId, body: encodeJson(alarm) };
}

function toAlarm(row: Pick<AlarmRow, 'alarm_id' | 'body'>): Alarm {
  return decodeJson(row.body, `alarm ${row.alarm_id}`) as Alarm;
}

function toDeliveryRow(delivery: AlarmDelivery): DeliveryRow {
  return {
    delivery_id: delivery.id,
    alarm_id: delivery.alarmId,
    message_id: delivery.messageId,
    target: delivery.target,
    body: delivery.body,
    created_at: delivery.createdAt,
    finished_at: null,
  };
}
