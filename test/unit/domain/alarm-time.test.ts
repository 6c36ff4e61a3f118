import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNaiveUtc, formatOsloTimestamp, toNaiveUtc } from '../../../src/domain/alarm-time.ts';

const anyTime = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2400, 11, 31) });

describe('times of events', () => {
  it('agree with the calendar of JavaScript', () => {
    fc.assert(
      fc.property(anyTime, (milliseconds) => {
        const expected = new Date(milliseconds).toISOString().replace(/(\.000)?Z$/, '');
        expect(formatNaiveUtc(milliseconds)).toBe(expected.replace(/(\.\d{3})$/, '$1000'));
      }),
      { numRuns: 2000 },
    );
  });

  it('read back what they print, with and without a zone', () => {
    fc.assert(
      fc.property(anyTime, fc.integer({ min: -12 * 60, max: 14 * 60 }), (milliseconds, offset) => {
        const local = formatNaiveUtc(milliseconds + offset * 60_000);
        const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
        const two = (value: number) => String(value).padStart(2, '0');
        const zone = `${offset < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
        expect(toNaiveUtc(local + zone)).toBe(formatNaiveUtc(milliseconds));
        expect(toNaiveUtc(formatNaiveUtc(milliseconds))).toBe(formatNaiveUtc(milliseconds));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['2026-11-03 02:20:12', '2026-11-03T02:20:12'],
    ['2026-11-03T02:20:12Z', '2026-11-03T02:20:12'],
    ['2026-11-03 02:20:12.482913', '2026-11-03T02:20:12.482913'],
    ['2026-11-03T02:20:12.5+02:00', '2026-11-03T00:20:12.500000'],
    ['2026-11-03T02:20:12+0230', '2026-11-02T23:50:12'],
    ['2024-02-29T23:59:59-01', '2024-03-01T00:59:59'],
    ['2026-11-03T02:20', '2026-11-03T02:20:00'],
  ])('take %s for %s', (text, expected) => {
    expect(toNaiveUtc(text)).toBe(expected);
  });

  it.each(['', 'soon', '2026-13-01T00:00:00', '2026-02-29T00:00:00', '2026-01-01T24:00:00', '2026-01-01'])(
    'are not found in %j',
    (text) => {
      expect(toNaiveUtc(text)).toBeUndefined();
    },
  );

  it('have six digits of fraction on the bus', () => {
    expect(formatOsloTimestamp(Date.UTC(2026, 10, 3, 2, 20, 12, 482))).toBe('2026-11-03 02:20:12.482000');
    expect(formatOsloTimestamp(Date.UTC(2026, 10, 3, 2, 20, 12))).toBe('2026-11-03 02:20:12.000000');
  });
});
