import type { Logger } from 'pino';
import type { Clock, Notification, Notifier } from '../../engine/ports.ts';
import type { Topology } from './broker-connection.ts';
import { BrokerConnection, TopologyMismatch } from './broker-connection.ts';
import type { OsloFormat } from './oslo-message.ts';
import { osloMessage } from './oslo-message.ts';
import type { TransportUrl } from './transport-url.ts';
import { parseTransportUrl } from './transport-url.ts';

export interface OsloOptions extends Omit<Topology, 'routingKey'> {
  /** oslo's `transport_url`. */
  readonly transportUrl: string;
  readonly topic: string;
  readonly format: OsloFormat;
  /** Becomes `_context_<name>` in the message. */
  readonly context: Readonly<Record<string, string>>;
  readonly connectSeconds: number;
  /** A broker that is silent for about twice as long is taken for dead. */
  readonly heartbeatSeconds: number;
  /** The first pause after all brokers were tried; each is twice as long as the one before. */
  readonly firstPauseSeconds: number;
  readonly longestPauseSeconds: number;
}

/** What facts 4.1 tell of Fenix, its context included. */
export const defaultOsloOptions: Omit<OsloOptions, 'transportUrl'> = {
  exchange: 'openstack',
  topic: 'notifications',
  durable: false,
  autoDelete: false,
  quorumQueue: false,
  format: '1.0',
  context: { some: 'context' },
  connectSeconds: 10,
  heartbeatSeconds: 10,
  firstPauseSeconds: 0.2,
  longestPauseSeconds: 5,
};

/** How long a stop waits for the broker's answer to the farewell. */
const farewellMilliseconds = 2000;

export interface OsloNotifierParts {
  readonly clock: Clock;
  readonly logger: Logger;
}

const properties = {
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  deliveryMode: 2,
  priority: 0,
  headers: {},
};

/**
 * Publishes notifications as oslo.messaging's notifier does, for Ceilometer to pick up. One after the other, each
 * confirmed by the broker; while no broker is to be had it tries again, one host of the URL after the other.
 */
export class OsloNotifier implements Pick<Notifier, 'notify' | 'close'> {
  readonly #parts: OsloNotifierParts;
  readonly #options: OsloOptions;
  readonly #url: TransportUrl;
  readonly #closed = new AbortController();
  #broker: BrokerConnection | undefined;
  /** A connection is being made, perhaps for a notification whose caller is gone by now. */
  #opening: Promise<BrokerConnection> | undefined;
  #nextHost = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws TransportUrlInvalid. Connects at the first notification. */
  constructor(parts: OsloNotifierParts, options: Partial<OsloOptions> & Pick<OsloOptions, 'transportUrl'>) {
    this.#parts = parts;
    this.#options = { ...defaultOsloOptions, ...options };
    this.#url = parseTransportUrl(options.transportUrl);
  }

  /**
   * @throws TopologyMismatch when exchange or queue exist with other flags: waiting would not help.
   */
  notify(notification: Notification, signal: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([signal, this.#closed.signal]);
    const { format, context } = this.#options;
    const turn = this.#last.then(async () => {
      ended.throwIfAborted();
      await this.#publish(osloMessage(notification, format, context), notification.messageId, ended);
    });
    this.#last = turn.catch(() => undefined);
    return orAborted(turn, ended);
  }

  /** What waits for the broker is rejected. */
  async close(): Promise<void> {
    this.#closed.abort(new Error('the notifier was closed'));
    await this.#last;
    const broker = this.#broker;
    if (broker === undefined) return;
    const { clock } = this.#parts;
    await new Promise<void>((resolve) => {
      const cancel = clock.at(clock.now() + farewellMilliseconds, resolve);
      void broker.close().then(() => {
        cancel();
        resolve();
      });
    });
  }

  async #publish(body: Buffer, messageId: string, signal: AbortSignal): Promise<void> {
    const { logger } = this.#parts;
    let failures = 0;
    for (;;) {
      try {
        const broker = await orAborted(this.#connected(), signal);
        await orAborted(broker.publish(body, { ...properties }), signal);
        if (failures > 0) logger.info({ messageId, failures }, 'notification published after all');
        return;
      } catch (error) {
        this.#drop();
        signal.throwIfAborted();
        if (error instanceof TopologyMismatch) throw error;
        failures += 1;
        if (failures === 1)
          logger.warn({ err: error, messageId }, 'notification not published yet: trying again');
        // All hosts in a row, then a pause.
        if (failures % this.#url.hosts.length === 0) {
          await this.#pause(failures / this.#url.hosts.length, signal);
        }
      }
    }
  }

  #connected(): Promise<BrokerConnection> {
    if (this.#broker?.isUsable === true) return Promise.resolve(this.#broker);
    this.#drop();
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<BrokerConnection> {
    const { hosts } = this.#url;
    const host = hosts[this.#nextHost % hosts.length];
    if (host === undefined) throw new Error('the transport URL names no host');
    const { topic, connectSeconds, heartbeatSeconds } = this.#options;
    const topology = { ...this.#options, routingKey: `${topic}.info` };
    const seconds = { connect: connectSeconds, heartbeat: heartbeatSeconds };
    // A host that works is used again, after one that does not it is the next one's turn.
    const broker = await BrokerConnection.open(this.#url, host, topology, seconds).catch((error: unknown) => {
      this.#nextHost += 1;
      throw error;
    });
    if (this.#closed.signal.aborted) {
      await broker.close();
      this.#closed.signal.throwIfAborted();
    }
    this.#parts.logger.info({ host: host.hostname, port: host.port }, 'connected to the message broker');
    this.#broker = broker;
    return broker;
  }

  /** Lets go of a connection without waiting: a dead broker does not answer the farewell. */
  #drop(): void {
    void this.#broker?.close();
    this.#broker = undefined;
  }

  #pause(round: number, signal: AbortSignal): Promise<void> {
    const { firstPauseSeconds, longestPauseSeconds } = this.#options;
    const seconds = Math.min(longestPauseSeconds, firstPauseSeconds * 2 ** (round - 1));
    const { clock } = this.#parts;
    let cancel: () => void = () => undefined;
    const pause = new Promise<void>((resolve) => {
      cancel = clock.at(clock.now() + seconds * 1000, resolve);
    });
    return orAborted(pause, signal).finally(() => cancel());
  }
}

/** Rejects with the signal's reason as soon as it aborts, whatever becomes of the promise. */
async function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  aborted.catch(() => undefined);
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
