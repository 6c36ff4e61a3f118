import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import { TargetRule } from '../../../src/adapters/http-client/target-rule.ts';
import { WebhookNotifier } from '../../../src/adapters/webhook/webhook-notifier.ts';
import { MemoryAlarmStore } from '../../support/memory-alarm-store.ts';
import { sampleAlarm, sampleProject } from '../../support/sample-alarm.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';
import { describeNotifier } from './notifier.contract.ts';

function makeNotifier(store: MemoryAlarmStore) {
  const parts = {
    store,
    clock: new SystemClock(),
    targets: new TargetRule(),
    logger: pino({ level: 'silent' }),
  };
  return new WebhookNotifier(parts, {
    firstPauseSeconds: 0.02,
    longestPauseSeconds: 0.05,
    closeSeconds: 0.2,
  });
}

describeNotifier('WebhookNotifier', async () => {
  let receiver = await startWebhookReceiver();
  const { port, url } = receiver;
  const received: string[] = [];
  const store = new MemoryAlarmStore();
  await store.create(sampleAlarm({ alarmActions: [url] }));
  const notifier = makeNotifier(store);
  return {
    notifier,
    received: () => [...received, ...receiver.posts.map(({ messageId }) => messageId)],
    goAway: () => receiver.close(),
    comeBack: async () => {
      received.push(...receiver.posts.map(({ messageId }) => messageId));
      receiver = await startWebhookReceiver(undefined, port);
    },
    close: async () => {
      await notifier.close();
      await receiver.close();
    },
  };
});

describe('the subscriptions of WebhookNotifier', () => {
  const never = new AbortController().signal;

  it('are the projects with an alarm that would fire, of those that were asked about', async () => {
    const store = new MemoryAlarmStore();
    const alarms = [
      sampleAlarm({ alarmId: '1', projectId: 'exact' }),
      sampleAlarm({ alarmId: '2', projectId: 'pattern', eventType: 'maintenance.*' }),
      sampleAlarm({ alarmId: '3', projectId: 'disabled', enabled: false }),
      sampleAlarm({ alarmId: '4', projectId: 'host', eventType: 'maintenance.host' }),
      sampleAlarm({ alarmId: '5', projectId: 'spent', repeatActions: false, state: 'alarm' }),
      sampleAlarm({ alarmId: '6', projectId: 'unasked' }),
      sampleAlarm({ alarmId: '7', projectId: 'host' }),
    ];
    for (const alarm of alarms) await store.create(alarm);
    const notifier = makeNotifier(store);
    const asked = ['spent', 'pattern', 'host', 'disabled', 'exact', sampleProject];
    expect(await notifier.subscribedProjects(asked, never)).toEqual(['pattern', 'host', 'exact']);
    await notifier.close();
  });
});
