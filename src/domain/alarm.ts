/**
 * Event alarms as Aodh has them (fenix.md 4.4), for sites without Aodh.
 */

/** One condition on a trait of an event. */
export interface AlarmQuery {
  readonly field: string;
  readonly op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';
  readonly type: '' | 'string' | 'integer' | 'float' | 'boolean' | 'datetime';
  readonly value: string;
}

export type AlarmState = 'ok' | 'alarm' | 'insufficient data';

/** An event alarm. Times are milliseconds since 1970. */
export interface Alarm {
  readonly alarmId: string;
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  readonly userId: string;
  readonly enabled: boolean;
  readonly severity: 'low' | 'moderate' | 'critical';
  /** Without it an event alarm fires once in its life. */
  readonly repeatActions: boolean;
  /** fnmatch pattern over the event type, `*` for all. */
  readonly eventType: string;
  readonly query: readonly AlarmQuery[];
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
  readonly timeConstraints: readonly Readonly<Record<string, unknown>>[];
  readonly state: AlarmState;
  readonly stateReason: string;
  readonly stateTimestamp: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A body that is to be posted to one target of one alarm. */
export interface AlarmDelivery {
  readonly id: string;
  readonly alarmId: string;
  /** Of the notification that caused it. */
  readonly messageId: string;
  readonly target: string;
  /** The JSON text, ready to be sent. */
  readonly body: string;
  readonly createdAt: number;
}
