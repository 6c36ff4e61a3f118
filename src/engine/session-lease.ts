import type { Clock, Journal } from './ports.ts';

/** Who may carry out a session's commands: this engine, as long as it keeps renewing. */
export interface LeaseSettings {
  /** Unique to this process. */
  readonly owner: string;
  /** How long a lease lasts without being renewed: after a crash the next engine waits that long. */
  readonly leaseSeconds: number;
}

/**
 * The right to carry out one session's commands. It is renewed three times in its life; `onChange` tells when it is
 * gained, and when it lapsed or somebody else has it.
 */
export class SessionLease {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #sessionId: string;
  readonly #settings: LeaseSettings;
  readonly #onChange: (held: boolean) => void;
  #heldUntil = 0;
  #cancel: (() => void) | undefined;

  constructor(
    journal: Journal,
    clock: Clock,
    sessionId: string,
    settings: LeaseSettings,
    onChange: (held: boolean) => void,
  ) {
    this.#journal = journal;
    this.#clock = clock;
    this.#sessionId = sessionId;
    this.#settings = settings;
    this.#onChange = onChange;
  }

  get held(): boolean {
    return this.#clock.now() < this.#heldUntil;
  }

  /** Begins to take and renew the lease. */
  start(): void {
    if (this.#cancel === undefined) this.#schedule(0);
  }

  /** Stops renewing, and gives the lease back. */
  async release(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#heldUntil = 0;
    await this.#journal.releaseLease(this.#sessionId, this.#settings.owner);
  }

  #schedule(milliseconds: number): void {
    const cancel = this.#clock.at(this.#clock.now() + milliseconds, () => {
      void this.#renew().finally(() => {
        if (this.#cancel === cancel) this.#schedule((this.#settings.leaseSeconds * 1000) / 3);
      });
    });
    this.#cancel = cancel;
  }

  async #renew(): Promise<void> {
    const { owner, leaseSeconds } = this.#settings;
    const before = this.#heldUntil > 0;
    const now = this.#clock.now();
    const until = now + leaseSeconds * 1000;
    try {
      this.#heldUntil = (await this.#journal.acquireLease(this.#sessionId, owner, now, until)) ? until : 0;
    } catch {
      // The journal cannot be reached: what is left of the lease still counts.
      if (!this.held) this.#heldUntil = 0;
    }
    const after = this.#heldUntil > 0;
    if (before !== after) this.#onChange(after);
  }
}
