import { describe, expect, it } from 'vitest';
import { canEmptyEveryHost, chooseDrain } from '../../../src/domain/drain-order.ts';
import { foldObservation } from '../../../src/domain/fold-observation.ts';
import { foldSession } from '../../../src/domain/fold-session.ts';
import type { CloudObservation } from '../../../src/domain/cloud.ts';
import type { Session } from '../../../src/domain/session.ts';

/** A cloud from a picture: host name to its instances and slots; groups by their members. */
function session(
  hosts: Readonly<Record<string, { readonly slots: number; readonly carries: readonly string[] }>>,
  groups: readonly (readonly string[])[] = [],
): Session {
  const observation: CloudObservation = {
    hosts: Object.entries(hosts).map(([name, { slots }]) => ({
      name,
      type: 'compute',
      serviceId: name,
      open: true,
      up: true,
      capacity: { vcpus: slots, memoryMb: 1000, diskGb: 1000 },
    })),
    instances: Object.entries(hosts).flatMap(([host, { carries }]) =>
      carries.map((id) => {
        const vcpus = Number(/x(\d)$/.exec(id)?.[1] ?? 1);
        return {
          id,
          name: id,
          projectId: 'p',
          host,
          state: 'active',
          task: null,
          size: { vcpus, memoryMb: 1, diskGb: 1 },
        };
      }),
    ),
    serverGroups: groups.map((members, index) => ({
      id: `g${index}`,
      name: `g${index}`,
      projectId: 'p',
      policy: 'anti-affinity' as const,
      maxPerHost: 1,
      members,
    })),
  };
  const request = { workflow: 'default', hosts: [], maintenanceAt: 0, metadata: {} } as const;
  const created = foldSession(undefined, {
    sequence: 1,
    at: 0,
    event: { type: 'session_created', sessionId: 's', request },
  });
  return foldObservation(created, observation, {
    id: 'c',
    command: { kind: 'observe_cloud' },
    visit: 1,
    sequence: 2,
    issuedAt: 0,
  });
}

const host = (slots: number, ...carries: string[]) => ({ slots, carries });

describe('the host to be emptied first', () => {
  it('is the one with the least to move', () => {
    const cloud = session({ a: host(2, 'a1', 'a2'), b: host(2, 'b1'), c: host(2, 'c1') });
    expect(chooseDrain(cloud)?.host).toBe('b');
  });

  it('is not one that carries members of a group, where another will do', () => {
    const cloud = session({ a: host(2, 'ha1'), b: host(2, 'ha2'), c: host(2, 'c1') }, [['ha1', 'ha2']]);
    expect(chooseDrain(cloud)?.host).toBe('c');
  });

  it('is one whose instances fit elsewhere at all', () => {
    // The member on a can only go to c, which is full; b's can.
    const cloud = session({ a: host(1, 'ha1'), b: host(2, 'ha2', 'b1'), c: host(2, 'c1') }, [['ha1', 'ha2']]);
    const choice = chooseDrain(cloud);
    expect(choice).toBeDefined();
    for (const target of choice?.placement.values() ?? []) expect(target).not.toBe(choice?.host);
  });

  it('is none where nothing fits', () => {
    expect(chooseDrain(session({ a: host(1, 'a1'), b: host(1, 'b1') }))).toBeUndefined();
  });
});

describe('whether every host can be emptied', () => {
  it('is so with an empty host as large as the others', () => {
    expect(canEmptyEveryHost(session({ a: host(2, 'a1', 'a2'), b: host(2, 'b1', 'b2'), c: host(2) }))).toBe(
      true,
    );
  });

  it('is not so when the empty host is too small', () => {
    expect(canEmptyEveryHost(session({ a: host(2, 'a1', 'a2'), b: host(2, 'b1', 'b2'), c: host(1) }))).toBe(
      false,
    );
  });

  it('is so when the first host fits into gaps of the others', () => {
    expect(canEmptyEveryHost(session({ a: host(2, 'a1'), b: host(2, 'b1'), c: host(2, 'c1') }))).toBe(true);
  });

  it('is not so when an instance is larger than any gap, though there is room in all', () => {
    expect(canEmptyEveryHost(session({ a: host(2, 'a1x2'), b: host(2, 'b1'), c: host(2, 'c1') }))).toBe(true);
    expect(
      canEmptyEveryHost(session({ a: host(3, 'a1x2', 'a2'), b: host(3, 'b1x2'), c: host(3, 'c1x2') })),
    ).toBe(false);
  });

  it('is not so when a group has as many members as there are hosts', () => {
    const group = ['a1', 'b1', 'c1'];
    expect(
      canEmptyEveryHost(session({ a: host(4, 'a1'), b: host(4, 'b1'), c: host(4, 'c1') }, [group])),
    ).toBe(false);
    expect(
      canEmptyEveryHost(session({ a: host(4, 'a1'), b: host(4, 'b1'), c: host(4) }, [['a1', 'b1']])),
    ).toBe(true);
  });
});
