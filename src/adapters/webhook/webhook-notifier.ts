import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { AlarmDelivery } from '../../domain/alarm.ts';
import { eventOf } from '../../domain/alarm-event.ts';
import { fire, fires, listensTo } from '../../domain/alarm-firing.ts';
import type { AlarmStore, Clock, Notification, Notifier } from '../../engine/ports.ts';
import type { DeliveryOptions } from './delivery-queue.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import type { PostOptions } from './post-once.ts';
import { postOnce } from './post-once.ts';
import type { TargetRule } from '../http-client/target-rule.ts';
import { TargetRefused } from '../http-client/target-rule.ts';

export type WebhookOptions = DeliveryOptions & Omit<PostOptions, 'lookup'>;

/**
 * An answer may take long: Doctor's sample scales in before it answers. A delivery of 15 minutes ago is of no use to
 * anybody: the longest reply window is below 7 minutes.
 */
export const defaultWebhookOptions: WebhookOptions = {
  firstPauseSeconds: 0.5,
  longestPauseSeconds: 30,
  attempts: 50,
  giveUpSeconds: 900,
  parallelPosts: 64,
  closeSeconds: 2,
  connectSeconds: 10,
  answerSeconds: 600,
};

export interface WebhookNotifierParts {
  readonly store: AlarmStore;
  readonly clock: Clock;
  readonly targets: TargetRule;
  readonly logger: Logger;
}

/**
 * Our own alarming: fires the event alarms in the store and posts what Aodh would post (facts 4.4). A notification is
 * stored before `notify` returns; it is posted in the background, and again after a restart if it was not yet.
 */
export class WebhookNotifier implements Notifier {
  readonly #parts: WebhookNotifierParts;
  readonly #queue: DeliveryQueue;
  readonly #options: WebhookOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: WebhookNotifierParts, options: Partial<WebhookOptions> = {}) {
    this.#parts = parts;
    this.#options = { ...defaultWebhookOptions, ...options };
    const post = (delivery: AlarmDelivery, signal: AbortSignal) => this.#post(delivery, signal);
    this.#queue = new DeliveryQueue({ ...parts, post }, this.#options);
  }

  /** Takes up the deliveries that an earlier run left in the store. Once, before the first notification. */
  async start(): Promise<void> {
    this.#queue.add(await this.#parts.store.pendingDeliveries());
  }

  /** Notifications are taken one after the other: two at a time could both fire an alarm that fires once. */
  notify(notification: Notification, signal: AbortSignal): Promise<void> {
    const turn = this.#last.then(() => this.#fireAlarms(notification, signal));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async subscribedProjects(projectIds: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    const alarms = await this.#parts.store.list();
    const listening = new Set(
      alarms.filter((alarm) => listensTo(alarm, 'maintenance.scheduled')).map(({ projectId }) => projectId),
    );
    return projectIds.filter((projectId) => listening.has(projectId));
  }

  /** What is not delivered within `closeSeconds` stays in the store for the next start. */
  async close(): Promise<void> {
    await this.#last;
    await this.#queue.close();
  }

  async #fireAlarms(notification: Notification, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { store, clock } = this.#parts;
    const event = eventOf(notification);
    const alarms = await store.list(notification.payload.project_id);
    const fired = alarms
      .filter((alarm) => fires(alarm, event))
      .map((alarm) => fire(alarm, event, clock.now(), randomUUID));
    if (fired.length === 0) return;
    const deliveries = fired.flatMap((one) => one.deliveries);
    await store.enqueue(
      deliveries,
      fired.map(({ alarm }) => alarm),
    );
    // Of a repeated notification nothing is stored, and so nothing is posted.
    const ids = new Set(deliveries.map(({ id }) => id));
    this.#queue.add((await store.pendingDeliveries()).filter(({ id }) => ids.has(id)));
  }

  /** The rule may have become stricter since the alarm was made. */
  #post(delivery: AlarmDelivery, signal: AbortSignal) {
    const refusal = this.#parts.targets.refusal(delivery.target);
    if (refusal !== undefined) {
      return Promise.resolve({ kind: 'refused', error: new TargetRefused(refusal) } as const);
    }
    const headers = {
      'content-type': 'application/json',
      accept: '*/*',
      'user-agent': 'fenix',
      'x-openstack-request-id': `req-${randomUUID()}`,
    };
    const options = { ...this.#options, lookup: this.#parts.targets.lookup };
    return postOnce(delivery.target, headers, delivery.body, options, signal);
  }
}
