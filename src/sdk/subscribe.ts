/** An event alarm of one's own (facts 4.4), with Aodh or with the server's own alarming: both speak the same. */
import { dataOf, type MaintenanceClient } from './maintenance-client.ts';
import type { Notification } from './notification.ts';

export interface SubscriptionOptions {
  /** What is to be heard of. */
  readonly eventType: Notification['eventType'];
  /** Where it is to be posted. */
  readonly url: string;
  /** The alarm's name. Alarms of the same name are taken for one's own from an earlier run, and deleted. */
  readonly name: string;
}

export interface Subscription {
  readonly alarmId: string;
  /** Deletes the alarm. */
  readonly cancel: () => Promise<void>;
}

/**
 * Creates an alarm that fires for every event of the type in the client's project.
 * @param alarming a client for the catalog's endpoint of type `alarming`
 * @throws ApiError
 */
export async function subscribe(
  alarming: MaintenanceClient,
  { eventType, url, name }: SubscriptionOptions,
): Promise<Subscription> {
  const remove = async (alarmId: string) => {
    const result = await alarming.DELETE('/v2/alarms/{alarm_id}', {
      params: { path: { alarm_id: alarmId } },
    });
    // Gone already is as good.
    if (result.response.status !== 404) dataOf(result);
  };
  const alarms = dataOf(await alarming.GET('/v2/alarms'));
  for (const alarm of alarms) if (alarm.name === name) await remove(alarm.alarm_id);
  const { alarm_id: alarmId } = dataOf(
    await alarming.POST('/v2/alarms', {
      body: {
        name,
        type: 'event',
        description: `tells an application of ${eventType}`,
        // Without it an event alarm fires once in its life.
        repeat_actions: true,
        event_rule: { event_type: eventType, query: [] },
        alarm_actions: [url],
      },
    }),
  );
  return { alarmId, cancel: () => remove(alarmId) };
}
