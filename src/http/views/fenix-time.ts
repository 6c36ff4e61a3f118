/** `YYYY-MM-DDTHH:MM:SS.ffffff`, UTC, as Fenix's rows have it (facts 2.4). */
export function fenixTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000');
}

/** The same; null before it has come. */
export function optionalTime(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : fenixTime(milliseconds);
}

/** The time so many seconds after another. */
export function fenixTimeAfter(milliseconds: number, seconds: number): string {
  return fenixTime(Math.round(milliseconds + seconds * 1000));
}
