import { describe, expect, it } from 'vitest';
import { SqlAlarmStore } from '../../../db/alarm-store.ts';
import type { Database } from '../../../db/connection.ts';
import { ConstraintViolation } from '../../../db/errors.ts';
import type { Alarm, AlarmDelivery } from '../../../src/domain/alarm.ts';
import type { OpenFresh } from './fresh-database.ts';

const start = 1_795_000_000_123;
const day = 24 * 3_600_000;

const alarm = (alarmId: string, changes: Partial<Alarm> = {}): Alarm => ({
  alarmId,
  name: 'MAINTENANCE_ALARM',
  description: 'VNF maintenance alarm',
  projectId: 'p',
  userId: 'u',
  enabled: true,
  severity: 'moderate',
  repeatActions: true,
  eventType: 'maintenance.scheduled',
  query: [{ field: 'traits.project_id', op: 'eq', type: 'string', value: 'p' }],
  alarmActions: ['http://127.0.0.1:12348/maintenance'],
  okActions: [],
  insufficientDataActions: [],
  timeConstraints: [],
  state: 'insufficient data',
  stateReason: 'Not evaluated yet',
  stateTimestamp: start,
  createdAt: start,
  updatedAt: start,
  ...changes,
});

const delivery = (id: string, changes: Partial<AlarmDelivery> = {}): AlarmDelivery => ({
  id,
  alarmId: 'a1',
  messageId: `message-of-${id}`,
  target: 'http://127.0.0.1:12348/maintenance',
  body: `{"reason": "${id}"}`,
  createdAt: start,
  ...changes,
});

/** What every AlarmStore must do, whichever database holds it. */
export function describeAlarmStoreContract(name: string, open: OpenFresh): void {
  describe(`AlarmStore on ${name}`, () => {
    const ready = async (): Promise<{
      store: SqlAlarmStore;
      database: Database;
      clock: { time: number };
    }> => {
      const database = await open();
      const clock = { time: start };
      const store = new SqlAlarmStore(database, { now: () => clock.time });
      await store.create(alarm('a1'));
      return { store, database, clock };
    };
    const ids = async (store: SqlAlarmStore): Promise<readonly string[]> =>
      (await store.pendingDeliveries()).map(({ id }) => id);

    it('gives alarms back as they were created, oldest first, equal names allowed', async () => {
      const { store } = await ready();
      await store.create(alarm('a0', { projectId: 'q' }));
      await store.create(alarm('a2'));
      expect(await store.get('a1')).toEqual(alarm('a1'));
      expect(await store.get('unknown')).toBeUndefined();
      expect((await store.list()).map(({ alarmId }) => alarmId)).toEqual(['a1', 'a0', 'a2']);
      expect(await store.list('p')).toEqual([alarm('a1'), alarm('a2')]);
      expect(await store.list('nobody')).toEqual([]);
    });

    it('refuses a second alarm of the same id', async () => {
      const { store } = await ready();
      await expect(store.create(alarm('a1', { name: 'other' }))).rejects.toMatchObject({
        constructor: ConstraintViolation,
        rule: 'unique',
      });
      expect(await store.get('a1')).toEqual(alarm('a1'));
    });

    it('updates an alarm, and says when there is none', async () => {
      const { store } = await ready();
      expect(await store.update(alarm('a1', { enabled: false, projectId: 'q' }))).toBe(true);
      expect(await store.list('q')).toEqual([alarm('a1', { enabled: false, projectId: 'q' })]);
      expect(await store.update(alarm('unknown'))).toBe(false);
    });

    it('deletes an alarm with its pending deliveries, and says when there is none', async () => {
      const { store } = await ready();
      await store.create(alarm('a2'));
      await store.enqueue([delivery('d1'), delivery('d2', { alarmId: 'a2' })], []);
      expect(await store.delete('a1')).toBe(true);
      expect(await store.delete('a1')).toBe(false);
      expect(await ids(store)).toEqual(['d2']);
    });

    it('keeps deliveries in the order in which they were stored', async () => {
      const { store } = await ready();
      const many = Array.from({ length: 250 }, (_, index) => delivery(`d${index}`));
      await store.enqueue([delivery('z'), ...many], []);
      await store.enqueue([delivery('a', { createdAt: start - 1 })], []);
      expect(await ids(store)).toEqual(['z', ...many.map(({ id }) => id), 'a']);
      expect((await store.pendingDeliveries())[0]).toEqual(delivery('z'));
    });

    it('stores changed alarms with the deliveries', async () => {
      const { store } = await ready();
      await store.enqueue([delivery('d1')], [alarm('a1', { state: 'alarm' })]);
      expect((await store.get('a1'))?.state).toBe('alarm');
      await store.enqueue([], [alarm('a1', { state: 'ok' }), alarm('unknown', { state: 'ok' })]);
      expect((await store.get('a1'))?.state).toBe('ok');
      expect(await store.get('unknown')).toBeUndefined();
    });

    it('leaves the rest of an alarm to whoever replaced it meanwhile', async () => {
      const { store } = await ready();
      await store.update(alarm('a1', { name: 'new name' }));
      await store.enqueue([], [alarm('a1', { name: 'old name', state: 'alarm' })]);
      expect(await store.get('a1')).toMatchObject({ name: 'new name', state: 'alarm' });
    });

    it('stores a repeated notification once per alarm and target, finished or not', async () => {
      const { store } = await ready();
      await store.create(alarm('a2'));
      const first = delivery('d1', { messageId: 'm' });
      await store.enqueue([first], []);
      await store.enqueue(
        [
          delivery('repeat', { messageId: 'm' }),
          delivery('other-target', { messageId: 'm', target: 'http://elsewhere/' }),
          delivery('other-alarm', { messageId: 'm', alarmId: 'a2' }),
        ],
        [],
      );
      await store.enqueue([first], []);
      expect(await ids(store)).toEqual(['d1', 'other-target', 'other-alarm']);
      await store.finishDelivery('d1');
      await store.enqueue([delivery('late-repeat', { messageId: 'm' })], []);
      expect(await ids(store)).toEqual(['other-target', 'other-alarm']);
    });

    it('stores a notification once when it is repeated at the same moment', async () => {
      const { store } = await ready();
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.enqueue([delivery(`d${index}`, { messageId: 'm' })], [alarm('a1', { state: 'alarm' })]),
        ),
      );
      expect(await ids(store)).toHaveLength(1);
    });

    it('leaves out deliveries of alarms that are gone, and stores the others', async () => {
      const { store } = await ready();
      await store.enqueue([delivery('gone', { alarmId: 'deleted' }), delivery('d1')], []);
      expect(await ids(store)).toEqual(['d1']);
      await store.enqueue([delivery('gone-too', { alarmId: 'deleted' })], []);
      expect(await ids(store)).toEqual(['d1']);
    });

    it('blanks the body of a finished delivery, and finishing again or an unknown one is harmless', async () => {
      const { store, database, clock } = await ready();
      await store.enqueue([delivery('d1')], []);
      await store.finishDelivery('d1');
      clock.time += day;
      await store.finishDelivery('d1');
      await store.finishDelivery('unknown');
      const rows = await database.knex<{ body: string | null; finished_at: number }>('alarm_deliveries');
      expect(rows).toHaveLength(1);
      expect(rows[0]?.body).toBeNull();
      expect(Number(rows[0]?.finished_at)).toBe(start);
    });

    it('removes the marks of finished deliveries after a month, and never a pending delivery', async () => {
      const { store, database, clock } = await ready();
      await store.enqueue([delivery('finished'), delivery('pending')], []);
      await store.finishDelivery('finished');
      const marks = (): Promise<{ delivery_id: string }[]> =>
        database.knex<{ delivery_id: string }>('alarm_deliveries').orderBy('position').select('delivery_id');
      clock.time = start + 30 * day;
      await store.enqueue([], []);
      expect(await marks()).toHaveLength(2);
      clock.time += 1;
      await store.enqueue([], []);
      expect(await marks()).toEqual([{ delivery_id: 'pending' }]);
    });
  });
}
