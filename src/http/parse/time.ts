import { ApiError } from '../api-error.ts';

/** Beyond these a date is a slip of the pen; and neither Python's clients nor SQL take all years that JavaScript does. */
const earliestTime = Date.UTC(1970, 0, 1);
const latestTime = Date.UTC(2100, 0, 1);

const timeForm = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d{1,9})?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Reads a date and time as clients write it: a blank or `T` in the middle, perhaps a fraction, perhaps `Z` or an offset;
 * UTC where it does not say (facts 1.4). Milliseconds since 1970; undefined for anything else, also for a 30 February.
 */
export function parseTime(text: string): number | undefined {
  const match = timeForm.exec(text.trim());
  if (match === null) return undefined;
  const [, date = '', time = '', fraction = '', offset = 'Z'] = match;
  const zone = offset === 'Z' || offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`;
  const milliseconds = Date.parse(`${date}T${time}${fraction.slice(0, 4)}${zone}`);
  if (Number.isNaN(milliseconds)) return undefined;
  // Date.parse takes 30 February for 2 March.
  const day = new Date(`${date}T00:00:00Z`).toISOString().slice(0, date.length);
  return day === date ? milliseconds : undefined;
}

/** The same, of a field of the body. @throws ApiError 422 where it is none, or not between 1970 and 2099 */
export function parseTimeWithin(text: string, pointer: string): number {
  const time = parseTime(text);
  if (time === undefined) {
    const message = `"${text}" is not a date and time: write it as 2026-11-03 02:30:00, in UTC.`;
    throw new ApiError('invalid_request', message, { pointer });
  }
  if (time < earliestTime || time >= latestTime) {
    throw new ApiError('invalid_request', `"${text}" is not between 1970 and 2099.`, { pointer });
  }
  return time;
}
