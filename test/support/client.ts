/** What docs/clients.md tells of a client that others wrote; each test file of one says it once, at its top. */
export interface ClientFacts {
  readonly name: string;
  /** Which of its versions was played or run. */
  readonly version: string;
  /** What of it was run, and how. */
  readonly ran: string;
  /** What it spoke to. */
  readonly against: string;
  /** What its users should know of how it went; it just works when absent. */
  readonly result?: string;
}

/** Says which client a test file is about. docs/clients.md is generated from these calls, without running them. */
export function client(facts: ClientFacts): ClientFacts {
  return facts;
}
