import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import type { ChannelModel, ConsumeMessage } from 'amqplib';
import { parseTransportUrl } from '../../src/adapters/rabbitmq/transport-url.ts';

/** The broker of scripts/services/with-rabbitmq.sh. */
export function testBrokerUrl(): string {
  const url = process.env.FENIX_TEST_RABBITMQ_URL;
  if (url === undefined || url === '') {
    throw new Error('FENIX_TEST_RABBITMQ_URL is not set: run scripts/services/with-rabbitmq.sh vitest ...');
  }
  return url;
}

/** Runs the command that `FENIX_TEST_RABBITMQ_<what>` holds. */
export async function controlBroker(what: 'STOP' | 'START' | 'RESTART'): Promise<void> {
  const command = process.env[`FENIX_TEST_RABBITMQ_${what}`];
  if (command === undefined) throw new Error(`FENIX_TEST_RABBITMQ_${what} is not set`);
  await promisify(execFile)('bash', ['-c', command]);
}

/** A plain connection of amqplib to the test broker. */
export async function connectToTestBroker(): Promise<ChannelModel> {
  const { hosts, virtualHost } = parseTransportUrl(testBrokerUrl());
  const [host] = hosts;
  if (host === undefined) throw new Error('FENIX_TEST_RABBITMQ_URL names no host');
  const connection = await connect({ ...host, vhost: encodeURIComponent(virtualHost) });
  connection.on('error', () => undefined);
  return connection;
}

/** Removes what a test declared, so that the next one may declare it with other flags. */
export async function removeTopology(exchanges: readonly string[], queues: readonly string[]): Promise<void> {
  const connection = await connectToTestBroker();
  const channel = await connection.createChannel();
  for (const queue of queues) await channel.deleteQueue(queue);
  for (const exchange of exchanges) await channel.deleteExchange(exchange);
  await connection.close();
}

export interface TestConsumer {
  readonly messages: readonly ConsumeMessage[];
  close(): Promise<void>;
}

/** Consumes a queue that exists, as Ceilometer's agent does; messages are acknowledged. */
export async function consume(queue: string): Promise<TestConsumer> {
  const connection = await connectToTestBroker();
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  const messages: ConsumeMessage[] = [];
  await channel.checkQueue(queue);
  await channel.consume(queue, (message) => {
    if (message === null) return;
    messages.push(message);
    channel.ack(message);
  });
  return { messages, close: () => connection.close().catch(() => undefined) };
}
