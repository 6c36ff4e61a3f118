import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carryOver, groupedBy, indexOf, type Change } from '../../../src/domain/kept-index.ts';

interface Thing {
  readonly id: string;
  readonly place: string | undefined;
}

const byPlace = ({ place }: Thing) => place;

describe('an index that is kept up', () => {
  it('holds after any changes what a new one would, in the order of the collection', () => {
    const thing = fc.record({
      id: fc.integer({ min: 0, max: 9 }).map(String),
      place: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
    });
    const changes = fc.array(fc.array(thing, { minLength: 1, maxLength: 3 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(thing), changes, (first, steps) => {
        let things: ReadonlyMap<string, Thing> = new Map(first.map((one) => [one.id, one]));
        const index = () => indexOf(things, () => things.values(), byPlace);
        index();
        for (const step of steps) {
          const next = new Map(things);
          const done: Change<Thing>[] = [];
          for (const after of step) {
            done.push({ before: next.get(after.id), after });
            next.set(after.id, after);
          }
          carryOver(things, next, done);
          things = next;
          expect(new Map(index())).toEqual(groupedBy(things.values(), byPlace));
        }
      }),
    );
  });

  it('keeps a list the same object while its values are', () => {
    const things = new Map(
      [
        { id: '1', place: 'a' },
        { id: '2', place: 'b' },
      ].map((one): [string, Thing] => [one.id, one]),
    );
    const before = indexOf(things, () => things.values(), byPlace);
    const changed = { id: '2', place: 'c' };
    const next = new Map(things).set('2', changed);
    carryOver(things, next, [{ before: things.get('2'), after: changed }]);
    const after = indexOf(next, () => next.values(), byPlace);
    expect(after.get('a')).toBe(before.get('a'));
    expect([...after.keys()].sort()).toEqual(['a', 'c']);
  });
});
