import { describe, expect, test } from 'vitest';
import { parseOsloIni } from '../../../src/convert/parse-oslo-ini.ts';

const read = (text: string) =>
  parseOsloIni(text, 'fenix.conf').map(({ section, key, raw }) => [section, key, raw]);

// What oslo.config 9.0 makes of the same text, run once by hand.
describe('an INI file is read as oslo.config reads it', () => {
  test('a value keeps #, ; and %: only a whole line is a comment', () => {
    expect(read('[DEFAULT]\n# one\n; two\npassword = p#a;s%s # w\n')).toEqual([
      ['DEFAULT', 'password', 'p#a;s%s # w'],
    ]);
  });

  test('the first of = and : ends the key', () => {
    expect(read('[DEFAULT]\na: two = 2\nb=x:y\nc\t=\ttab\n')).toEqual([
      ['DEFAULT', 'a', 'two = 2'],
      ['DEFAULT', 'b', 'x:y'],
      ['DEFAULT', 'c', 'tab'],
    ]);
  });

  test('quotes around a whole value are taken off, others stay', () => {
    expect(read(`[DEFAULT]\na = "x y "\nb = 'it''s'\nc = "\nd = "half\n`)).toEqual([
      ['DEFAULT', 'a', 'x y '],
      ['DEFAULT', 'b', "it''s"],
      ['DEFAULT', 'c', ''],
      ['DEFAULT', 'd', '"half'],
    ]);
  });

  test('indented lines continue a value', () => {
    expect(read('[DEFAULT]\na = one\n  two\n\tthree # x\nb =\n')).toEqual([
      ['DEFAULT', 'a', 'one\ntwo\nthree # x'],
      ['DEFAULT', 'b', ''],
    ]);
  });

  test('sections are DEFAULT or lower case, and Windows line ends do not matter', () => {
    expect(read('[DEFAULT]\r\na = 1\r\n[Service_User]\r\nb = 2\r\n')).toEqual([
      ['DEFAULT', 'a', '1'],
      ['service_user', 'b', '2'],
    ]);
  });

  test.each([
    ['a = 1', 'fenix.conf:1: a stands before the first [section]'],
    ['[DEFAULT]\nnonsense', 'fenix.conf:2: this is neither a comment, a [section] nor "key = value"'],
    ['[DEFAULT]\n= 1', 'fenix.conf:2: there is no key before the "=" or ":"'],
    ['[DEFAULT', 'fenix.conf:1: a section must end with ]'],
    ['[]', 'fenix.conf:1: the section has no name'],
    ['[DEFAULT]\n  a = 1', 'fenix.conf:2: an indented line continues the value above it, and there is none'],
    [
      '[DEFAULT]\na = 1\n\n  two',
      'fenix.conf:4: an indented line continues the value above it, and there is none',
    ],
  ])('%j is refused with file and line', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
