import { describe, expect, it } from 'vitest';
import { rememberedFor, rememberedWhile } from '../../../src/domain/remembered-for.ts';

describe('a remembered answer', () => {
  it('is worked out once for each key', () => {
    let worked = 0;
    const sum = rememberedFor((numbers: readonly number[]) => {
      worked++;
      return numbers.reduce((total, one) => total + one, 0);
    });
    const numbers = [1, 2];
    expect([sum(numbers), sum(numbers), sum([3])]).toEqual([3, 3, 3]);
    expect(worked).toBe(2);
  });

  it('is worked out anew when a part that it depends on is another one', () => {
    let worked = 0;
    interface Cloud {
      readonly key: object;
      readonly hosts: readonly string[];
      readonly time: number;
    }
    const count = rememberedWhile(
      ({ key }: Cloud) => key,
      ({ hosts }) => [hosts],
      ({ hosts }) => {
        worked++;
        return hosts.length;
      },
    );
    const key = {};
    const hosts = ['a', 'b'];
    expect(count({ key, hosts, time: 1 })).toBe(2);
    expect(count({ key, hosts, time: 2 })).toBe(2);
    expect(worked).toBe(1);
    expect(count({ key, hosts: ['c'], time: 2 })).toBe(1);
    expect(count({ key: {}, hosts, time: 2 })).toBe(2);
    expect(worked).toBe(3);
  });

  it('tells one list of parts from another that begins with it', () => {
    const count = rememberedWhile(
      ({ key }: { readonly key: object; readonly parts: readonly number[] }) => key,
      ({ parts }) => parts,
      ({ parts }) => parts.length,
    );
    const key = {};
    expect([[1, 2], [1], []].map((parts) => count({ key, parts }))).toEqual([2, 1, 0]);
  });
});
