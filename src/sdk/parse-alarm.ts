/** From the body that Aodh posts to an alarm's target (facts 4.4) to a typed notification. */
import {
  hostStates,
  instanceActions,
  questionStates,
  sessionStates,
  type HostNotification,
  type InstanceAction,
  type Notification,
  type ProjectNotification,
  type SessionNotification,
} from './notification.ts';
import { parsePythonLiteral, PythonLiteralError } from './python-literal.ts';

/** The body is not an alarm about maintenance, or it is damaged. The message names the place. */
export class AlarmParseError extends Error {
  override readonly name = 'AlarmParseError';
}

/** Ceilometer cuts text off here, without a word (facts 4.3). */
const ceilometerTextLimit = 255;

type Traits = ReadonlyMap<string, unknown>;

/**
 * Reads an alarm: the body as text or already parsed as JSON. Lists and objects may be in Python's or in JSON's
 * notation; times may have a `T` or a space, and are UTC unless they say otherwise.
 * @throws AlarmParseError
 */
export function parseAlarm(body: unknown): Notification {
  const alarm = typeof body === 'string' ? parseBody(body) : body;
  const reasonData = member(alarm, 'reason_data', 'the body');
  const event = member(reasonData, 'event', 'reason_data');
  const eventType = text(member(event, 'event_type', 'event'), 'event_type');
  const traits = traitsOf(member(event, 'traits', 'event'));
  const common = {
    messageId: text(member(event, 'message_id', 'event'), 'message_id'),
    alarmName: text(member(alarm, 'alarm_name', 'the body'), 'alarm_name'),
    generatedAt: time(member(event, 'generated', 'event'), 'generated'),
    projectId: text(trait(traits, 'project_id'), 'project_id'),
    sessionId: text(trait(traits, 'session_id'), 'session_id'),
  };
  switch (eventType) {
    case 'maintenance.scheduled':
      return projectNotification(common, traits);
    case 'maintenance.host':
      return {
        ...common,
        eventType,
        host: text(trait(traits, 'host'), 'host'),
        state: oneOf(hostStates, trait(traits, 'state'), 'state'),
      } satisfies HostNotification;
    case 'maintenance.session': {
      const percentDone = traits.get('percent_done');
      return {
        ...common,
        eventType,
        state: oneOf(sessionStates, trait(traits, 'state'), 'state'),
        ...(percentDone !== undefined && { percentDone: number(percentDone, 'percent_done') }),
      } satisfies SessionNotification;
    }
    default:
      throw new AlarmParseError(
        `event type ${eventType} is not about maintenance: the alarm's event_rule.event_type should be ` +
          'maintenance.scheduled, maintenance.host or maintenance.session',
      );
  }
}

function projectNotification(
  common: Pick<ProjectNotification, 'messageId' | 'alarmName' | 'generatedAt' | 'projectId' | 'sessionId'>,
  traits: Traits,
): ProjectNotification {
  const replyUrl = traits.get('reply_url');
  const actionsAt = traits.get('actions_at');
  const replyAt = traits.get('reply_at');
  const fields = {
    ...common,
    eventType: 'maintenance.scheduled' as const,
    instanceIds: idsOrUrl(trait(traits, 'instance_ids')),
    allowedActions: actions(traits.get('allowed_actions')),
    metadata: traits.has('metadata') ? record(traits.get('metadata'), 'metadata') : {},
  };
  const state = oneOf([...questionStates, 'INSTANCE_ACTION_DONE'] as const, trait(traits, 'state'), 'state');
  if (state === 'INSTANCE_ACTION_DONE')
    return { ...fields, state, ...(replyUrl !== undefined && { replyUrl: text(replyUrl, 'reply_url') }) };
  return {
    ...fields,
    state,
    replyUrl: text(trait(traits, 'reply_url'), 'reply_url'),
    ...(actionsAt !== undefined && { actionsAt: time(actionsAt, 'actions_at') }),
    ...(replyAt !== undefined && { replyAt: time(replyAt, 'reply_at') }),
  };
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new AlarmParseError('the body is not JSON', { cause: error });
  }
}

function member(value: unknown, name: string, place: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AlarmParseError(`${place} is not an object`);
  const found: unknown = (value as Readonly<Record<string, unknown>>)[name];
  if (found === undefined) throw new AlarmParseError(`${place} has no ${name}: this is not an event alarm`);
  return found;
}

/** Traits come as `[name, type, value]`; null ones do not come at all (facts 4.3). */
function traitsOf(value: unknown): Traits {
  if (!Array.isArray(value)) throw new AlarmParseError('event.traits is not a list');
  return new Map(
    value.map((entry: unknown, index) => {
      if (!Array.isArray(entry) || entry.length !== 3 || typeof entry[0] !== 'string')
        throw new AlarmParseError(`event.traits[${index}] is not [name, type, value]`);
      return [entry[0], entry[2] as unknown];
    }),
  );
}

function trait(traits: Traits, name: string): unknown {
  const value = traits.get(name);
  if (value === undefined || value === null)
    throw new AlarmParseError(
      `trait ${name} is missing: is it in Ceilometer's event_definitions.yaml for this event type?`,
    );
  return value;
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new AlarmParseError(`${name} is not a text`);
  return value;
}

function number(value: unknown, name: string): number {
  const result = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof result !== 'number' || !Number.isFinite(result))
    throw new AlarmParseError(`${name} is not a number`);
  return result;
}

function oneOf<T extends string>(known: readonly T[], value: unknown, name: string): T {
  const found = known.find((candidate) => candidate === value);
  if (found === undefined)
    throw new AlarmParseError(`${name} is ${JSON.stringify(value)}, known are ${known.join(', ')}`);
  return found;
}

const timePattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/;

function time(value: unknown, name: string): Date {
  const [, day, clock, fraction = '', zone = 'Z'] = timePattern.exec(text(value, name)) ?? [];
  // Date takes a fraction of any length, but only an offset with a colon.
  const offset = zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const date = new Date(`${day ?? ''}T${clock ?? ''}${fraction}${offset}`);
  if (Number.isNaN(date.getTime()))
    throw new AlarmParseError(`${name} is ${JSON.stringify(value)}, not YYYY-MM-DDTHH:MM:SS`);
  return date;
}

/** A URL, a list of ids, or (from Doctor's first admin tool, facts 1.5) one bare id. */
function idsOrUrl(value: unknown): string | readonly string[] {
  if (typeof value === 'string' && /^https?:\/\//i.test(value)) return value;
  if (typeof value === 'string' && !/^\s*[[(]/.test(value)) return [value];
  return texts(value, 'instance_ids');
}

/** Actions that this version does not know are left out: an application cannot choose what it does not know. */
function actions(value: unknown): readonly InstanceAction[] {
  if (value === undefined) return [];
  const offered = texts(value, 'allowed_actions');
  return instanceActions.filter((action) => offered.includes(action));
}

function texts(value: unknown, name: string): readonly string[] {
  const list = literal(value, name);
  if (!Array.isArray(list)) throw new AlarmParseError(`${name} is not a list`);
  return list.map((item: unknown, index) => text(item, `${name}[${index}]`));
}

function record(value: unknown, name: string): Readonly<Record<string, unknown>> {
  const result = literal(value, name);
  if (typeof result !== 'object' || result === null || Array.isArray(result))
    throw new AlarmParseError(`${name} is not an object`);
  return result as Readonly<Record<string, unknown>>;
}

/** Undoes the notation of a text trait. JSON first: Python's repr is never JSON that means something else. */
function literal(value: unknown, name: string): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    // Not JSON: Python's notation, then.
  }
  try {
    return parsePythonLiteral(value);
  } catch (error) {
    if (!(error instanceof PythonLiteralError)) throw error;
    // Ceilometer counts Python's characters, so code points.
    const cut = Array.from(value).length >= ceilometerTextLimit;
    throw new AlarmParseError(
      `${name} is neither a Python literal nor JSON: ${error.message}` +
        (cut ? ` (it is ${ceilometerTextLimit} characters long: Ceilometer cut off the rest)` : ''),
      { cause: error },
    );
  }
}
