/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** The option, or several that contradict each other, each with where it was set: `server.port (FENIX_SERVER_PORT)`. */
  readonly where: string;
  /** What is wrong and what is allowed. */
  readonly says: string;
}

/** The configuration cannot be used. The message names everything that is wrong with it, and no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    const lines = problems.map(({ where, says }) => `\n  - ${where}: ${says}`);
    super(`the configuration cannot be used:${lines.join('')}`, options);
    this.problems = problems;
  }
}
