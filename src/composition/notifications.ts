/** Joins the configuration and the drivers of notifications. */
import type { Logger } from 'pino';
import { defaultOsloOptions, OsloNotifier } from '../adapters/rabbitmq/oslo-notifier.ts';
import type { TargetRule } from '../adapters/http-client/target-rule.ts';
import { defaultWebhookOptions, WebhookNotifier } from '../adapters/webhook/webhook-notifier.ts';
import type { Config } from '../config/schema.ts';
import type { AlarmStore, Clock, Notifier } from '../engine/ports.ts';
import type { OpenStack } from './openstack.ts';

export interface NotifierParts {
  readonly store: AlarmStore;
  readonly clock: Clock;
  readonly targets: TargetRule;
  readonly logger: Logger;
  readonly openStack: OpenStack | undefined;
}

/** A notifier, and how to start it once the server can be reached. */
export interface StartableNotifier {
  readonly notifier: Notifier;
  start(): Promise<void>;
}

/** The configuration has been checked: `oslo` comes with a transport URL and a Keystone. */
export function notifierOf(config: Config, parts: NotifierParts): StartableNotifier {
  const { driver, transportUrl } = config.notifications;
  const { openStack } = parts;
  if (driver === 'oslo' && transportUrl !== undefined && openStack !== undefined) {
    return {
      notifier: osloNotifier(config, parts, transportUrl.reveal(), openStack),
      start: () => Promise.resolve(),
    };
  }
  const { attempts, parallelPosts, answerTimeoutSeconds } = config.alarms;
  const notifier = new WebhookNotifier(parts, {
    ...defaultWebhookOptions,
    attempts,
    parallelPosts,
    answerSeconds: answerTimeoutSeconds,
  });
  return { notifier, start: () => notifier.start() };
}

/** RabbitMQ carries the notifications; Aodh knows who listens. */
function osloNotifier(
  { notifications }: Config,
  { clock, logger }: NotifierParts,
  transportUrl: string,
  { subscriptions }: OpenStack,
): Notifier {
  const { exchange, topic, format, durableExchange, autoDeleteExchange, quorumQueue } = notifications;
  const oslo = new OsloNotifier(
    { clock, logger },
    {
      ...defaultOsloOptions,
      transportUrl,
      exchange,
      topic,
      format,
      durable: durableExchange,
      autoDelete: autoDeleteExchange,
      quorumQueue,
    },
  );
  return {
    notify: (notification, signal) => oslo.notify(notification, signal),
    subscribedProjects: (projectIds, signal) => subscriptions.subscribedProjects(projectIds, signal),
    close: () => oslo.close(),
  };
}
