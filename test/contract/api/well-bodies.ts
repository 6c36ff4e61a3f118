/** A body that is well for each operation that reads one, with every field that the contract names. */
import type { ContractOperation } from './contract-operations.ts';
import { movedInstanceId, sampleProjectId } from './fake-maintenance.ts';

const createSession = {
  state: 'MAINTENANCE',
  maintenance_at: '2026-11-03 02:30:00',
  workflow: 'vnf',
  metadata: { openstack_version: 'Epoxy', nested: { list: [1, null, true] } },
  hosts: ['cmp-07.example.net'],
  actions: [{ plugin: 'firmware', type: 'host', metadata: { level: '7.2' } }],
  download: [
    'https://repo.example.net/fw/actions-bundle.tar.gz',
    { url: 'https://repo.example.net/fw/more.tar.gz', sha256: '9F86d081'.repeat(8) },
  ],
  parallel_hosts: 2,
  window_ends_at: '2026-11-03 06:30:00',
  failure_policy: 'skip',
  plan_id: '3f1d2c4b-5a69-4788-9c0d-1e2f3a4b5c6d',
};

const replyForProject = {
  state: 'ACK_PLANNED_MAINTENANCE',
  session_id: 'a',
  instance_actions: { [movedInstanceId]: 'LIVE_MIGRATE' },
  fallback_actions: { [movedInstanceId]: 'MIGRATE' },
  ready_at: '2026-11-03 02:31:30',
  reason: 'A switch-over is under way.',
};

const alarm = {
  name: 'app-maintenance',
  type: 'event',
  description: 'Tells the application manager of maintenance.',
  severity: 'low',
  enabled: true,
  repeat_actions: true,
  event_rule: {
    event_type: 'maintenance.*',
    query: [{ field: 'traits.state', op: 'eq', type: 'string', value: 'SCALE_IN' }],
  },
  alarm_actions: ['http://vnfm.example.net:12348/maintenance'],
  ok_actions: [],
  insufficient_data_actions: [],
  time_constraints: [],
  project_id: sampleProjectId,
  user_id: 'member-user',
  state: 'insufficient data',
};

export const wellBodies: Partial<Record<ContractOperation['id'], unknown>> = {
  createSession,
  createPlan: createSession,
  continueSession: { state: 'PLANNED_MAINTENANCE' },
  pauseSession: { because: 'a storm' },
  resumeSession: { because: 'it is over' },
  abortSession: { because: 'the wrong hosts' },
  skipHost: { host: 'cmp-07.example.net' },
  replyForProject,
  replyForInstance: {
    state: 'ACK_PLANNED_MAINTENANCE',
    instance_action: 'LIVE_MIGRATE',
    fallback_action: 'MIGRATE',
    ready_at: '2026-11-03T02:31:30Z',
    reason: 'A switch-over is under way.',
  },
  putInstanceConstraint: {
    project_id: sampleProjectId,
    group_id: '0d9a6f38-52e1-4e0b-9f47-8b3c61d2a7f4',
    instance_name: 'app_node_1',
    max_interruption_time: '60,',
    migration_type: 'MIGRATE',
    resource_mitigation: 'True,',
    lead_time: 40,
    migration_types: ['MIGRATE', 'OWN_ACTION'],
  },
  putInstanceGroupConstraint: {
    project_id: sampleProjectId,
    group_name: 'app_ha_group',
    anti_affinity_group: true,
    max_instances_per_host: 1,
    max_impacted_members: '2',
    recovery_time: 4,
    resource_mitigation: true,
    max_impacted_members_by_size: [
      { group_size: 4, max_impacted_members: '1' },
      { group_size: '10,', max_impacted_members: 3 },
    ],
    min_preserved_members_by_size: [{ group_size: 4, min_preserved_members: 3 }],
    lead_time: '60,',
  },
  createAlarm: alarm,
  updateAlarm: { ...alarm, enabled: false },
  setAlarmState: 'ok',
  queryAlarms: { filter: '{"=": {"name": "app-maintenance"}}', orderby: '[{"name": "asc"}]', limit: 10 },
};
