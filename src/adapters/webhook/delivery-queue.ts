import type { Logger } from 'pino';
import type { AlarmDelivery } from '../../domain/alarm.ts';
import type { AlarmStore, Clock } from '../../engine/ports.ts';
import type { PostOutcome } from './post-once.ts';
import { Slots } from './slots.ts';

export interface DeliveryOptions {
  /** The first pause before another attempt; each is twice as long as the one before. Seconds. */
  readonly firstPauseSeconds: number;
  readonly longestPauseSeconds: number;
  /** How often a delivery is tried at most. */
  readonly attempts: number;
  /** A delivery older than this is not tried again. Seconds. */
  readonly giveUpSeconds: number;
  /** How many posts are under way at once. */
  readonly parallelPosts: number;
  /** How long a stop waits for answers to requests that are sent. Seconds. */
  readonly closeSeconds: number;
}

export interface DeliveryQueueParts {
  readonly store: Pick<AlarmStore, 'get' | 'finishDelivery'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly post: (delivery: AlarmDelivery, signal: AbortSignal) => Promise<PostOutcome>;
}

/** Statuses with which proxies and busy servers say that the request did not get through. */
const notReceived = [429, 502, 503, 504];
/** The connection ended before an answer began: the receiver died over it. */
const connectionLost = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

/**
 * Makes stored deliveries: for one target of one alarm in order, one after the other; all others side by side. A
 * receiver that answered anything else than `notReceived` has received it (Doctor's answer 500 when they raise, and
 * Aodh does not look at the status at all). So has one that takes longer to answer than we wait: Doctor scales in
 * before it answers, and would scale in twice. A receiver that died over the request is told again.
 */
export class DeliveryQueue {
  readonly #parts: DeliveryQueueParts;
  readonly #options: DeliveryOptions;
  readonly #slots: Slots;
  readonly #lanes = new Map<string, { readonly waiting: AlarmDelivery[]; readonly done: Promise<void> }>();
  readonly #stop = new AbortController();
  readonly #cutOff = new AbortController();

  constructor(parts: DeliveryQueueParts, options: DeliveryOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#slots = new Slots(options.parallelPosts);
  }

  /** Takes stored deliveries, in their order. Returns at once. */
  add(deliveries: readonly AlarmDelivery[]): void {
    if (this.#stop.signal.aborted) return;
    for (const delivery of deliveries) {
      const key = JSON.stringify([delivery.alarmId, delivery.target]);
      const lane = this.#lanes.get(key);
      if (lane === undefined) {
        const waiting = [delivery];
        this.#lanes.set(key, { waiting, done: this.#run(key, waiting) });
      } else {
        lane.waiting.push(delivery);
      }
    }
  }

  /** Begins nothing new, waits a while for answers that are due, and leaves the rest in the store. */
  async close(): Promise<void> {
    this.#stop.abort();
    const { clock } = this.#parts;
    const cancel = clock.at(clock.now() + this.#options.closeSeconds * 1000, () => this.#cutOff.abort());
    await Promise.all([...this.#lanes.values()].map(({ done }) => done));
    cancel();
  }

  async #run(key: string, waiting: AlarmDelivery[]): Promise<void> {
    for (let next = waiting[0]; next !== undefined && !this.#stop.signal.aborted; next = waiting[0]) {
      try {
        await this.#deliver(next);
      } catch (error) {
        const { alarmId, messageId } = next;
        this.#parts.logger.error(
          { err: error, alarmId, messageId },
          'an alarm delivery could not be recorded',
        );
      }
      waiting.shift();
    }
    this.#lanes.delete(key);
  }

  async #deliver(delivery: AlarmDelivery): Promise<void> {
    const { store, clock, logger, post } = this.#parts;
    const { alarmId, messageId, target } = delivery;
    // Only the host: a path or a query may hold a key of the receiver's.
    const log = logger.child({ alarmId, messageId, host: new URL(target).host });
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#slots.use(() => post(delivery, this.#cutOff.signal), this.#stop.signal);
      if (outcome === undefined || (outcome.kind === 'failed' && this.#cutOff.signal.aborted)) return;
      const summary = outcome.kind === 'answered' ? { status: outcome.status } : { err: outcome.error };
      if (outcome.kind === 'refused') {
        log.warn(summary, 'alarm not delivered: its target is not allowed');
        break;
      }
      if (!isWorthRepeating(outcome)) {
        if (outcome.kind === 'failed') log.warn(summary, 'alarm posted, with no answer');
        else if (outcome.status < 300) log.debug(summary, 'alarm delivered');
        else log.warn(summary, 'alarm delivered, and the receiver answered with an error');
        break;
      }
      const tooOld = clock.now() - delivery.createdAt >= this.#options.giveUpSeconds * 1000;
      if (attempt >= this.#options.attempts || tooOld) {
        log.warn({ ...summary, attempt }, 'alarm not delivered: giving up');
        break;
      }
      if (attempt === 1) log.warn(summary, 'alarm not delivered yet: trying again');
      await this.#pause(attempt);
      if (this.#stop.signal.aborted) return;
      if ((await store.get(alarmId)) === undefined) return;
    }
    await store.finishDelivery(delivery.id);
  }

  /** Until the next attempt is due, or the queue is closed. */
  #pause(attempt: number): Promise<void> {
    const { firstPauseSeconds, longestPauseSeconds } = this.#options;
    const seconds = Math.min(longestPauseSeconds, firstPauseSeconds * 2 ** (attempt - 1));
    const { clock } = this.#parts;
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = clock.at(clock.now() + seconds * 1000, finish);
      signal.addEventListener('abort', finish, { once: true });
      if (signal.aborted) finish();
    });
  }
}

function isWorthRepeating(outcome: Exclude<PostOutcome, { kind: 'refused' }>): boolean {
  if (outcome.kind === 'answered') return notReceived.includes(outcome.status);
  return !outcome.sent || connectionLost.includes((outcome.error as NodeJS.ErrnoException).code ?? '');
}
