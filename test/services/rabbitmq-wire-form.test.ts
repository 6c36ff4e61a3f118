import { pino } from 'pino';
import type { ConsumeMessage } from 'amqplib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TopologyMismatch } from '../../src/adapters/rabbitmq/broker-connection.ts';
import type { OsloOptions } from '../../src/adapters/rabbitmq/oslo-notifier.ts';
import { OsloNotifier } from '../../src/adapters/rabbitmq/oslo-notifier.ts';
import { SystemClock } from '../../src/adapters/system/clock.ts';
import { connectToTestBroker, consume, removeTopology, testBrokerUrl } from '../support/rabbitmq.ts';
import { sampleNotification } from '../support/sample-alarm.ts';
import recorded from './recordings/oslo-notification.json' with { type: 'json' };

const never = new AbortController().signal;
const queue = 'notifications.info';
const exchanges = ['openstack', 'fenix-test'];

/** Publishes one notification and gives back the message that a consumer of the shared queue gets. */
async function published(
  options: Partial<OsloOptions>,
  notification = sampleNotification(),
): Promise<ConsumeMessage> {
  const parts = { clock: new SystemClock(), logger: pino({ level: 'silent' }) };
  const notifier = new OsloNotifier(parts, { transportUrl: testBrokerUrl(), ...options });
  try {
    await notifier.notify(notification, never);
  } finally {
    await notifier.close();
  }
  // Nobody listened while it was published: the queue has kept it.
  const consumer = await consume(queue);
  await vi.waitFor(() => expect(consumer.messages).toHaveLength(1), { timeout: 5000 });
  await consumer.close();
  return consumer.messages[0]!;
}

const parse = (text: string) => JSON.parse(text) as Record<string, unknown>;

/** The recorded message with what names its publisher replaced by ours. */
function expectedMessage(rawMessage: string) {
  const message = parse(rawMessage);
  return {
    ...message,
    publisher_id: 'fenix',
    timestamp: (message.timestamp as string).replace(/\d{3}$/, '000'),
    _unique_id: (message.message_id as string).replaceAll('-', ''),
  };
}

function notificationOf(message: ReturnType<typeof expectedMessage> & Record<string, unknown>) {
  const payload = message.payload as ReturnType<typeof sampleNotification>['payload'];
  const at = Date.parse(`${message.timestamp.replace(' ', 'T')}Z`);
  return {
    messageId: message.message_id as string,
    eventType: 'maintenance.scheduled' as const,
    at,
    payload,
  };
}

describe('a notification on RabbitMQ', () => {
  afterEach(() => removeTopology(exchanges, [queue]));

  it('of format 1.0 is what the driver messaging sends', async () => {
    const sample = recorded['maintenance.scheduled_v1'];
    const expected = expectedMessage(sample.raw_body);
    const { content, fields, properties } = await published({ context: {} }, notificationOf(expected));
    // Byte for byte, but for the spaces that Python puts after commas and colons.
    expect(content.toString('utf8')).toBe(JSON.stringify(expected));
    expect(fields).toMatchObject({ exchange: sample.exchange, routingKey: sample.routing_key });
    expect(properties).toMatchObject({
      contentType: sample.properties.content_type,
      contentEncoding: sample.properties.content_encoding,
      deliveryMode: sample.properties.delivery_mode,
      priority: sample.properties.priority,
      headers: sample.properties.application_headers,
    });
  });

  it('of format 2.0 is what the driver messagingv2 sends', async () => {
    const sample = parse(recorded['maintenance.scheduled_v2'].raw_body);
    const expected = expectedMessage(sample['oslo.message'] as string);
    const { content } = await published({ format: '2.0', context: {} }, notificationOf(expected));
    expect(content.toString('utf8')).toBe(
      JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(expected) }),
    );
  });

  it('has the context of Fenix, and text of any script', async () => {
    const { content } = await published(
      {},
      sampleNotification({}, { metadata: { note: 'Wartung für 東京 😀' } }),
    );
    expect(JSON.parse(content.toString('utf8'))).toMatchObject({
      _context_some: 'context',
      payload: { metadata: { note: 'Wartung für 東京 😀' } },
    });
  });

  it('goes through durable exchanges and queues where the site has them', async () => {
    await published({ exchange: 'fenix-test', durable: true });
    const connection = await connectToTestBroker();
    const channel = await connection.createChannel();
    await channel.assertExchange('fenix-test', 'topic', { durable: true });
    await channel.assertQueue(queue, { durable: true });
    await connection.close();
  });

  it('fails with a clear message when the exchange has other flags', async () => {
    const connection = await connectToTestBroker();
    const channel = await connection.createChannel();
    await channel.assertExchange('openstack', 'topic', { durable: true });
    const failure = published({});
    await expect(failure).rejects.toThrow(TopologyMismatch);
    await expect(failure).rejects.toThrow(
      /exchange "openstack".*durable false.*amqp_durable_queues.*PRECONDITION_FAILED/s,
    );
    await connection.close();
  });

  it('fails with a clear message when the queue has other flags', async () => {
    const connection = await connectToTestBroker();
    const channel = await connection.createChannel();
    await channel.assertQueue(queue, { durable: true });
    await expect(published({})).rejects.toThrow(/queue "notifications.info" with other flags/);
    await connection.close();
  });

  it('finds the host of the URL that works', async () => {
    const [, userAndHost = ''] = /^rabbit:\/\/(.*)\/$/.exec(testBrokerUrl()) ?? [];
    const transportUrl = `rabbit://nobody:wrong@127.0.0.1:1,${userAndHost}/`;
    expect((await published({ transportUrl })).fields.routingKey).toBe(queue);
  });

  it('is published again when the queue was removed under us', async () => {
    const parts = { clock: new SystemClock(), logger: pino({ level: 'silent' }) };
    const notifier = new OsloNotifier(parts, { transportUrl: testBrokerUrl() });
    await notifier.notify(sampleNotification(), never);
    await removeTopology([], [queue]);
    await notifier.notify(sampleNotification({ messageId: '00000000-0000-4000-8000-000000000001' }), never);
    await notifier.close();
    const consumer = await consume(queue);
    await vi.waitFor(() => expect(consumer.messages).toHaveLength(1));
    expect(parse(consumer.messages[0]!.content.toString()).message_id).toMatch(/1$/);
    await consumer.close();
  });
});
