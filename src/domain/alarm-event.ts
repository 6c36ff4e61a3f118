/**
 * What becomes of a notification on its way through Ceilometer: an event with traits (facts 4.3). Reproduced for sites
 * without Ceilometer, so that applications see the same in either case.
 */
import { formatNaiveUtc, toNaiveUtc } from './alarm-time.ts';
import { pythonStr } from './python-repr.ts';

/** Ceilometer's numbers of trait types. */
export type TraitType = 1 | 2 | 3 | 4;
export const traitTypes = { text: 1, integer: 2, float: 3, datetime: 4 } as const satisfies Record<
  string,
  TraitType
>;

/** Name, type, value. */
export type Trait = readonly [name: string, type: TraitType, value: string | number];

/** An event as it stands in `reason_data` of an alarm's body (facts 4.4); hence the names of the wire. */
export interface AlarmEvent {
  readonly message_id: string;
  readonly event_type: string;
  readonly generated: string;
  readonly traits: readonly Trait[];
  readonly raw: Readonly<Record<string, never>>;
  readonly message_signature: string;
}

/** What of a notification the event is made of. `at` is in milliseconds since 1970. */
export interface EventSource {
  readonly messageId: string;
  readonly eventType: string;
  readonly at: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Who publishes, as facts 4.1 says; becomes the trait `service`. */
export const publisherId = 'fenix';

/**
 * The traits that event definitions make of our payloads, in their order (facts 4.3), without `project_id`: Ceilometer
 * has it among its default traits, which come first.
 */
const definitions: Readonly<Record<string, readonly (readonly [name: string, type: TraitType])[]>> = {
  'maintenance.scheduled': [
    ['allowed_actions', traitTypes.text],
    ['instance_ids', traitTypes.text],
    ['reply_url', traitTypes.text],
    ['actions_at', traitTypes.datetime],
    ['reply_at', traitTypes.datetime],
    ['state', traitTypes.text],
    ['session_id', traitTypes.text],
    ['metadata', traitTypes.text],
  ],
  'maintenance.host': [
    ['host', traitTypes.text],
    ['state', traitTypes.text],
    ['session_id', traitTypes.text],
  ],
  'maintenance.session': [
    ['state', traitTypes.text],
    ['session_id', traitTypes.text],
    ['percent_done', traitTypes.integer],
  ],
};

/**
 * The event of a notification. Unlike Ceilometer it does not cut text at 255 characters: a list or object that was cut
 * cannot be parsed by anybody, and metadata that long is refused when the session is created.
 */
export function eventOf(source: EventSource): AlarmEvent {
  const defined = definitions[source.eventType] ?? [];
  const wanted = [['project_id', traitTypes.text] as const, ...defined];
  const traits = wanted
    .map(([name, type]) => traitOf(name, type, source.payload[name]))
    .filter((trait) => trait !== undefined);
  return {
    message_id: source.messageId,
    event_type: source.eventType,
    generated: formatNaiveUtc(source.at),
    traits: [['service', traitTypes.text, publisherId], ...traits],
    raw: {},
    // Ceilometer signs events with a secret of its own; without one it sends this.
    message_signature: '',
  };
}

/** The project that an event is about, which is the only one whose alarms it can fire (facts 4.4). */
export function projectOf(event: AlarmEvent): string | undefined {
  return event.traits.find(([name]) => name === 'project_id')?.[2]?.toString();
}

/** Null drops the trait. Text that should be a time or a number and is not stays text, rather than being lost. */
function traitOf(name: string, type: TraitType, value: unknown): Trait | undefined {
  if (value === null || value === undefined) return undefined;
  const text = pythonStr(value);
  const typed = type === traitTypes.datetime ? toNaiveUtc(text) : numeric(type, text);
  return typed === undefined ? [name, traitTypes.text, text] : [name, type, typed];
}

function numeric(type: TraitType, text: string): number | undefined {
  if (type === traitTypes.text || text.trim() === '') return undefined;
  const value = Number(text);
  if (Number.isNaN(value)) return undefined;
  // Python's int() cuts towards zero.
  return type === traitTypes.integer ? Math.trunc(value) : value;
}
