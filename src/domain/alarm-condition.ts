/**
 * The conditions of an event alarm (`event_rule.query`) as Aodh evaluates them: all must hold (facts 4.4).
 */
import type { AlarmQuery } from './alarm.ts';
import type { AlarmEvent } from './alarm-event.ts';
import { traitTypes } from './alarm-event.ts';
import { toNaiveUtc } from './alarm-time.ts';

const traitPrefix = 'traits.';
/** Fields of the event itself that a condition may name. */
const eventFields = ['event_type', 'message_id', 'generated'] as const;
const truths = ['1', 't', 'true', 'on', 'y', 'yes'];
const untruths = ['0', 'f', 'false', 'off', 'n', 'no'];

/** Times are compared as text: all are naive UTC and begin with the year. */
type Comparable = { readonly kind: 'text' | 'time'; readonly value: string } | Numeric;
interface Numeric {
  readonly kind: 'number';
  readonly value: number;
}

/**
 * What is wrong with a condition, in words for its author, or undefined. Aodh accepts more and then never fires the
 * alarm: a field without `traits.` breaks its evaluation, and `boolean` that of every alarm of the project.
 */
export function conditionProblem(condition: AlarmQuery): string | undefined {
  if (!isTrait(condition.field) && !isEventField(condition.field)) {
    return `field "${condition.field}" is unknown: write traits.<name of the trait>, or one of ${eventFields.join(', ')}`;
  }
  if (wantedValue(condition) === undefined) {
    return `value "${condition.value}" is not of type ${condition.type}`;
  }
  return undefined;
}

/** Does the event meet the condition? As in Python, values of different types are unequal and have no order. */
export function meetsCondition(event: AlarmEvent, condition: AlarmQuery): boolean {
  const actual = actualValue(event, condition.field);
  const wanted = wantedValue(condition);
  if (actual === undefined || wanted?.kind !== actual.kind) return condition.op === 'ne';
  switch (condition.op) {
    case 'eq':
      return actual.value === wanted.value;
    case 'ne':
      return actual.value !== wanted.value;
    case 'lt':
      return actual.value < wanted.value;
    case 'le':
      return actual.value <= wanted.value;
    case 'gt':
      return actual.value > wanted.value;
    case 'ge':
      return actual.value >= wanted.value;
  }
}

const isTrait = (field: string): boolean =>
  field.startsWith(traitPrefix) && field.length > traitPrefix.length;
const isEventField = (field: string): field is (typeof eventFields)[number] =>
  (eventFields as readonly string[]).includes(field);

function actualValue(event: AlarmEvent, field: string): Comparable | undefined {
  if (isEventField(field)) return { kind: 'text', value: event[field] };
  const trait = event.traits.find(([name]) => traitPrefix + name === field);
  if (trait === undefined) return undefined;
  const [, type, value] = trait;
  if (typeof value === 'number') return { kind: 'number', value };
  return type === traitTypes.datetime ? { kind: 'time', value } : { kind: 'text', value };
}

/** The value of a condition in its type; undefined if it cannot be read as that. */
function wantedValue({ type, value }: AlarmQuery): Comparable | undefined {
  switch (type) {
    case '':
    case 'string':
      return { kind: 'text', value };
    case 'integer':
      return /^\s*[+-]?\d+\s*$/.test(value) ? { kind: 'number', value: Number(value) } : undefined;
    case 'float':
      return value.trim() === '' || Number.isNaN(Number(value))
        ? undefined
        : { kind: 'number', value: Number(value) };
    case 'boolean': {
      // A truth value reaches an event as Python's text.
      const word = value.trim().toLowerCase();
      if (truths.includes(word)) return { kind: 'text', value: 'True' };
      return untruths.includes(word) ? { kind: 'text', value: 'False' } : undefined;
    }
    case 'datetime': {
      const time = toNaiveUtc(value);
      return time === undefined ? undefined : { kind: 'time', value: time };
    }
  }
}
