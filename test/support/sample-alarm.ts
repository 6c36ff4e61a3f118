import type { Alarm } from '../../src/domain/alarm.ts';
import type { Notification } from '../../src/engine/ports.ts';

export const sampleProject = '926e3460824242198820829bdc27a6b5';

/** An alarm on `maintenance.scheduled` that posts to a port where nobody listens; change what a test is about. */
export function sampleAlarm(changes: Partial<Alarm> = {}): Alarm {
  return {
    alarmId: '8f6b579a-c4be-442c-8dfb-e91c976439cf',
    name: 'sample_maintenance',
    description: 'Alarm when maintenance.scheduled event occurred.',
    projectId: sampleProject,
    userId: '6e1db349c7ad4bad8d8d398a455d903c',
    enabled: true,
    severity: 'moderate',
    repeatActions: true,
    eventType: 'maintenance.scheduled',
    query: [],
    alarmActions: ['http://127.0.0.1:9/maintenance'],
    okActions: [],
    insufficientDataActions: [],
    timeConstraints: [],
    state: 'insufficient data',
    stateReason: 'Not evaluated yet',
    stateTimestamp: 1_800_000_000_000,
    createdAt: 1_800_000_000_000,
    updatedAt: 1_800_000_000_000,
    ...changes,
  };
}

/** A notification to the sample alarm's project; each call has another `messageId` unless it is given. */
export function sampleNotification(
  changes: Partial<Notification> = {},
  payload: Record<string, unknown> = {},
): Notification {
  return {
    messageId: crypto.randomUUID(),
    eventType: 'maintenance.scheduled',
    at: 1_800_000_000_000,
    payload: {
      service: 'fenix',
      project_id: sampleProject,
      session_id: '47479bca-7f0e-11ea-99c9-2c600c9893ee',
      state: 'PREPARE_MAINTENANCE',
      instance_ids: ['796f3b80-09a1-479c-866e-bdf442ecd41e'],
      allowed_actions: ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'],
      actions_at: '2030-01-01T10:00:00',
      reply_at: '2030-01-01T10:00:00',
      reply_url: 'http://127.0.0.1:12347/v1/maintenance/47479bca/926e3460',
      metadata: { openstack_release: 'Zed' },
      ...payload,
    },
    ...changes,
  };
}
