import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pythonRepr } from '../../../src/domain/python-repr.ts';
import { parsePythonLiteral, PythonLiteralError } from '../../../src/sdk/index.ts';
import recorded from '../domain/fixtures/python-repr.json' with { type: 'json' };

describe('parsePythonLiteral', () => {
  it.each(recorded.values as [unknown, string][])(
    'gives back %j from what CPython printed',
    (value, text) => {
      expect(parsePythonLiteral(text)).toEqual(value);
    },
  );

  it('undoes the repr of every JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        // Through JSON, since that is how the value got to Python: it has one zero only.
        expect(parsePythonLiteral(pythonRepr(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [`[u'a', u"b's", U'']`, ['a', "b's", '']],
    ['(1, 2.5, -3)', [1, 2.5, -3]],
    ['()', []],
    ['(1,)', [1]],
    ["('a')", 'a'],
    ['[1, 2,]', [1, 2]],
    ["{'a': {1: None, True: False},}", { a: { '1': null, true: false } }],
    ["{'__proto__': 1}", JSON.parse('{"__proto__": 1}')],
    [' [ 1e3 , .5 , 12L , +7 ] ', [1000, 0.5, 12, 7]],
    ['[inf, -inf, nan]', [Infinity, -Infinity, NaN]],
    [String.raw`'\x41\u00e9\U0001f600\101\n\q\''`, "Aé😀A\n\\q'"],
    [String.raw`'\ud83d\ude00'`, '😀'],
  ])('reads %s', (text, value) => {
    expect(parsePythonLiteral(text)).toEqual(value);
  });

  it.each([
    ['', 'a value is expected at character 1'],
    ["['a'", '“,” or “]” is expected at character 5'],
    ["['a' 'b']", '“,” or “]” is expected at character 6'],
    ["['a", 'the text ends within a string at character 4'],
    ["{'a' 1}", '“:” is expected at character 6'],
    ["{'a': 1 'b': 2}", '“,” or “}” is expected at character 9'],
    ["{['a']: 1}", 'a key must not be a list or a dict, at character 7'],
    ["['a'] + ['b']", 'text after the end of the value at character 7'],
    ["__import__('os').system('id')", '“__import__” is a name, not a literal, at character 1'],
    ['toString', '“toString” is a name, not a literal, at character 1'],
    ['12abc', 'a value is expected at character 1'],
    [String.raw`'\x4'`, '2 hexadecimal digits of a character are expected'],
    [String.raw`'\UFFFFFFFF'`, '8 hexadecimal digits of a character are expected'],
    ['['.repeat(100_000), 'nested deeper than 100 levels'],
  ])('refuses %.30s', (text, message) => {
    expect(() => parsePythonLiteral(text)).toThrow(PythonLiteralError);
    expect(() => parsePythonLiteral(text)).toThrow(message);
  });

  it('takes a text of any kind without failing in another way', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from(`[]{}()'",:\\uxU0aN1.-eL `)) }), (text) => {
        try {
          parsePythonLiteral(text);
        } catch (error) {
          expect(error).toBeInstanceOf(PythonLiteralError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
