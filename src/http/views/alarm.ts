import type { Alarm } from '../../domain/alarm.ts';
import { formatNaiveUtc } from '../../domain/alarm-time.ts';
import type { components } from '../../sdk/openapi.ts';

/** An alarm as Aodh shows it. */
export function alarmView(alarm: Alarm): components['schemas']['Alarm'] {
  return {
    alarm_id: alarm.alarmId,
    name: alarm.name,
    description: alarm.description,
    type: 'event',
    enabled: alarm.enabled,
    severity: alarm.severity,
    repeat_actions: alarm.repeatActions,
    event_rule: { event_type: alarm.eventType, query: alarm.query.map((condition) => ({ ...condition })) },
    alarm_actions: [...alarm.alarmActions],
    ok_actions: [...alarm.okActions],
    insufficient_data_actions: [...alarm.insufficientDataActions],
    time_constraints: alarm.timeConstraints.map((constraint) => ({ ...constraint })),
    project_id: alarm.projectId,
    user_id: alarm.userId,
    timestamp: formatNaiveUtc(alarm.updatedAt),
    state: alarm.state,
    state_timestamp: formatNaiveUtc(alarm.stateTimestamp),
    state_reason: alarm.stateReason,
    evaluate_timestamp: formatNaiveUtc(alarm.stateTimestamp),
  };
}
