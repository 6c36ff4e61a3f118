import { test, type TestContext } from 'vitest';

export interface SituationOptions {
  /** Milliseconds; that of the tier when absent. */
  readonly timeout?: number;
}

/**
 * A test of one odd situation. Its name and sentence stand in docs/situations.md, which
 * `scripts/generate-situations-docs.ts` reads from the call without running it: both must be plain string literals (or
 * sums of them), and the doc comment at the head of the file is the heading that they come under.
 */
export function situation(
  name: string,
  whatHappens: string,
  body: (context: TestContext) => Promise<void> | void,
  { timeout }: SituationOptions = {},
): void {
  test(name, timeout === undefined ? {} : { timeout }, async (context) => {
    // Shown where the test fails: whoever broke it sees what was promised.
    await context.annotate(whatHappens, 'situation');
    await body(context);
  });
}
