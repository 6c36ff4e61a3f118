import type { Alarm } from '../../domain/alarm.ts';
import { formatNaiveUtc } from '../../domain/alarm-time.ts';
import type { components } from '../../sdk/openapi.ts';

/** An alarm as Aodh shows it. */
export function alarmView(alarm: Alarm): components['schemas']['Alarm'] {
  return {
    alarm_id: alarm.alarmId,
    name: alarm.name,
    description: alarm.description,
    enabled: alarm.enabled,
    ok_actions: [...alarm.okActions],
    alarm_actions: [...alarm.alarmActions],
    insufficient_data_actions: [...alarm.insufficientDataActions],
    repeat_actions: alarm.repeatActions,
    type: 'event',
    time_constraints: alarm.timeConstraints.map((constraint) => ({ ...constraint })),
    project_id: alarm.projectId,
    user_id: alarm.userId,
    timestamp: formatNaiveUtc(alarm.updatedAt),
    state: alarm.state,
    state_timestamp: formatNaiveUtc(alarm.stateTimestamp),
    state_reason: alarm.stateReason,
    severity: alarm.severity,
    // An event alarm is evaluated when it is changed and when it fires.
    evaluate_timestamp: formatNaiveUtc(Math.max(alarm.updatedAt, alarm.stateTimestamp)),
    event_rule: {
      event_type: alarm.eventType,
      query: alarm.query.map(({ field, op, type, value }) => ({ field, op, value, type })),
    },
  };
}
