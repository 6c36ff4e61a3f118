/**
 * Shell-style patterns as Python's fnmatch has them, which is how Ceilometer and Aodh match event types (facts 4.4).
 * Matched without regular expressions: patterns come from users, and this way no pattern can take long.
 */

/** What one place of a pattern accepts; `undefined` is a star. */
type Place = ((codePoint: number) => boolean) | undefined;

/**
 * Does the whole `text` fit `pattern`? Case matters. `*` is any run of characters, `?` any one, `[seq]` one of a set
 * with ranges, `[!seq]` one outside it; a `[` that is never closed stands for itself. No character can be escaped.
 */
export function fnmatch(pattern: string, text: string): boolean {
  const places = parsePattern(Array.from(pattern));
  const characters = Array.from(text, codePointOf);
  let place = 0;
  let at = 0;
  let lastStar = -1;
  let retryAt = 0;
  while (at < characters.length) {
    const accepts = places[place];
    const character = characters[at] ?? 0;
    if (place < places.length && accepts === undefined) {
      lastStar = place;
      retryAt = at;
      place += 1;
    } else if (accepts?.(character) === true) {
      place += 1;
      at += 1;
    } else if (lastStar >= 0) {
      // Only the last star can be made longer with any effect.
      place = lastStar + 1;
      retryAt += 1;
      at = retryAt;
    } else {
      return false;
    }
  }
  while (place < places.length && places[place] === undefined) place += 1;
  return place === places.length;
}

const codePointOf = (character: string): number => character.codePointAt(0) ?? 0;

function parsePattern(pattern: readonly string[]): readonly Place[] {
  const places: Place[] = [];
  let at = 0;
  while (at < pattern.length) {
    const character = pattern[at] ?? '';
    const end = character === '[' ? setEnd(pattern, at + 1) : undefined;
    if (character === '*') {
      places.push(undefined);
    } else if (character === '?') {
      places.push(() => true);
    } else if (end !== undefined) {
      places.push(parseSet(pattern.slice(at + 1, end)));
      at = end;
    } else {
      const wanted = codePointOf(character);
      places.push((codePoint) => codePoint === wanted);
    }
    at += 1;
  }
  return places;
}

/** Where the `]` is that closes a set beginning at `start`. One that comes first is a member of the set. */
function setEnd(pattern: readonly string[], start: number): number | undefined {
  let first = start;
  if (pattern[first] === '!') first += 1;
  if (pattern[first] === ']') first += 1;
  const end = pattern.indexOf(']', first);
  return end < 0 ? undefined : end;
}

/**
 * The inside of a set. Python first cuts it at the hyphens that make ranges, then drops ranges that are upside down;
 * what is left of a hyphen inside a piece stands for itself. Done in the same steps, so that odd sets agree too.
 */
function parseSet(inside: readonly string[]): (codePoint: number) => boolean {
  const negated = inside[0] === '!';
  const pieces = dropEmptyRanges(cutAtRanges(negated ? inside.slice(1) : inside));
  const ranges: [number, number][] = [];
  pieces.forEach((piece, index) => {
    const next = pieces[index + 1];
    piece.forEach((character, position) => {
      const low = codePointOf(character);
      const isRange = position === piece.length - 1 && next !== undefined;
      ranges.push([low, isRange ? codePointOf(next[0] ?? character) : low]);
    });
  });
  const contains = (codePoint: number): boolean =>
    ranges.some(([low, high]) => low <= codePoint && codePoint <= high);
  return (codePoint) => contains(codePoint) !== negated;
}

function cutAtRanges(members: readonly string[]): string[][] {
  const pieces: string[][] = [];
  let start = 0;
  let hyphen = members.indexOf('-', 1);
  while (hyphen >= 0) {
    pieces.push(members.slice(start, hyphen));
    start = hyphen + 1;
    hyphen = members.indexOf('-', hyphen + 3);
  }
  const rest = members.slice(start);
  const last = pieces.at(-1);
  if (rest.length > 0 || last === undefined) pieces.push(rest);
  else last.push('-');
  return pieces;
}

function dropEmptyRanges(pieces: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const kept = [...pieces];
  for (let index = kept.length - 1; index > 0; index -= 1) {
    const before = kept[index - 1] ?? [];
    const after = kept[index] ?? [];
    if (codePointOf(before.at(-1) ?? '') > codePointOf(after[0] ?? '')) {
      kept.splice(index - 1, 2, [...before.slice(0, -1), ...after.slice(1)]);
    }
  }
  return kept;
}
