/**
 * Reads the text of a Python literal, which is how Ceilometer prints lists and objects in an alarm (facts 4.3): what
 * Tacker does with `eval` and Doctor with a YAML parser (facts 4.5), without running anything.
 */

/** What a literal means, in JSON's terms: a tuple is a list, `None` is null, a dict is an object. */
export type PythonValue = null | boolean | number | string | PythonValue[] | { [name: string]: PythonValue };

/** The text is not a Python literal. `position` counts UTF-16 units from 0. */
export class PythonLiteralError extends Error {
  override readonly name = 'PythonLiteralError';
  readonly position: number;
  constructor(message: string, position: number) {
    super(`${message} at character ${position + 1}`);
    this.position = position;
  }
}

/** Deeper nesting than any message has, and far from the depth at which a hostile text exhausts the stack. */
const maximumDepth = 100;

const simpleEscapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Escapes by number: how many hexadecimal digits follow. */
const numberedEscapes: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const words: Readonly<Record<string, PythonValue>> = {
  None: null,
  True: true,
  False: false,
  nan: NaN,
  inf: Infinity,
};

/**
 * The value that a Python literal means: strings (both quotes, escapes, the prefix `u` of Python 2), numbers, `True`,
 * `False`, `None`, lists, tuples and dicts. Keys of a dict that are no strings become strings, as in JSON.
 * @throws PythonLiteralError for anything else, names and calls above all
 */
export function parsePythonLiteral(text: string): PythonValue {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class LiteralReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): PythonValue {
    if (depth > maximumDepth) throw this.#error(`nested deeper than ${maximumDepth} levels`);
    this.#skipSpace();
    const string = this.#match(/[uU]?(['"])/y);
    if (string) return this.#string(string[1] ?? '');
    if (this.#take('[')) return this.#items(']', depth).values;
    if (this.#take('(')) return this.#tuple(depth);
    if (this.#take('{')) return this.#dict(depth);
    const number = this.#match(/[+-]?(?:inf|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)L?(?!\w)/y);
    if (number) return Number(number[0].replace(/L$/, '').replace('inf', 'Infinity'));
    const word = this.#match(/[A-Za-z_]\w*/y)?.[0];
    if (word !== undefined && Object.hasOwn(words, word)) return words[word] ?? null;
    if (word !== undefined) throw this.#error(`“${word}” is a name, not a literal,`, word.length);
    throw this.#error('a value is expected');
  }

  end(): void {
    this.#skipSpace();
    if (this.#position < this.#text.length) throw this.#error('text after the end of the value');
  }

  #tuple(depth: number): PythonValue {
    const { values, trailingComma } = this.#items(')', depth);
    // Brackets around one value without a comma only group it.
    const [only] = values;
    return values.length === 1 && !trailingComma && only !== undefined ? only : values;
  }

  #items(end: string, depth: number): { values: PythonValue[]; trailingComma: boolean } {
    const values: PythonValue[] = [];
    let trailingComma = false;
    for (;;) {
      this.#skipSpace();
      if (this.#take(end)) return { values, trailingComma };
      if (values.length > 0 && !trailingComma) throw this.#error(`“,” or “${end}” is expected`);
      values.push(this.value(depth + 1));
      this.#skipSpace();
      trailingComma = this.#take(',');
    }
  }

  #dict(depth: number): PythonValue {
    const entries: [string, PythonValue][] = [];
    for (let separated = true; ;) {
      this.#skipSpace();
      // fromEntries defines own properties, so a key `__proto__` is a key like any other.
      if (this.#take('}')) return Object.fromEntries(entries);
      if (!separated) throw this.#error('“,” or “}” is expected');
      const key = this.value(depth + 1);
      if (key !== null && typeof key === 'object') throw this.#error('a key must not be a list or a dict,');
      this.#skipSpace();
      if (!this.#take(':')) throw this.#error('“:” is expected');
      entries.push([String(key), this.value(depth + 1)]);
      this.#skipSpace();
      separated = this.#take(',');
    }
  }

  #string(quote: string): string {
    let result = '';
    for (;;) {
      const character = this.#text[this.#position];
      if (character === undefined) throw this.#error('the text ends within a string');
      this.#position += 1;
      if (character === quote) return result;
      result += character === '\\' ? this.#escape() : character;
    }
  }

  #escape(): string {
    const letter = this.#text[this.#position];
    if (letter === undefined) throw this.#error('the text ends within a string');
    const octal = this.#match(/[0-7]{1,3}/y);
    if (octal) return String.fromCodePoint(parseInt(octal[0], 8));
    this.#position += 1;
    const digits = numberedEscapes[letter];
    if (digits !== undefined) return this.#numberedEscape(digits);
    // Python leaves a backslash before any other character where it is.
    return simpleEscapes[letter] ?? `\\${letter}`;
  }

  #numberedEscape(digits: number): string {
    const hexadecimal = this.#match(/[0-9a-fA-F]+/y, digits)?.[0];
    const codePoint = hexadecimal?.length === digits ? parseInt(hexadecimal, 16) : Infinity;
    if (codePoint > 0x10ffff) throw this.#error(`${digits} hexadecimal digits of a character are expected`);
    return String.fromCodePoint(codePoint);
  }

  #skipSpace(): void {
    this.#match(/\s*/y);
  }

  #take(character: string): boolean {
    if (this.#text[this.#position] !== character) return false;
    this.#position += 1;
    return true;
  }

  /** Matches a sticky pattern here, within the next `length` characters if given, and goes on behind it. */
  #match(pattern: RegExp, length?: number): RegExpExecArray | null {
    const end = length === undefined ? this.#text.length : this.#position + length;
    pattern.lastIndex = this.#position;
    const match = pattern.exec(end < this.#text.length ? this.#text.slice(0, end) : this.#text);
    if (match) this.#position += match[0].length;
    return match;
  }

  #error(message: string, back = 0): PythonLiteralError {
    return new PythonLiteralError(message, this.#position - back);
  }
}
