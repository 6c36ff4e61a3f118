import { ConvertError, type Place } from './convert-error.ts';

/** One `key = value` as it stands in the file: quotes taken off, nothing substituted. */
export interface OsloEntry {
  /** `DEFAULT`, or the section's name in lower case, since oslo.config takes those as the same. */
  readonly section: string;
  readonly key: string;
  readonly raw: string;
  readonly place: Place;
}

/**
 * Reads an INI file as oslo.config 9 does (`oslo_config/iniparser.py`), whose rules differ from other INI readers:
 * a comment is a whole line, so `#`, `;` and `%` inside a value stay; the first of `=` and `:` ends the key; an indented
 * line continues the value above, and a blank or a comment line ends it; quotes around a whole value are taken off.
 * @throws ConvertError for what oslo.config refuses as well, with the line.
 */
export function parseOsloIni(text: string, path: string): readonly OsloEntry[] {
  const entries: OsloEntry[] = [];
  let section: string | undefined;
  let open: { readonly key: string; readonly values: string[]; readonly place: Place } | undefined;

  const close = () => {
    if (open === undefined) return;
    const { key, values, place } = open;
    open = undefined;
    if (section === undefined) throw new ConvertError(place, `${key} stands before the first [section]`);
    entries.push({ section, key, raw: values.join('\n'), place });
  };

  for (const [index, full] of text.split(/\r\n|\r|\n/).entries()) {
    const place: Place = { path, line: index + 1 };
    const line = full.trimEnd();
    if (/^[ \t]/.test(line)) {
      if (open === undefined) {
        throw new ConvertError(place, 'an indented line continues the value above it, and there is none');
      }
      open.values.push(line.trimStart());
      continue;
    }
    close();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    if (line.startsWith('[')) section = sectionName(line, place);
    else open = assignment(line, place);
  }
  close();
  return entries;
}

function sectionName(line: string, place: Place): string {
  if (!line.endsWith(']')) throw new ConvertError(place, 'a section must end with ]');
  const name = line.slice(1, -1);
  if (name === '') throw new ConvertError(place, 'the section has no name');
  return name === 'DEFAULT' ? name : name.toLowerCase();
}

function assignment(line: string, place: Place) {
  const end = line.search(/[:=]/);
  if (end < 0) throw new ConvertError(place, 'this is neither a comment, a [section] nor "key = value"');
  const key = line.slice(0, end).trim();
  if (key === '') throw new ConvertError(place, 'there is no key before the "=" or ":"');
  return { key, values: [unquoted(line.slice(end + 1).trim())], place };
}

function unquoted(value: string): string {
  const [first] = value;
  // A lone quote is taken off too: oslo.config compares the first character with the last.
  return (first === '"' || first === "'") && value.endsWith(first) ? value.slice(1, -1) : value;
}
