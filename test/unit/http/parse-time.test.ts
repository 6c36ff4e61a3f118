import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTime } from '../../../src/http/parse/time.ts';

const halfPastTwo = Date.UTC(2026, 10, 3, 2, 30, 0);

describe('a time in a request', () => {
  it.each([
    ['2026-11-03 02:30:00', halfPastTwo],
    ['2026-11-03T02:30:00', halfPastTwo],
    [' 2026-11-03 02:30:00 ', halfPastTwo],
    ['2026-11-03 02:30:00.25', halfPastTwo + 250],
    ['2026-11-03T02:30:00.000000Z', halfPastTwo],
    ['2026-11-03T02:30:00.9999999', halfPastTwo + 999],
    ['2026-11-03T05:30:00+03:00', halfPastTwo],
    ['2026-11-02 22:30:00-0400', halfPastTwo],
    ['2028-02-29 00:00:00', Date.UTC(2028, 1, 29)],
  ])('is read: %j', (text, milliseconds) => expect(parseTime(text)).toBe(milliseconds));

  it.each([
    '',
    'tomorrow',
    '2026-11-03',
    '02:30:00',
    '2026-11-03 02:30',
    '2026-11-03  02:30:00',
    '2026-11-03t02:30:00',
    '2026-13-03 02:30:00',
    '2026-02-30 02:30:00',
    '2027-02-29 02:30:00',
    '2026-11-31 02:30:00',
    '2026-11-03 25:30:00',
    '2026-11-03 02:60:00',
    '2026-11-03 02:30:60',
    '2026-11-03 02:30:00+25:00',
    '2026-11-03 02:30:00 CET',
    '1793673000',
    '+002026-11-03 02:30:00',
    '２０２６-11-03 02:30:00',
  ])('is not read: %j', (text) => expect(parseTime(text)).toBeUndefined());

  it('is UTC wherever the server stands', () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Asia/Kolkata';
    try {
      expect(new Date(2026, 10, 3).getTimezoneOffset()).toBe(-330);
      expect(parseTime('2026-11-03 02:30:00')).toBe(halfPastTwo);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it('comes back from every time that is written out', () => {
    const whole = fc
      .date({
        min: new Date('0001-01-02T00:00:00Z'),
        max: new Date('9999-12-30T00:00:00Z'),
        noInvalidDate: true,
      })
      .map((date) => date.getTime());
    fc.assert(
      fc.property(
        whole,
        fc.constantFrom(' ', 'T'),
        fc.constantFrom('', 'Z', '+00:00'),
        (time, middle, zone) => {
          const text = new Date(time).toISOString().replace('T', middle).replace('Z', zone);
          expect(parseTime(text)).toBe(time);
        },
      ),
    );
  });
});
