/** A JSON value as Python prints it: Nova quotes what was wrong in that form. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, content]) => `${pythonRepr(key)}: ${pythonRepr(content)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** Nova's sentence about a wrong field. The value is quoted bare, as `str()` in Python does. */
export function invalidInput(field: string, value: unknown, problem: string): string {
  const shown = typeof value === 'string' ? value : pythonRepr(value);
  return `Invalid input for field/attribute ${field}. Value: ${shown}. ${problem}`;
}
