import { publisherId } from '../../domain/alarm-event.ts';
import { formatOsloTimestamp } from '../../domain/alarm-time.ts';
import type { Notification } from '../../engine/ports.ts';

/** 1.0 is the bare message (oslo's driver `messaging`), 2.0 the one in an envelope (`messagingv2`). */
export type OsloFormat = '1.0' | '2.0';

/**
 * The body of a notification on the bus (facts 4.1). `_unique_id` is made of the `message_id`, so that oslo's consumers
 * drop a repeat that follows closely (they remember the last 16).
 */
export function osloMessage(
  notification: Notification,
  format: OsloFormat,
  context: Readonly<Record<string, string>>,
): Buffer {
  const message = {
    message_id: notification.messageId,
    publisher_id: publisherId,
    event_type: notification.eventType,
    priority: 'INFO',
    payload: notification.payload,
    timestamp: formatOsloTimestamp(notification.at),
    _unique_id: notification.messageId.replaceAll('-', ''),
    ...Object.fromEntries(Object.entries(context).map(([name, value]) => [`_context_${name}`, value])),
  };
  const body =
    format === '1.0' ? message : { 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) };
  return Buffer.from(JSON.stringify(body), 'utf8');
}
