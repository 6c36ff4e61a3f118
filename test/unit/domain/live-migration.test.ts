import { describe, expect, it } from 'vitest';
import { foldSession } from '../../../src/domain/fold-session.ts';
import type { Session } from '../../../src/domain/session.ts';
import { mayGoCold } from '../../../src/domain/steps/live-migration.ts';
import type { InstanceAction } from '../../../src/domain/cloud.ts';

const empty = foldSession(undefined, {
  sequence: 1,
  at: 0,
  event: {
    type: 'session_created',
    sessionId: 'session-1',
    request: { workflow: 'vnf', hosts: [], maintenanceAt: 0, metadata: {} },
  },
});
const instance = {
  id: 'app-1',
  name: 'app-1',
  projectId: 'project-1',
  host: 'compute-1',
  state: 'active',
  task: null,
  size: { vcpus: 1, memoryMb: 1, diskGb: 1 },
  attempts: 1,
  gone: false,
};

function constrained(migrationType: InstanceAction): Session {
  const row = {
    kind: 'instance' as const,
    id: 'app-1',
    projectId: 'project-1',
    groupId: 'group-1',
    name: 'app',
    maxInterruptionSeconds: 120,
    migrationType,
    resourceMitigation: true,
    leadSeconds: 0,
  };
  return { ...empty, constraints: { instances: { 'app-1': row }, groups: {} } };
}

const asked = { state: 'PREPARE_MAINTENANCE', sends: 1, commandId: 'c', actions: {} } as const;

describe('a cold migration where a live one does not come to its end', () => {
  it('is not tried where nobody allowed it', () => {
    expect(mayGoCold(empty, instance)).toBe(false);
    expect(mayGoCold(constrained('LIVE_MIGRATE'), instance)).toBe(false);
    expect(mayGoCold(constrained('OWN_ACTION'), instance)).toBe(false);
  });

  it('is tried where the constraint of the instance says MIGRATE', () => {
    expect(mayGoCold(constrained('MIGRATE'), instance)).toBe(true);
  });

  it('is tried where the reply of the project, or that about the instance alone, says so', () => {
    const question = { ...asked, fallbacks: { 'app-1': 'MIGRATE' as const } };
    const project = { id: 'project-1', question };
    expect(mayGoCold({ ...empty, projects: { 'project-1': project } }, instance)).toBe(true);
    expect(mayGoCold(empty, { ...instance, question })).toBe(true);
    const live = { ...asked, fallbacks: { 'app-1': 'LIVE_MIGRATE' as const } };
    expect(mayGoCold(empty, { ...instance, question: live })).toBe(false);
  });
});
