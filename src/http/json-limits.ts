/** What JSON can say and the rest of the program, its database and its clients cannot carry. */

export interface JsonProblem {
  readonly message: string;
  /** JSON pointer to the place; undefined where it says nothing. */
  readonly pointer?: string;
}

/**
 * No client nests deeper than 5. What is nested as deep as a megabyte allows overflows the stack of whatever walks it
 * afterwards (`JSON.stringify` of an echoed reply, the Python repr of metadata).
 */
const deepestNesting = 100;

/** PostgreSQL refuses U+0000 in text, and half of a surrogate pair is no character in UTF-8. */
const noText = /[\0\p{Surrogate}]/u;

interface Place {
  readonly value: unknown;
  readonly key: string;
  readonly parent: Place | undefined;
}

/** The first problem in a parsed JSON document; undefined where there is none. */
export function jsonProblem(document: unknown): JsonProblem | undefined {
  // Level by level, since a walk that calls itself would overflow the stack too.
  let level: readonly Place[] = [{ value: document, key: '', parent: undefined }];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepestNesting) return { message: `It is nested deeper than ${deepestNesting} levels.` };
    for (const place of level) {
      const message = problemOf(place);
      if (message !== undefined) return { message, pointer: pointerTo(place) };
    }
    level = level.flatMap(placesWithin);
  }
  return undefined;
}

function problemOf({ key, value }: Place): string | undefined {
  if (noText.test(key) || (typeof value === 'string' && noText.test(value))) {
    return 'Text may not hold U+0000 or half of a surrogate pair.';
  }
  // 1e400 is JSON, and read as infinity.
  return typeof value === 'number' && !Number.isFinite(value) ? 'The number is too large.' : undefined;
}

function placesWithin(parent: Place): readonly Place[] {
  const { value } = parent;
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([key, inner]: [string, unknown]) => ({ key, value: inner, parent }));
}

function pointerTo(place: Place): string {
  const keys: string[] = [];
  for (let at: Place = place; at.parent !== undefined; at = at.parent) keys.unshift(at.key);
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
