import type { Alarm, AlarmDelivery } from '../../src/domain/alarm.ts';
import type { AlarmStore } from '../../src/engine/ports.ts';

/** An AlarmStore that forgets everything; for tests that are not about the store. */
export class MemoryAlarmStore implements AlarmStore {
  readonly #alarms = new Map<string, Alarm>();
  readonly #deliveries = new Map<string, { delivery: AlarmDelivery; finished: boolean }>();

  create(alarm: Alarm): Promise<void> {
    this.#alarms.set(alarm.alarmId, alarm);
    return Promise.resolve();
  }

  get(alarmId: string): Promise<Alarm | undefined> {
    return Promise.resolve(this.#alarms.get(alarmId));
  }

  list(projectId?: string): Promise<readonly Alarm[]> {
    return Promise.resolve(
      [...this.#alarms.values()].filter((alarm) => projectId === undefined || alarm.projectId === projectId),
    );
  }

  update(alarm: Alarm): Promise<boolean> {
    const known = this.#alarms.has(alarm.alarmId);
    if (known) this.#alarms.set(alarm.alarmId, alarm);
    return Promise.resolve(known);
  }

  delete(alarmId: string): Promise<boolean> {
    for (const [key, { delivery }] of this.#deliveries) {
      if (delivery.alarmId === alarmId) this.#deliveries.delete(key);
    }
    return Promise.resolve(this.#alarms.delete(alarmId));
  }

  async enqueue(deliveries: readonly AlarmDelivery[], changedAlarms: readonly Alarm[]): Promise<void> {
    for (const delivery of deliveries) {
      const key = JSON.stringify([delivery.alarmId, delivery.messageId, delivery.target]);
      if (!this.#alarms.has(delivery.alarmId) || this.#deliveries.has(key)) continue;
      this.#deliveries.set(key, { delivery, finished: false });
    }
    for (const { alarmId, state, stateReason, stateTimestamp } of changedAlarms) {
      const alarm = this.#alarms.get(alarmId);
      if (alarm !== undefined) await this.update({ ...alarm, state, stateReason, stateTimestamp });
    }
  }

  pendingDeliveries(): Promise<readonly AlarmDelivery[]> {
    return Promise.resolve(
      [...this.#deliveries.values()].filter(({ finished }) => !finished).map(({ delivery }) => delivery),
    );
  }

  finishDelivery(deliveryId: string): Promise<void> {
    for (const entry of this.#deliveries.values()) {
      if (entry.delivery.id === deliveryId) entry.finished = true;
    }
    return Promise.resolve();
  }
}
