import { describe, expect, it } from 'vitest';
import { pythonRepr, pythonStr } from '../../../src/domain/python-repr.ts';
import recorded from './fixtures/python-repr.json' with { type: 'json' };

describe('pythonRepr', () => {
  it.each(recorded.values as [unknown, string][])('of %j is what CPython prints', (value, expected) => {
    expect(pythonRepr(value)).toBe(expected);
  });

  it('writes half of a surrogate pair by its number', () => {
    expect(pythonRepr('\ud800 lone')).toBe("'\\ud800 lone'");
  });

  it('leaves out undefined properties, as JSON does', () => {
    expect(pythonRepr({ a: undefined, b: [undefined] })).toBe("{'b': [None]}");
  });

  it('takes negative zero for the zero that JSON makes of it', () => {
    expect(pythonRepr(-0)).toBe('0');
  });

  it('refuses what is not JSON', () => {
    expect(() => pythonRepr({ f: () => 1 })).toThrow(TypeError);
  });
});

describe('pythonStr', () => {
  it('leaves text alone and prints the rest as repr', () => {
    expect(pythonStr("it's")).toBe("it's");
    expect(pythonStr(["it's"])).toBe(`["it's"]`);
    expect(pythonStr(50)).toBe('50');
  });
});
