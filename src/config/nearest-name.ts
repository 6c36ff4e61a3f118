/** The known name that is most like a mistyped one; undefined when none is close. */
export function nearestName(mistyped: string, known: readonly string[]): string | undefined {
  const scored = known.map((name) => ({ name, distance: editDistance(mistyped, name) }));
  const [best] = scored.toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(2, mistyped.length / 4) ? best.name : undefined;
}

/** How many letters must be added, removed or replaced (Levenshtein). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 0; row < a.length; row += 1) {
    const current = [row + 1];
    for (let column = 1; column <= b.length; column += 1) {
      const left = current[column - 1] ?? 0;
      const above = previous[column] ?? 0;
      const diagonal = previous[column - 1] ?? 0;
      current.push(Math.min(left + 1, above + 1, diagonal + (a[row] === b[column - 1] ? 0 : 1)));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
