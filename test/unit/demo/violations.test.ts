import { describe, expect, it } from 'vitest';
import { violations, type Limit } from '../../../src/demo/violations.ts';
import type { Change, ChangeDetail } from '../../../src/lab/model/change-log.ts';

const group: Limit = { name: 'web', members: ['a', 'b'], most: 1, recoverySeconds: 2 };

/** Changes with their times in seconds. */
function log(...entries: readonly (readonly [number, ChangeDetail])[]): readonly Change[] {
  return entries.map(([seconds, detail], index) => ({ ...detail, sequence: index + 1, at: seconds * 1000 }));
}

const migration = (serverId: string, status: string): ChangeDetail => ({
  type: 'migration',
  serverId,
  migration: `migration of ${serverId}`,
  status,
  from: 'one',
  to: 'two',
});

const here = (serverId: string, host: string): ChangeDetail => ({
  type: 'server.state',
  serverId,
  name: serverId,
  status: 'ACTIVE',
  vmState: 'active',
  taskState: null,
  host,
});

const moved = (serverId: string): ChangeDetail => ({
  type: 'server.moved',
  serverId,
  name: serverId,
  from: 'one',
  to: 'two',
  how: 'cold',
});

describe('a limit', () => {
  const first = [
    [0, migration('a', 'pre-migrating')],
    [5, migration('a', 'confirmed')],
  ] as const;

  it.each([
    ['begins while another is moved', 4, 1],
    ['begins while another recovers', 6.9, 1],
    ['begins when the other has recovered', 7, 0],
  ])('counts a move that %s', (_what, at, count) => {
    const changes = log(...first, [at, migration('b', 'pre-migrating')]);
    expect(violations(changes, [group], [])).toHaveLength(count);
  });

  it('does not count those of other groups, nor the same member again', () => {
    const again: ChangeDetail = {
      ...migration('a', 'pre-migrating'),
      migration: 'a second one',
    } as ChangeDetail;
    const changes = log(...first, [6, migration('c', 'pre-migrating')], [6.5, again]);
    expect(violations(changes, [group], [])).toEqual([]);
  });
});

describe('a host in maintenance', () => {
  const leaves = log([0, here('a', 'one')], [10, moved('a')]);

  it.each([
    ['ends before it left', 9, 12, 1],
    ['begins when it has left', 10, 12, 0],
  ])('whose time %s is seen to carry it, or not', (_what, from, to, count) => {
    const windows = [{ host: 'one', from: from * 1000, to: to * 1000 }];
    expect(violations(leaves, [], windows)).toHaveLength(count);
  });

  it('is not clear of a server whose move is not confirmed', () => {
    const changes = log(
      [0, here('a', 'one')],
      [1, migration('a', 'pre-migrating')],
      [2, moved('a')],
      [5, migration('a', 'confirmed')],
    );
    const from = 3000;
    expect(violations(changes, [], [{ host: 'one', from, to: 9000 }])).toHaveLength(1);
    expect(violations(changes, [], [{ host: 'one', from: 5000, to: 9000 }])).toEqual([]);
  });
});
