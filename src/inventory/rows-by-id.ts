/** Rows of the same id together, in the order in which they came. */
export function rowsById<Row extends { readonly id: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, readonly Row[]> {
  const byId = new Map<string, Row[]>();
  for (const row of rows) {
    const ofOneId = byId.get(row.id);
    if (ofOneId === undefined) byId.set(row.id, [row]);
    else ofOneId.push(row);
  }
  return byId;
}
