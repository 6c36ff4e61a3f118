import { describe, expect, it } from 'vitest';
import type { InstanceAction } from '../../../src/domain/cloud.ts';
import type { InstanceGroupConstraint } from '../../../src/domain/constraint.ts';
import { foldSession } from '../../../src/domain/fold-session.ts';
import { admit } from '../../../src/domain/impact-budget.ts';
import type { Instance, OpenQuestion, Session } from '../../../src/domain/session.ts';

/** An instance of the group that has agreed to be moved like this. */
function agreed(id: string, action: InstanceAction = 'MIGRATE', change: Partial<Instance> = {}): Instance {
  return {
    id,
    name: id,
    projectId: 'p',
    host: 'h',
    state: 'active',
    task: null,
    size: { vcpus: 1, memoryMb: 1, diskGb: 1 },
    attempts: 0,
    gone: false,
    question: {
      state: 'PLANNED_MAINTENANCE',
      sends: 1,
      commandId: `asked-${id}`,
      answer: 'ACK',
      actions: { [id]: action },
    },
    ...change,
  };
}

/** A `vnf` session with one group of these instances. */
function sessionOf(members: readonly Instance[], limits: Partial<InstanceGroupConstraint>): Session {
  const request = { workflow: 'vnf', hosts: [], maintenanceAt: 0, metadata: {} } as const;
  const event = { type: 'session_created', sessionId: 's', request } as const;
  const group: InstanceGroupConstraint = {
    kind: 'instance_group',
    id: 'g',
    projectId: 'p',
    name: 'the group',
    antiAffinity: false,
    maxInstancesPerHost: 0,
    maxImpactedMembers: 1,
    recoverySeconds: 0,
    resourceMitigation: false,
    ...limits,
  };
  const rows = members.map(({ id }) => ({
    kind: 'instance' as const,
    id,
    projectId: 'p',
    groupId: 'g',
    name: id,
    maxInterruptionSeconds: 0,
    migrationType: 'MIGRATE' as const,
    resourceMitigation: false,
    leadSeconds: 0,
  }));
  return {
    ...foldSession(undefined, { sequence: 1, at: 0, event }),
    instances: new Map(members.map((one) => [one.id, one])),
    constraints: { instances: Object.fromEntries(rows.map((row) => [row.id, row])), groups: { g: group } },
  };
}

function admittedOf(members: readonly Instance[], limits: Partial<InstanceGroupConstraint>, now = 0) {
  const { admitted, freeAt, blocked } = admit(sessionOf(members, limits), members, now);
  return { admitted: admitted.map(({ id }) => id), freeAt, blocked };
}

describe('the budget of a group', () => {
  it('gives its slots in the order of the candidates', () => {
    const members = [agreed('a'), agreed('b'), agreed('c')];
    expect(admittedOf(members, { maxImpactedMembers: 2 }).admitted).toEqual(['a', 'b']);
  });

  it('counts those first that leave by their own action, wherever they stand', () => {
    const members = [agreed('a'), agreed('b', 'OWN_ACTION'), agreed('c', 'OWN_ACTION')];
    expect(admittedOf(members, { maxImpactedMembers: 1 }).admitted).toEqual(['b', 'c']);
    expect(admittedOf(members, { maxImpactedMembers: 3 }).admitted).toEqual(['b', 'c', 'a']);
  });

  it('holds a slot for an own action that is offered, until the time to answer is over', () => {
    const asked = { state: 'PLANNED_MAINTENANCE', sends: 1, commandId: 'asked-a', actions: {} } as const;
    const offered = { ...asked, offersOwnAction: true, replyWithin: 10_000 };
    const freeFrom = (question: OpenQuestion) => {
      const waiting = agreed('b');
      const members = [agreed('a', 'MIGRATE', { question }), waiting];
      const { admitted, freeAt } = admit(sessionOf(members, {}), [waiting], 5_000);
      return admitted.length > 0 ? 'now' : (freeAt[0] ?? 'never');
    };
    expect(freeFrom({ ...offered, deliveredAt: 1_000 })).toBe(11_000);
    expect(freeFrom(offered)).toBe('never');
    expect(freeFrom({ ...offered, deliveredAt: -5_000 })).toBe('now');
    expect(freeFrom({ ...offered, deliveredAt: 1_000, offersOwnAction: false })).toBe('now');
    expect(freeFrom({ ...offered, deliveredAt: 1_000, deferredUntil: 60_000 })).toBe('now');
  });

  it('says when the next member has recovered', () => {
    const members = [agreed('a', 'MIGRATE', { operationEndedAt: 1_000 }), agreed('b')];
    const limits = { recoverySeconds: 10 };
    expect(admittedOf(members, limits, 5_000)).toEqual({ admitted: ['a'], freeAt: [], blocked: [] });
    const [, other] = members;
    const waiting = admit(sessionOf(members, limits), other === undefined ? [] : [other], 5_000);
    expect(waiting).toMatchObject({ admitted: [], freeAt: [11_000], blocked: [] });
    const free = admit(sessionOf(members, limits), other === undefined ? [] : [other], 11_000);
    expect(free.admitted).toHaveLength(1);
  });

  it('does not count members that are gone', () => {
    const members = [agreed('a', 'MIGRATE', { gone: true, state: 'error' }), agreed('b')];
    const [, other] = members;
    expect(admit(sessionOf(members, {}), other === undefined ? [] : [other], 0).admitted).toHaveLength(1);
  });
});
