/**
 * Times as OpenStack prints them: naive UTC, `YYYY-MM-DDTHH:MM:SS` with a fraction where there is one (facts 4.3).
 * Calendar arithmetic is done here because the domain has no `Date` (it would bring the clock with it).
 */

const millisecondsPerDay = 86_400_000;
/** `YYYY-MM-DD`, then `T` or a space, `HH:MM[:SS[.fraction]]`, and a zone: `Z`, `+HH:MM`, `+HHMM`, `+HH` or none. */
const isoTime =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** Milliseconds since 1970 as Python's `datetime.isoformat()` prints them in UTC: no fraction when it is zero. */
export function formatNaiveUtc(milliseconds: number): string {
  const whole = Math.floor(milliseconds / 1000) * 1000;
  return naiveUtc(whole, String(Math.floor(milliseconds) - whole).padStart(3, '0'));
}

/** The same with a space and always six digits of fraction, as oslo.messaging's `timestamp` has it (facts 4.1). */
export function formatOsloTimestamp(milliseconds: number): string {
  const [seconds = '', fraction = ''] = formatNaiveUtc(milliseconds).replace('T', ' ').split('.');
  return `${seconds}.${fraction.padEnd(6, '0')}`;
}

/** An ISO 8601 time with any zone as naive UTC; a time without a zone is UTC already. Undefined if it is no time. */
export function toNaiveUtc(text: string): string | undefined {
  const parsed = parseTime(text);
  return parsed && naiveUtc(parsed.wholeMilliseconds, parsed.fraction);
}

function parseTime(text: string): { wholeMilliseconds: number; fraction: string } | undefined {
  const match = isoTime.exec(text.trim());
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((field: string | undefined) => Number(field ?? '0'));
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const minutes = hour * 60 + minute - zoneMinutes(match[8]);
  const wholeMilliseconds =
    daysSince1970(year, month, day) * millisecondsPerDay + (minutes * 60 + second) * 1000;
  return { wholeMilliseconds, fraction: (match[7] ?? '').slice(0, 6) };
}

function zoneMinutes(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith('-') ? -minutes : minutes;
}

function naiveUtc(wholeMilliseconds: number, fraction: string): string {
  const days = Math.floor(wholeMilliseconds / millisecondsPerDay);
  const secondOfDay = (wholeMilliseconds - days * millisecondsPerDay) / 1000;
  const { year, month, day } = dateOf(days);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const clock = `${two(secondOfDay / 3600)}:${two((secondOfDay % 3600) / 60)}:${two(secondOfDay % 60)}`;
  const shownFraction = Number(fraction) === 0 ? '' : `.${fraction.padEnd(6, '0')}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}${shownFraction}`;
}

function daysInMonth(year: number, month: number): number {
  return month === 12 ? 31 : daysSince1970(year, month + 1, 1) - daysSince1970(year, month, 1);
}

/**
 * Days from 1970-01-01 to a date of the Gregorian calendar. The year is taken to begin in March, so that the leap day
 * is its last, and 400-year cycles of 146097 days are counted (Howard Hinnant's "days from civil").
 */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const cycle = Math.floor(marchYear / 400);
  const yearOfCycle = marchYear - cycle * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfCycle =
    yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100) + dayOfYear;
  return cycle * 146_097 + dayOfCycle - 719_468;
}

/** The way back. */
function dateOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const cycle = Math.floor(shifted / 146_097);
  const dayOfCycle = shifted - cycle * 146_097;
  const yearOfCycle = Math.floor(
    (dayOfCycle -
      Math.floor(dayOfCycle / 1460) +
      Math.floor(dayOfCycle / 36_524) -
      Math.floor(dayOfCycle / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}
