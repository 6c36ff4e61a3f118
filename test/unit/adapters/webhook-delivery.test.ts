import type { ServerResponse } from 'node:http';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WebhookOptions } from '../../../src/adapters/webhook/webhook-notifier.ts';
import { WebhookNotifier } from '../../../src/adapters/webhook/webhook-notifier.ts';
import { TargetRule } from '../../../src/adapters/http-client/target-rule.ts';
import { HandClock } from '../../support/hand-clock.ts';
import { MemoryAlarmStore } from '../../support/memory-alarm-store.ts';
import { sampleAlarm, sampleNotification } from '../../support/sample-alarm.ts';
import type { ReceivedPost } from '../../support/webhook-receiver.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';

const never = new AbortController().signal;
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function receiver(answer?: (post: ReceivedPost, response: ServerResponse) => void, port?: number) {
  const started = await startWebhookReceiver(answer, port);
  cleanups.push(() => started.close());
  return started;
}

/** A receiver that answers what it is told, one status after the other, and 200 in the end. */
const answering = (statuses: number[], headers: Record<string, string> = {}) =>
  receiver((_post, response) => response.writeHead(statuses.shift() ?? 200, headers).end());

function notifier(
  options: Partial<WebhookOptions> = {},
  store = new MemoryAlarmStore(),
  rule = new TargetRule(),
) {
  const clock = new HandClock();
  const logger = pino({ level: 'silent' });
  const made = new WebhookNotifier({ store, clock, targets: rule, logger }, { closeSeconds: 0, ...options });
  // The grace of a close is a timer of the clock that stands still: run it.
  const close = async () => {
    let closed = false;
    void made.close().then(() => (closed = true));
    await vi.waitFor(() => {
      if (!closed && clock.waits.length > 0) clock.jump();
      expect(closed).toBe(true);
    });
  };
  cleanups.push(() => close());
  return { notifier: made, store, clock, close };
}

const pending = async (store: MemoryAlarmStore) =>
  (await store.pendingDeliveries()).map((one) => one.messageId);

describe('a webhook delivery', () => {
  it('is a POST of the body with the headers of Aodh', async () => {
    const { url, posts } = await receiver();
    const { notifier: webhook, store } = notifier();
    await store.create(sampleAlarm({ alarmActions: [`${url}/maintenance?x=1`] }));
    await webhook.notify(sampleNotification({ messageId: 'm1' }), never);
    await vi.waitFor(() => expect(posts).toHaveLength(1));
    const [post] = posts;
    expect(post).toMatchObject({ method: 'POST', path: '/maintenance?x=1', messageId: 'm1' });
    expect(post!.headers['content-type']).toBe('application/json');
    expect(post!.headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
    await vi.waitFor(async () => expect(await pending(store)).toEqual([]));
    expect((await store.get(sampleAlarm().alarmId))?.state).toBe('alarm');
  });

  it('uses a user and password in the target', async () => {
    const { port, posts } = await receiver();
    const { notifier: webhook, store } = notifier();
    await store.create(sampleAlarm({ alarmActions: [`http://us%40er:word@127.0.0.1:${port}/`] }));
    await webhook.notify(sampleNotification(), never);
    await vi.waitFor(() => expect(posts).toHaveLength(1));
    expect(posts[0]!.headers.authorization).toBe(`Basic ${Buffer.from('us@er:word').toString('base64')}`);
  });

  it.each([429, 502, 503, 504])('is repeated after %i', async (status) => {
    const { url, posts } = await answering([status, status]);
    const { notifier: webhook, store, clock } = notifier();
    await store.create(sampleAlarm({ alarmActions: [url] }));
    await webhook.notify(sampleNotification(), never);
    await vi.waitFor(() => expect(clock.waits).toEqual([0.5]));
    clock.jump();
    await vi.waitFor(() => expect(clock.waits).toEqual([1]));
    clock.jump();
    await vi.waitFor(async () => expect(await pending(store)).toEqual([]));
    expect(posts.map(({ text }) => text)).toEqual(Array(3).fill(posts[0]!.text));
  });

  it.each([200, 204, 400, 404, 500, 501])('is not repeated after %i', async (status) => {
    const { url, posts } = await answering([status]);
    const { notifier: webhook, store, clock } = notifier();
    await store.create(sampleAlarm({ alarmActions: [url] }));
    await webhook.notify(sampleNotification(), never);
    await vi.waitFor(async () => expect(await pending(store)).toEqual([]));
    expect(posts).toHaveLength(1);
    expect(clock.waits).toEqual([]);
  });

  it('does not follow a redirect', async () => {
    const other = await receiver();
    const { url, posts } = await answering([307], { location: other.url });
    const { notifier: webhook, store } = notifier();
    await store.create(sampleAlarm({ alarmActions: [url] }));
    await webhook.notify(sampleNotification(), never);
    await vi.waitFor(async () => expect(await pending(store)).toEqual([]));
    expect([posts.length, other.posts.length]).toEqual([1, 0]);
  });

  it('waits for a receiver that is not there yet, with growing pauses', async () => {
    const gone = await startWebhookReceiver();
    await gone.close();
    const { notifier: webhook, store, clock } = notifier();
    await store.create(sampleAlarm({ alarmActions: [gone.url] }));
    await webhook.notify(sampleNotification({ messageId: 'm1' }), never);
    for (const pause of [0.5, 1, 2, 4, 8, 16, 30, 30]) {
      await vi.waitFor(() => expect(clock.waits).toEqual([pause]));
      clock.jump();
    }
    await vi.waitFor(() => expect(clock.waits).toEqual([30]));
    const back = await receiver(undefined, gone.port);
    clock.jump();
    await vi.waitFor(() => expect(back.posts.map(({ messageId }) => messageId)).toEqual(['m1']));
  });

  it('is given up after so many attempts, and the next one has its turn', async () => {
    const { url, posts } = await answering([503, 503]);
    const { notifier: webhook, store, clock } = notifier({ attempts: 2 });
    await store.create(sampleAlarm({ alarmActions: [url] }));
    await webhook.notify(sampleNotification({ messageId: 'm1' }), never);
    await webhook.notify(sampleNotification({ messageId: 'm2' }), never);
    await vi.waitFor(() => expect(clock.waits).toEqual([0.5]));
    clock.jump();
    await vi.waitFor(async () => expect(await pending(store)).toEqual([]));
    expect(posts.map(({ messageId }) => messageId)).toEqual(['m1', 'm1', 'm2']);
  });

  it('is given up when it is too old', async () => {
    const { url, posts } = await answering([503, 503, 503, 503]);
    const { notifier: webhook, store, clock } = notifier({ giveUpSeconds: 1 });
    await store.create(sampleAlarm({ alarmActions: [url] }));
    await webhook.notify(sampleNotification(), never);
    for (const pause of [0.5, 1]) {
      await vi.waitFor(() => expect(clock.waits).toEqual([pause]));
      clock.jump();
    }
    await vi.waitFor(async () => expect(await pending(store)).toEqual([]));
    expect(posts).toHaveLength(3);
  });

  it('is repeated when the receiver dies over it', async () => {
    let deaths = 1;
    const { url, posts } = await receiver((_post, response) => {
      if (deaths-- > 0) response.socket?.destroy();
      else response.end();
    });
    const { notifier: webhook, store, clock } = notifier();
    await store.create(sampleAlarm({ alarmActions: [url] }));
    await webhook.notify(sampleNotification({ messageId: 'm1' }), never);
    await vi.waitFor(() => expect(clock.waits).toEqual([0.5]));
    clock.jump();
    await vi.waitFor(() => expect(posts.map(({ messageId }) => messageId)).toEqual(['m1', 'm1']));
  });

  it('is not repeated when the answer takes too long', async () => {
    const { url, posts } = await receiver(() => undefined);
    const { notifier: webhook, store, clock } = notifier({ answerSeconds: 0.1 });
    await store.create(sampleAlarm({ alarmActions: [url] }));
    await webhook.notify(sampleNotification(), never);
    await vi.waitFor(async () => expect(await pending(store)).toEqual([]), { timeout: 5000 });
    expect(posts).toHaveLength(1);
    expect(clock.waits).toEqual([]);
  });

  it('is not made to a name that resolves to a refused address', async () => {
    const { port, posts } = await receiver();
    const rule = new TargetRule([], (_name, callback) =>
      callback(null, [{ address: '169.254.169.254', family: 4 }]),
    );
    const { notifier: webhook, store } = notifier({}, new MemoryAlarmStore(), rule);
    await store.create(sampleAlarm({ alarmActions: [`http://metadata.test:${port}/`] }));
    await webhook.notify(sampleNotification(), never);
    await vi.waitFor(async () => expect(await pending(store)).toEqual([]));
    expect(posts).toEqual([]);
  });

  it('is made to a name by the address that the rule let through', async () => {
    const { port, posts } = await receiver();
    const rule = new TargetRule([], (_name, callback) =>
      callback(null, [{ address: '127.0.0.1', family: 4 }]),
    );
    const { notifier: webhook, store } = notifier({}, new MemoryAlarmStore(), rule);
    await store.create(sampleAlarm({ alarmActions: [`http://vnfm.test:${port}/`] }));
    await webhook.notify(sampleNotification(), never);
    await vi.waitFor(() => expect(posts[0]?.headers.host).toBe(`vnfm.test:${port}`));
  });
});

describe('webhook deliveries', () => {
  const ids = ['m1', 'm2', 'm3', 'm4', 'm5'];

  it('keep their order within an alarm, and do not wait for those of others', async () => {
    const open: ServerResponse[] = [];
    const slow = await receiver((_post, response) => open.push(response));
    const quick = await receiver();
    const { notifier: webhook, store } = notifier();
    await store.create(sampleAlarm({ alarmId: 'slow', alarmActions: [slow.url] }));
    await store.create(sampleAlarm({ alarmId: 'quick', alarmActions: [quick.url] }));
    await Promise.all(ids.map((messageId) => webhook.notify(sampleNotification({ messageId }), never)));
    await vi.waitFor(() => expect(quick.posts.map(({ messageId }) => messageId)).toEqual(ids));
    for (let count = 1; count <= ids.length; count += 1) {
      await vi.waitFor(() => expect(open).toHaveLength(1));
      expect(slow.posts).toHaveLength(count);
      open.shift()!.end();
    }
    expect(slow.posts.map(({ messageId }) => messageId)).toEqual(ids);
  });

  it('are no more at once than allowed', async () => {
    const open: ServerResponse[] = [];
    const { url, posts } = await receiver((_post, response) => open.push(response));
    const { notifier: webhook, store } = notifier({ parallelPosts: 2 });
    for (const alarmId of ['a', 'b', 'c']) await store.create(sampleAlarm({ alarmId, alarmActions: [url] }));
    await webhook.notify(sampleNotification(), never);
    await vi.waitFor(() => expect(open).toHaveLength(2));
    open.shift()!.end();
    await vi.waitFor(() => expect(posts).toHaveLength(3));
    expect(open).toHaveLength(2);
    open.forEach((response) => response.end());
    await vi.waitFor(async () => expect(await pending(store)).toEqual([]));
  });

  it('are made once, however often the notification is repeated', async () => {
    const { url, posts } = await receiver();
    const { notifier: webhook, store } = notifier();
    await store.create(sampleAlarm({ alarmActions: [url] }));
    const repeated = sampleNotification({ messageId: 'm1' });
    await webhook.notify(repeated, never);
    await vi.waitFor(async () => expect(await pending(store)).toEqual([]));
    await webhook.notify(repeated, never);
    await webhook.notify(sampleNotification({ messageId: 'm2' }), never);
    await vi.waitFor(() => expect(posts.map(({ messageId }) => messageId)).toEqual(['m1', 'm2']));
  });

  it('of an alarm that fires once are made once, of notifications at the same time too', async () => {
    const { url, posts } = await receiver();
    const { notifier: webhook, store } = notifier();
    await store.create(sampleAlarm({ alarmActions: [url], repeatActions: false }));
    await Promise.all(ids.map((messageId) => webhook.notify(sampleNotification({ messageId }), never)));
    await vi.waitFor(async () => expect(await pending(store)).toEqual([]));
    expect(posts.map(({ messageId }) => messageId)).toEqual(['m1']);
  });

  it('survive a stop: what was not delivered is posted by the next run, in order', async () => {
    const store = new MemoryAlarmStore();
    const dead = await startWebhookReceiver();
    await dead.close();
    await store.create(sampleAlarm({ alarmActions: [dead.url] }));
    const first = notifier({}, store);
    for (const messageId of ids) await first.notifier.notify(sampleNotification({ messageId }), never);
    await vi.waitFor(() => expect(first.clock.waits).toEqual([0.5]));
    await first.notifier.close();
    expect(await pending(store)).toEqual(ids);
    const back = await receiver(undefined, dead.port);
    await notifier({}, store).notifier.start();
    await vi.waitFor(() => expect(back.posts.map(({ messageId }) => messageId)).toEqual(ids));
  });

  it('that wait for an answer are cut off by a stop, and kept', async () => {
    const { url, posts } = await receiver(() => undefined);
    const { notifier: webhook, store, close } = notifier();
    await store.create(sampleAlarm({ alarmActions: [url] }));
    await webhook.notify(sampleNotification({ messageId: 'm1' }), never);
    await vi.waitFor(() => expect(posts).toHaveLength(1));
    await close();
    expect(await pending(store)).toEqual(['m1']);
  });

  it('of an alarm that was deleted are not repeated', async () => {
    const { url, posts } = await answering([503]);
    const { notifier: webhook, store, clock } = notifier();
    await store.create(sampleAlarm({ alarmActions: [url] }));
    await webhook.notify(sampleNotification({ messageId: 'm1' }), never);
    await vi.waitFor(() => expect(clock.waits).toEqual([0.5]));
    await store.delete(sampleAlarm().alarmId);
    clock.jump();
    await store.create(sampleAlarm({ alarmId: 'other', alarmActions: [url] }));
    await webhook.notify(sampleNotification({ messageId: 'm2' }), never);
    await vi.waitFor(() => expect(posts.map(({ messageId }) => messageId)).toEqual(['m1', 'm2']));
  });
});
