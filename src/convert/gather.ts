import { placeText, type Place } from './convert-error.ts';
import { whyLeftOut } from './left-out.ts';
import type { OsloFile, OsloValue } from './oslo-file.ts';
import { targets, type FileKind, type Source, type Target } from './sources.ts';

/** One of our options with its value and where that comes from. */
export interface Carried {
  /** `section.key`. */
  readonly option: string;
  readonly value: string;
  /** What stands behind it as a comment. */
  readonly comment: string;
}

/** An option of Fenix and what became of it, or did not. */
export interface Remark {
  readonly place: Place;
  /** `fenix.conf:12 [section] key: what became of it`. */
  readonly text: string;
}

export interface Gathered {
  readonly carried: readonly Carried[];
  /** Options without a counterpart, or with a value that cannot be taken. */
  readonly leftOut: readonly Remark[];
  /** Options that say something else than one that goes before them. */
  readonly overruled: readonly Remark[];
}

export type FenixFiles = Readonly<Partial<Record<FileKind, OsloFile>>>;

/** `[DEFAULT] port`, as people look it up. */
export const optionText = (section: string, key: string): string => `[${section}] ${key}`;

/** What became of an option, in words. */
export const remark = (place: Place, section: string, key: string, says: string): Remark => ({
  place,
  text: `${placeText(place)} ${optionText(section, key)}: ${says}`,
});

/** Goes through both files. `elsewhere` are the options, `kind section.key`, that the caller looks after. */
export function gather(files: FenixFiles, elsewhere: ReadonlySet<string>): Gathered {
  const carried: Carried[] = [];
  const leftOut: Remark[] = [];
  const overruled: Remark[] = [];
  const seen = new Set(elsewhere);

  for (const target of targets) {
    const found = foundFor(target, files);
    for (const { source } of found) seen.add(nameOf(source));
    const readings = found.map((one) => ({ ...one, reading: one.source.read(one.value) }));
    const usable = readings.flatMap(({ reading, ...one }) =>
      'value' in reading ? [{ ...one, reading }] : [],
    );
    for (const { source, place, reading } of readings) {
      if ('leftOut' in reading) leftOut.push(remark(place, source.section, source.key, reading.leftOut));
    }
    const [winner, ...losers] = usable;
    if (winner === undefined) continue;
    const { source, place, reading } = winner;
    const from = `${placeText(place)} ${optionText(source.section, source.key)}`;
    carried.push({
      option: target.option,
      value: reading.value,
      comment: reading.note === undefined ? from : `${from}; ${reading.note}`,
    });
    for (const loser of losers) {
      if (loser.reading.value === reading.value) continue;
      const says = `says something else; ${target.option} is that of ${from}`;
      overruled.push(remark(loser.place, loser.source.section, loser.source.key, says));
    }
  }

  for (const kind of ['engine', 'api'] as const) {
    for (const { section, key, place } of files[kind]?.entries() ?? []) {
      if (seen.has(`${kind} ${section}.${key}`)) continue;
      leftOut.push(remark(place, section, key, whyLeftOut(section, key)));
    }
  }
  return { carried, leftOut, overruled };
}

/** By file and line, each once: an option of Fenix may have been read for several of ours. */
export function inOrder(remarks: readonly Remark[], { engine, api }: FenixFiles): readonly string[] {
  const byText = new Map(remarks.map((one) => [one.text, one]));
  const files = [engine?.path, api?.path];
  return [...byText.values()]
    .toSorted(
      (a, b) => files.indexOf(a.place.path) - files.indexOf(b.place.path) || a.place.line - b.place.line,
    )
    .map(({ text }) => text);
}

function foundFor({ from }: Target, files: FenixFiles): readonly (OsloValue & { readonly source: Source })[] {
  return from.flatMap((source) => {
    const found = files[source.file]?.get(source.section, source.key);
    return found === undefined ? [] : [{ ...found, source }];
  });
}

const nameOf = ({ file, section, key }: Source): string => `${file} ${section}.${key}`;
