/** A rule cannot be read. The message says what to write instead. */
export class RuleSyntaxError extends Error {
  override readonly name = 'RuleSyntaxError';
  /** Where in the rule, counted from 0. */
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}
