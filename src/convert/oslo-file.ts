import { ConvertError, type Place } from './convert-error.ts';
import { parseOsloIni, type OsloEntry } from './parse-oslo-ini.ts';

/** An option of a file with its value, everything substituted. */
export interface OsloValue {
  readonly value: string;
  readonly place: Place;
}

/** As oslo.config's template: `$name`, `${name}`, `$group.name`; `$$` stands for one dollar. */
const reference = /\$(?:(\$)|([_a-z][._a-z0-9]*)|\{([_a-z][._a-z0-9]*)\})/gi;

/** A configuration file of Fenix. Of an option that is set more than once the last one counts. */
export class OsloFile {
  readonly path: string;
  readonly #byName: ReadonlyMap<string, OsloEntry>;
  readonly #defaults: Readonly<Record<string, string>>;

  /**
   * `defaults` are those of the program that read the file, by `section.key`, for references to options that are not
   * set in it.
   * @throws ConvertError when the text is no such file.
   */
  constructor(path: string, text: string, defaults: Readonly<Record<string, string>> = {}) {
    this.path = path;
    this.#defaults = defaults;
    this.#byName = new Map(
      parseOsloIni(text, path).map((entry) => [fullName(entry.section, entry.key), entry]),
    );
  }

  /** Every option that is set, in the order of the file. */
  entries(): readonly OsloEntry[] {
    return [...this.#byName.values()].toSorted((a, b) => a.place.line - b.place.line);
  }

  /**
   * The value of an option; undefined when it is not set or set to nothing.
   * @throws ConvertError when it refers to an option that nobody knows, or to itself.
   */
  get(section: string, key: string): OsloValue | undefined {
    const entry = this.#byName.get(fullName(section, key));
    if (entry === undefined) return undefined;
    const value = this.#substitute(entry, []);
    return value === '' ? undefined : { value, place: entry.place };
  }

  #substitute(entry: OsloEntry, inside: readonly OsloEntry[]): string {
    if (inside.includes(entry)) throw new ConvertError(entry.place, `${entry.key} refers to itself`);
    const chain = [...inside, entry];
    return entry.raw
      .replaceAll('\\$', '$$$$')
      .replace(
        reference,
        (_, dollar: string | undefined, bare: string | undefined, braced: string | undefined) =>
          dollar ?? this.#resolve(bare ?? braced ?? '', entry, chain),
      );
  }

  /** In the same section first, then in DEFAULT, as oslo.config does. */
  #resolve(name: string, from: OsloEntry, chain: readonly OsloEntry[]): string {
    const dot = name.indexOf('.');
    const names =
      dot < 0
        ? [fullName(from.section, name), fullName('DEFAULT', name)]
        : [fullName(name.slice(0, dot), name.slice(dot + 1))];
    for (const candidate of names) {
      const entry = this.#byName.get(candidate);
      if (entry !== undefined) return this.#substitute(entry, chain);
      const byDefault = this.#defaults[candidate];
      if (byDefault !== undefined) return byDefault;
    }
    throw new ConvertError(
      from.place,
      `${from.key} refers to $${name}, which is not set in this file (a dollar that is meant as such is written $$)`,
    );
  }
}

function fullName(section: string, key: string): string {
  return `${section === 'DEFAULT' ? section : section.toLowerCase()}.${key}`;
}
