/**
 * Python 3's `repr` of JSON values: the form in which lists and objects reach applications through Ceilometer and Aodh
 * (facts 4.3), and that clients parse as YAML or evaluate as Python (facts 4.5).
 */

/** Escapes with a name of their own; every other unprintable character is written by its number. */
const namedEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** What Python does not print: control, format, surrogate, private and unassigned characters, and odd spaces. */
const unprintable = /[\p{C}\p{Z}]/u;

/**
 * The text that Python prints for a value after it went through JSON. A property that is `undefined` is left out, as
 * JSON does. An integral number is an integer, since JSON text made here writes it without a fraction.
 * @throws TypeError for what JSON has no form for (a function, a symbol).
 */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
      return value.toString();
    case 'number':
      return numberRepr(value);
    case 'string':
      return stringRepr(value);
    case 'object':
      if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
      return `{${Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => `${stringRepr(name)}: ${pythonRepr(member)}`)
        .join(', ')}}`;
    default:
      throw new TypeError(`a ${typeof value} has no Python form; only JSON values have`);
  }
}

/** Python's `str`: text as it is, everything else as its repr. */
export function pythonStr(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = Array.from(text, (character) => {
    if (character === quote) return `\\${character}`;
    return (
      namedEscapes[character] ??
      (character !== ' ' && unprintable.test(character) ? numberedEscape(character) : character)
    );
  });
  return `${quote}${escaped.join('')}${quote}`;
}

function numberedEscape(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  const digits = codePoint.toString(16);
  if (codePoint <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  if (codePoint <= 0xffff) return `\\u${digits.padStart(4, '0')}`;
  return `\\U${digits.padStart(8, '0')}`;
}

/** Both languages print the shortest digits that mean the number; they differ in when and how they write exponents. */
function numberRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  // JSON text carries integers up to 1e21 as digits (an int in Python), larger ones with an exponent (a float).
  if (Number.isInteger(value) && Math.abs(value) < 1e21)
    return BigInt(value).toString() === '0' ? '0' : String(value);
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 16) return String(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
