import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedMap } from '../../../src/domain/shared-map.ts';

describe('a map that shares its values with its copies', () => {
  it('holds what a Map holds, in the same order, after any changes', () => {
    const change = fc.record({
      key: fc.integer({ min: 0, max: 80 }).map(String),
      value: fc.integer(),
      isRemoval: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 150 }), (changes) => {
        const expected = new Map<string, number>();
        let map = SharedMap.from<number>([]);
        for (const { key, value, isRemoval } of changes) {
          if (isRemoval) expected.delete(key);
          else expected.set(key, value);
          map = isRemoval ? map.without(key) : map.with(key, value);
        }
        expect([...map]).toEqual([...expected]);
        expect([...map.keys()]).toEqual([...expected.keys()]);
        expect([...map.values()]).toEqual([...expected.values()]);
        expect(map.size).toBe(expected.size);
        for (const key of ['0', '40', '80', 'never']) {
          expect(map.get(key)).toBe(expected.get(key));
          expect(map.has(key)).toBe(expected.has(key));
        }
      }),
    );
  });

  it('stays as it is when a copy changes', () => {
    const map = SharedMap.from([
      ['a', 1],
      ['b', 2],
    ]);
    map.with('a', 10).with('c', 3);
    expect([...map]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(map.has('c')).toBe(false);
    expect(map.get('c')).toBeUndefined();
  });

  it('has copies that add keys of their own, each unseen by the other', () => {
    const map = SharedMap.from([['a', 1]]);
    const one = map.with('b', 2);
    const other = map.with('c', 3).with('d', 4);
    expect([...one]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect([...other]).toEqual([
      ['a', 1],
      ['c', 3],
      ['d', 4],
    ]);
    expect(one.has('c')).toBe(false);
    expect(other.has('b')).toBe(false);
  });

  it('is made of any map, and is itself where it is one already', () => {
    const map = SharedMap.of(new Map([['a', 1]]));
    expect(map.get('a')).toBe(1);
    expect(SharedMap.of(map)).toBe(map);
    const told: unknown[] = [];
    map.forEach((value, key) => told.push([key, value]));
    expect(told).toEqual([['a', 1]]);
  });
});
