import { readFileSync } from 'node:fs';
import { connect } from 'amqplib';
import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import type { TransportHost, TransportUrl } from './transport-url.ts';

/** How the site declares exchange and queue; RabbitMQ refuses a declaration that differs. */
export interface Topology {
  readonly exchange: string;
  /** Queue, and the key that it is bound with. */
  readonly routingKey: string;
  /** oslo's `amqp_durable_queues`. */
  readonly durable: boolean;
  /** oslo's `amqp_auto_delete`. */
  readonly autoDelete: boolean;
  /** oslo's `rabbit_quorum_queue`. */
  readonly quorumQueue: boolean;
}

/** Exchange or queue exist with other flags than ours: nothing helps but another configuration. */
export class TopologyMismatch extends Error {
  override readonly name = 'TopologyMismatch';
}

/** The message came back: no queue is bound any more. */
class Unroutable extends Error {
  override readonly name = 'Unroutable';
}

const preconditionFailed = 406;

/** A connection to one broker with a channel that confirms, and exchange, queue and binding declared on it. */
export class BrokerConnection {
  readonly #connection: ChannelModel;
  readonly #channel: ConfirmChannel;
  readonly #topology: Topology;
  /** Why the connection or channel is of no use any more. */
  #failure: Error | undefined;
  /** How many messages came back. */
  #returned = 0;

  private constructor(connection: ChannelModel, channel: ConfirmChannel, topology: Topology) {
    this.#connection = connection;
    this.#channel = channel;
    this.#topology = topology;
    const fail = (error?: Error): void => {
      this.#failure ??= error ?? new Error('the connection was closed');
    };
    connection.on('error', fail).on('close', fail);
    channel.on('error', fail).on('close', () => fail());
    channel.on('return', () => {
      this.#returned += 1;
    });
  }

  /** @throws TopologyMismatch, or whatever the network and the broker say. */
  static async open(
    url: TransportUrl,
    host: TransportHost,
    topology: Topology,
    seconds: { readonly connect: number; readonly heartbeat: number },
  ): Promise<BrokerConnection> {
    const connection = await connect(
      {
        protocol: url.tls ? 'amqps' : 'amqp',
        hostname: host.hostname,
        ...(host.port === undefined ? {} : { port: host.port }),
        username: host.username,
        password: host.password,
        // amqplib decodes it once more.
        vhost: encodeURIComponent(url.virtualHost),
        heartbeat: seconds.heartbeat,
      },
      {
        timeout: seconds.connect * 1000,
        noDelay: true,
        clientProperties: { connection_name: 'fenix' },
        ...tlsFiles(url),
      },
    );
    // Without a listener an error of the connection would end the process.
    connection.on('error', () => undefined);
    try {
      const channel = await connection.createConfirmChannel();
      channel.on('error', () => undefined);
      const opened = new BrokerConnection(connection, channel, topology);
      await declare(channel, topology);
      return opened;
    } catch (error) {
      await connection.close().catch(() => undefined);
      throw error;
    }
  }

  get isUsable(): boolean {
    return this.#failure === undefined;
  }

  /** Returns once the broker has taken the message over and put it into a queue. One call at a time. */
  async publish(body: Buffer, properties: Options.Publish): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const returnedBefore = this.#returned;
    const { exchange, routingKey } = this.#topology;
    await new Promise<void>((resolve, reject) => {
      // Returned messages come before their confirmation.
      this.#channel.publish(
        exchange,
        routingKey,
        body,
        { ...properties, mandatory: true },
        (error: unknown) => {
          if (error === null || error === undefined) resolve();
          else reject(this.#failure ?? new Error('the broker did not take the message', { cause: error }));
        },
      );
    });
    if (this.#returned > returnedBefore)
      throw new Unroutable(`no queue is bound to ${exchange} for ${routingKey} any more`);
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#failure ??= new Error('closed');
    await this.#connection.close().catch(() => undefined);
  }
}

/**
 * Declares the queue too: consumers such as Ceilometer's listen on a queue of this name and not on our exchange, and a
 * message that comes before any of them is kept (facts 4.1).
 */
async function declare(channel: ConfirmChannel, topology: Topology): Promise<void> {
  const { exchange, routingKey, durable, autoDelete, quorumQueue } = topology;
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== preconditionFailed) throw error;
      throw new TopologyMismatch(
        `RabbitMQ has the ${what} with other flags than ours (durable ${durable}, auto delete ${autoDelete}, ` +
          `quorum queue ${quorumQueue}): set notifications.durable_exchange, auto_delete_exchange and quorum_queue ` +
          `as the other services of the site have amqp_durable_queues, amqp_auto_delete and rabbit_quorum_queue. It says: ${(error as Error).message}`,
        { cause: error },
      );
    }
  };
  await attempt(`exchange "${exchange}"`, () =>
    channel.assertExchange(exchange, 'topic', { durable, autoDelete }),
  );
  await attempt(`queue "${routingKey}"`, () =>
    channel.assertQueue(routingKey, {
      // Quorum queues are always durable.
      durable: durable || quorumQueue,
      autoDelete,
      exclusive: false,
      ...(quorumQueue ? { arguments: { 'x-queue-type': 'quorum' } } : {}),
    }),
  );
  await channel.bindQueue(routingKey, exchange, routingKey);
}

function tlsFiles(url: TransportUrl): Record<string, Buffer> {
  const files = { ca: url.caFile, cert: url.certificateFile, key: url.keyFile };
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, path]) => (path === undefined ? [] : [[name, readFileSync(path)]])),
  );
}
