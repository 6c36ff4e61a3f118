/**
 * Which alarms an event fires, and what is then posted: as Aodh does it (facts 4.4).
 */
import type { Alarm, AlarmDelivery, AlarmQuery } from './alarm.ts';
import { meetsCondition } from './alarm-condition.ts';
import type { AlarmEvent } from './alarm-event.ts';
import { projectOf } from './alarm-event.ts';
import { fnmatch } from './fnmatch.ts';

/** Would this alarm be told of an event of this type, as far as the type decides it, and has it somebody to tell? */
export function listensTo(
  alarm: Pick<Alarm, 'enabled' | 'eventType' | 'alarmActions' | 'repeatActions' | 'state'>,
  eventType: string,
): boolean {
  return (
    alarm.enabled && !isSpent(alarm) && alarm.alarmActions.length > 0 && fnmatch(alarm.eventType, eventType)
  );
}

/** Does the event fire the alarm? Only within its own project, and only once unless it repeats its actions. */
export function fires(alarm: Alarm, event: AlarmEvent): boolean {
  return (
    alarm.enabled &&
    alarm.projectId === projectOf(event) &&
    !isSpent(alarm) &&
    fnmatch(alarm.eventType, event.event_type) &&
    alarm.query.every((condition) => meetsCondition(event, condition))
  );
}

/** An event alarm never goes back to ok by itself. */
const isSpent = (alarm: Pick<Alarm, 'repeatActions' | 'state'>): boolean =>
  !alarm.repeatActions && alarm.state === 'alarm';

/**
 * The alarm after it was fired, and a delivery for each of its targets. `now` is in milliseconds since 1970, `newId`
 * names the deliveries.
 */
export function fire(
  alarm: Alarm,
  event: AlarmEvent,
  now: number,
  newId: () => string,
): { readonly alarm: Alarm; readonly deliveries: readonly AlarmDelivery[] } {
  const reason = firingReason(alarm, event);
  const body = JSON.stringify({
    alarm_name: alarm.name,
    alarm_id: alarm.alarmId,
    severity: alarm.severity,
    previous: alarm.state,
    current: 'alarm',
    reason,
    reason_data: { type: 'event', event },
  });
  return {
    alarm: {
      ...alarm,
      state: 'alarm',
      stateReason: reason,
      stateTimestamp: alarm.state === 'alarm' ? alarm.stateTimestamp : now,
    },
    deliveries: [...new Set(alarm.alarmActions)].map((target) => ({
      id: newId(),
      alarmId: alarm.alarmId,
      messageId: event.message_id,
      target,
      body,
      createdAt: now,
    })),
  };
}

function firingReason(alarm: Alarm, event: AlarmEvent): string {
  const query = alarm.query.map(sortedQueryJson).join(', ');
  return `Event <id=${event.message_id},event_type=${event.event_type}> hits the query <query=[${query}]>.`;
}

/** Python's `json.dumps(..., sort_keys=True)`: a space after commas and colons, and ASCII only. */
function sortedQueryJson({ field, op, type, value }: AlarmQuery): string {
  const members = Object.entries({ field, op, type, value });
  return `{${members.map(([name, text]) => `"${name}": ${asciiJson(text)}`).join(', ')}}`;
}

const asciiJson = (text: string): string =>
  JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
