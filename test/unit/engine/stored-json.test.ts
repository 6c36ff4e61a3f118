import { describe, expect, it } from 'vitest';
import { toJson } from '../../../src/engine/stored-json.ts';

describe('stored JSON', () => {
  it.each([
    [{ a: Infinity, b: [1, Infinity], c: { d: Infinity } }],
    [{ text: 'Infinity', other: '1e999', nothing: null, quoted: '"Infinity"' }],
    [Infinity],
    [[0, -1.5, 1e300, true, 'é\u0000']],
  ])('gives back %j as it was', (value) => {
    expect(JSON.parse(toJson(value))).toStrictEqual(value);
  });

  it('leaves out what is undefined, as JSON does', () => {
    expect(JSON.parse(toJson({ a: undefined, b: 1 }))).toStrictEqual({ b: 1 });
  });
});
