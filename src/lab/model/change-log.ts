import type { TaskState, VmState } from './types.ts';

/** What happened in the cloud. */
export type ChangeDetail =
  | { readonly type: 'server.created'; readonly serverId: string; readonly name: string }
  | {
      readonly type: 'server.state';
      readonly serverId: string;
      readonly name: string;
      readonly status: string;
      readonly vmState: VmState;
      readonly taskState: TaskState | null;
      readonly host: string | null;
    }
  | {
      readonly type: 'server.moved';
      readonly serverId: string;
      readonly name: string;
      readonly from: string;
      readonly to: string;
      readonly how: 'cold' | 'live' | 'revert';
    }
  | {
      readonly type: 'server.deleted';
      readonly serverId: string;
      readonly name: string;
      readonly host: string | null;
    }
  | {
      readonly type: 'migration';
      readonly serverId: string;
      readonly migration: string;
      readonly status: string;
      readonly from: string;
      readonly to: string | null;
    }
  | { readonly type: 'host.closed'; readonly host: string; readonly reason: string | null }
  | { readonly type: 'host.opened'; readonly host: string }
  | { readonly type: 'host.down'; readonly host: string }
  | { readonly type: 'host.up'; readonly host: string }
  | { readonly type: 'fault'; readonly faultId: string; readonly kind: string; readonly subject: string };

/** One entry of the log: what happened, when (milliseconds since 1970), and in which order. */
export type Change = ChangeDetail & { readonly sequence: number; readonly at: number };

/** Entries that are kept; a lab that runs for days must not grow for ever. */
const kept = 20_000;

/** Everything that changed, in order, for tests and for whoever wants to show it. */
export class ChangeLog {
  readonly #now: () => number;
  readonly #entries: Change[] = [];
  readonly #listeners = new Set<(change: Change) => void>();
  #sequence = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  record(detail: ChangeDetail): void {
    this.#sequence += 1;
    const change: Change = { ...detail, sequence: this.#sequence, at: this.#now() };
    this.#entries.push(change);
    if (this.#entries.length > kept) this.#entries.shift();
    for (const listener of this.#listeners) listener(change);
  }

  /** The changes after sequence `after` (0 for all that are kept), oldest first. */
  since(after = 0): readonly Change[] {
    return this.#entries.filter((entry) => entry.sequence > after);
  }

  /** Calls `listener` for each change from now on. Returns what ends it. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
