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
  /** By how much the clock was set in all. Milliseconds. */
  #shifted = 0;
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

  /** The clock was set by this many milliseconds: what is held is held as long as before. */
  shift(milliseconds: number): void {
    this.#shifted += milliseconds;
    if (this.#heldUntil > 0) this.#heldUntil += milliseconds;
  }

  /** Renews at once: the journal has the lease until a moment of the clock as it was before it was set. */
  renewSoon(): void {
    if (this.#cancel === undefined) return;
    this.#cancel();
    this.#schedule(0);
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
    const reported = this.#heldUntil > 0;
    const lapsed = !this.held;
    const now = this.#clock.now();
    const until = now + leaseSeconds * 1000;
    const shiftedBefore = this.#shifted;
    try {
      const acquired = await this.#journal.acquireLease(this.#sessionId, owner, now, until);
      this.#heldUntil = acquired ? until + this.#shifted - shiftedBefore : 0;
    } catch {
      // The journal cannot be reached: what is left of the lease still counts.
      if (!this.held) this.#heldUntil = 0;
    }
    const after = this.#heldUntil > 0;
    // One that had lapsed and is got back counts as gained: nothing was done in between.
    if (reported !== after || (after && lapsed)) this.#onChange(after);
  }
}
