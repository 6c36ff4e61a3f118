import { describe, expect, it } from 'vitest';
import type { Alarm } from '../../../src/domain/alarm.ts';
import type { Trait } from '../../../src/domain/alarm-event.ts';
import { eventOf } from '../../../src/domain/alarm-event.ts';
import { fire, fires, listensTo } from '../../../src/domain/alarm-firing.ts';
import recorded from '../../contract/alarms/recordings/aodh-webhook.json' with { type: 'json' };
import { sampleAlarm, sampleNotification } from '../../support/sample-alarm.ts';

interface Body {
  alarm_name: string;
  alarm_id: string;
  severity: Alarm['severity'];
  previous: Alarm['state'];
  reason_data: {
    event: {
      message_id: string;
      event_type: string;
      generated: string;
      traits: Trait[];
      message_signature: string;
    };
  };
}

/** The names of all members, in order and at every depth: what a text of JSON looks like without its values. */
const shape = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).map(([name, member]) => [name, shape(member)])
    : typeof value;
const byName = (traits: readonly Trait[]) => traits.toSorted(([a], [b]) => (a < b ? -1 : 1));

describe('the body of an alarm', () => {
  it.each(Object.entries(recorded.cases))('is what Aodh posted: %s', (_name, sample) => {
    const expected = structuredClone(sample.body) as unknown as Body;
    const event = expected.reason_data.event;
    const alarm = sampleAlarm({
      name: expected.alarm_name,
      alarmId: expected.alarm_id,
      severity: expected.severity,
      state: expected.previous,
    });
    // In the recording the publisher had another name, the definitions had times as text, and events were signed.
    event.message_signature = '';
    event.traits = event.traits.map(([name, type, value]) => {
      if (name === 'service') return [name, type, 'fenix'];
      return name === 'actions_at' ? [name, 4, String(value).replace(' ', 'T')] : [name, type, value];
    });
    // Time here is in milliseconds, Ceilometer's in microseconds.
    event.generated = event.generated.replace(/\d{3}$/, '000');
    const notification = {
      messageId: event.message_id,
      eventType: event.event_type,
      at: Date.parse(`${event.generated}Z`),
      payload: sample.published_payload,
    };

    const { deliveries } = fire(alarm, eventOf(notification), 0, () => 'id');
    const body = JSON.parse(deliveries[0]!.body) as Body;
    expect(shape(body)).toEqual(shape(expected));
    body.reason_data.event.traits = byName(body.reason_data.event.traits);
    event.traits = byName(event.traits);
    expect(body).toEqual(expected);
  });

  it('has the traits in the order of the event definitions, default traits first', () => {
    const names = eventOf(sampleNotification()).traits.map(([name]) => name);
    expect(names).toEqual([
      'service',
      'project_id',
      'allowed_actions',
      'instance_ids',
      'reply_url',
      'actions_at',
      'reply_at',
      'state',
      'session_id',
      'metadata',
    ]);
  });

  it('drops null traits, gives times and numbers their type, and cuts nothing', () => {
    const long = 'x'.repeat(400);
    const scheduled = eventOf(
      sampleNotification({}, { actions_at: null, reply_at: '2026-01-02 03:04:05', metadata: { long } }),
    );
    expect(scheduled.traits.map(([name]) => name)).not.toContain('actions_at');
    expect(scheduled.traits).toContainEqual(['reply_at', 4, '2026-01-02T03:04:05']);
    expect(scheduled.traits).toContainEqual(['metadata', 1, `{'long': '${long}'}`]);
    const session = eventOf(sampleNotification({ eventType: 'maintenance.session' }, { percent_done: 50 }));
    expect(session.traits).toContainEqual(['percent_done', 2, 50]);
  });

  it('names the query in the reason as Python prints it, and says alarm before from the second time on', () => {
    const query = [
      { field: 'traits.state', op: 'eq', type: 'string', value: 'É"' },
      { field: 'traits.host', op: 'ne', type: '', value: 'a' },
    ] as const;
    const event = eventOf(sampleNotification({ messageId: 'm1' }));
    const first = fire(sampleAlarm({ query }), event, 5, () => 'id');
    expect(first.alarm.stateReason).toBe(
      'Event <id=m1,event_type=maintenance.scheduled> hits the query <query=[' +
        '{"field": "traits.state", "op": "eq", "type": "string", "value": "\\u00c9\\""}, ' +
        '{"field": "traits.host", "op": "ne", "type": "", "value": "a"}]>.',
    );
    expect(first.alarm).toMatchObject({ state: 'alarm', stateTimestamp: 5 });
    const second = fire(first.alarm, event, 9, () => 'id');
    expect(JSON.parse(second.deliveries[0]!.body)).toMatchObject({ previous: 'alarm', current: 'alarm' });
    expect(second.alarm.stateTimestamp).toBe(5);
  });

  it('goes to each target once', () => {
    const targets = ['http://a/', 'http://b/', 'http://a/'];
    let count = 0;
    const { deliveries } = fire(
      sampleAlarm({ alarmActions: targets }),
      eventOf(sampleNotification()),
      5,
      () => String((count += 1)),
    );
    expect(deliveries.map(({ id, target, createdAt }) => [id, target, createdAt])).toEqual([
      ['1', 'http://a/', 5],
      ['2', 'http://b/', 5],
    ]);
  });
});

describe('an alarm fires', () => {
  const event = eventOf(sampleNotification());
  it.each<[string, Partial<Alarm>, boolean]>([
    ['for its event type', {}, true],
    ['for a pattern', { eventType: 'maintenance.*' }, true],
    ['for everything', { eventType: '*' }, true],
    ['not for another type', { eventType: 'maintenance.host' }, false],
    ['not for another project', { projectId: 'other' }, false],
    ['not when disabled', { enabled: false }, false],
    ['again when it repeats', { state: 'alarm', repeatActions: true }, true],
    ['once when it does not', { state: 'alarm', repeatActions: false }, false],
    ['from ok', { state: 'ok', repeatActions: false }, true],
  ])('%s', (_name, changes, expected) => {
    expect(fires(sampleAlarm(changes), event)).toBe(expected);
  });

  it('when all of its conditions hold', () => {
    const met = { field: 'traits.state', op: 'eq', type: 'string', value: 'PREPARE_MAINTENANCE' } as const;
    const unmet = { ...met, op: 'ne' } as const;
    expect(fires(sampleAlarm({ query: [met, met] }), event)).toBe(true);
    expect(fires(sampleAlarm({ query: [met, unmet] }), event)).toBe(false);
  });
});

describe('an alarm listens', () => {
  it.each<[string, Partial<Alarm>, boolean]>([
    ['with a target', {}, true],
    ['with a pattern', { eventType: 'maint*' }, true],
    ['not without a target', { alarmActions: [] }, false],
    ['not when disabled', { enabled: false }, false],
    ['not once it is spent', { state: 'alarm', repeatActions: false }, false],
    ['not to other events', { eventType: 'maintenance.host' }, false],
  ])('%s', (_name, changes, expected) => {
    expect(listensTo(sampleAlarm(changes), 'maintenance.scheduled')).toBe(expected);
  });
});
