import { describe, expect, test } from 'vitest';
import { OsloFile } from '../../../src/convert/oslo-file.ts';

const open = (text: string) => new OsloFile('fenix.conf', text, { 'DEFAULT.port': '5000' });

describe('an option of a file of Fenix', () => {
  test('has the value that was set last, and its line', () => {
    const file = open('[DEFAULT]\nhost = one\nhost = two\n[DEFAULT]\nhost = three\n');
    expect(file.get('DEFAULT', 'host')).toEqual({ value: 'three', place: { path: 'fenix.conf', line: 5 } });
  });

  test('is not set when nothing stands behind it', () => {
    expect(open('[DEFAULT]\nhost =\n').get('DEFAULT', 'host')).toBeUndefined();
  });

  test('may refer to others: of its section first, then of DEFAULT, of another section, and to a default', () => {
    const file = open(
      '[DEFAULT]\nhost = h\nname = of-default\n[a]\nname = of-a\nurl = http://$host:${port}/${name}/$b.key\n[b]\nkey = of-b\n',
    );
    expect(file.get('a', 'url')?.value).toBe('http://h:5000/of-a/of-b');
  });

  test('may hold a dollar: doubled, behind a backslash, or before what is no name', () => {
    expect(open('[DEFAULT]\na = 1$$x\\$y$9$\n').get('DEFAULT', 'a')?.value).toBe('1$x$y$9$');
  });

  test('that refers to nothing is an error, which does not show the value', () => {
    expect(() => open('[DEFAULT]\npassword = pa$word\n').get('DEFAULT', 'password')).toThrow(
      'fenix.conf:2: password refers to $word, which is not set in this file (a dollar that is meant as such is written $$)',
    );
  });

  test('that refers to itself is an error', () => {
    expect(() => open('[DEFAULT]\na = $b\nb = $a\n').get('DEFAULT', 'a')).toThrow(
      'fenix.conf:2: a refers to itself',
    );
  });
});
