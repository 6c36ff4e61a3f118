import { pino } from 'pino';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { OsloNotifier } from '../../src/adapters/rabbitmq/oslo-notifier.ts';
import { SystemClock } from '../../src/adapters/system/clock.ts';
import { describeNotifier } from '../contract/ports/notifier.contract.ts';
import type { TestConsumer } from '../support/rabbitmq.ts';
import { consume, controlBroker, removeTopology, testBrokerUrl } from '../support/rabbitmq.ts';
import { sampleNotification } from '../support/sample-alarm.ts';

const parts = { clock: new SystemClock(), logger: pino({ level: 'silent' }) };
const queue = 'notifications.info';
const messageIds = (consumer: TestConsumer) =>
  consumer.messages.map(
    ({ content }) => (JSON.parse(content.toString('utf8')) as { message_id: string }).message_id,
  );

afterAll(() => removeTopology(['openstack'], [queue]));

describeNotifier(
  'OsloNotifier',
  async () => {
    const notifier = new OsloNotifier(parts, { transportUrl: testBrokerUrl() });
    // The first notification declares the queue; only then can a consumer listen to it.
    await removeTopology(['openstack'], [queue]);
    await notifier.notify(sampleNotification({ messageId: 'first' }), new AbortController().signal);
    let consumer = await consume(queue);
    const received: string[] = [];
    let isAway = false;
    const arrived = () => [...received, ...messageIds(consumer)].filter((id) => id !== 'first');
    return {
      notifier,
      received: arrived,
      goAway: async () => {
        received.push(...messageIds(consumer));
        await consumer.close();
        await controlBroker('STOP');
        isAway = true;
      },
      comeBack: async () => {
        await controlBroker('START');
        isAway = false;
        // Not durable: the queue is gone until the notifier has declared it again.
        consumer = await vi.waitFor(() => consume(queue), { timeout: 30_000, interval: 200 });
      },
      close: async () => {
        await notifier.close();
        await consumer.close();
        if (isAway) await controlBroker('START');
      },
    };
  },
  30,
);

describe('OsloNotifier without a broker', () => {
  it('gives up when its caller does', async () => {
    const notifier = new OsloNotifier(parts, { transportUrl: 'rabbit://nobody:secret@127.0.0.1:1/' });
    const caller = new AbortController();
    const handedOver = notifier.notify(sampleNotification(), caller.signal);
    const behind = notifier.notify(sampleNotification(), caller.signal);
    caller.abort(new Error('the session was given to another engine'));
    await expect(handedOver).rejects.toThrow('another engine');
    await expect(behind).rejects.toThrow('another engine');
    await notifier.close();
  });

  it('says in the log where it failed, and no password', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const notifier = new OsloNotifier(
      { ...parts, logger },
      { transportUrl: 'rabbit://nobody:secret@127.0.0.1:1/' },
    );
    const handedOver = notifier.notify(sampleNotification(), new AbortController().signal);
    await vi.waitFor(() => expect(lines.join('')).toContain('127.0.0.1:1'));
    await notifier.close();
    await expect(handedOver).rejects.toThrow('closed');
    expect(lines.join('')).not.toContain('secret');
  });
});
