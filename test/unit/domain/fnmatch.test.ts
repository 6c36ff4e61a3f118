import { describe, expect, it } from 'vitest';
import { fnmatch } from '../../../src/domain/fnmatch.ts';
import recorded from './fixtures/python-fnmatch.json' with { type: 'json' };

/** Patterns with the texts that match them. */
type Table = [string, string[]][];

describe('fnmatch', () => {
  it.each(recorded.patterns as Table)('matches with %j what CPython matches', (pattern, matching) => {
    expect(recorded.texts.filter((text) => fnmatch(pattern, text))).toEqual(matching);
  });

  it('agrees with CPython on drawn patterns full of odd sets', () => {
    expect(recorded.drawnPatterns.length).toBeGreaterThan(200);
    for (const [pattern, matching] of recorded.drawnPatterns as Table) {
      expect([pattern, recorded.smallTexts.filter((text) => fnmatch(pattern, text))]).toEqual([
        pattern,
        matching,
      ]);
    }
  });

  it('takes a pattern with many stars in its stride', () => {
    const started = performance.now();
    expect(fnmatch('*a'.repeat(30) + 'b', 'a'.repeat(2000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
