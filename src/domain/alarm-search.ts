/**
 * Finding alarms by their fields, as Aodh's lists and queries do. The fields have their names of the wire.
 */
import type { Alarm } from './alarm.ts';
import { formatNaiveUtc, toNaiveUtc } from './alarm-time.ts';

/** A field's value for comparison; times are naive UTC text, which sorts by time. */
type FieldValue = string | boolean;

const fields: Readonly<Record<string, (alarm: Alarm) => FieldValue>> = {
  alarm_id: (alarm) => alarm.alarmId,
  name: (alarm) => alarm.name,
  description: (alarm) => alarm.description,
  type: () => 'event',
  enabled: (alarm) => alarm.enabled,
  state: (alarm) => alarm.state,
  state_reason: (alarm) => alarm.stateReason,
  severity: (alarm) => alarm.severity,
  user_id: (alarm) => alarm.userId,
  project_id: (alarm) => alarm.projectId,
  repeat_actions: (alarm) => alarm.repeatActions,
  timestamp: (alarm) => formatNaiveUtc(alarm.updatedAt),
  state_timestamp: (alarm) => formatNaiveUtc(alarm.stateTimestamp),
};
const aliases: Readonly<Record<string, string>> = { user: 'user_id', project: 'project_id' };
const severities = ['low', 'moderate', 'critical'];
const truths = ['1', 't', 'true', 'on', 'y', 'yes'];
const untruths = ['0', 'f', 'false', 'off', 'n', 'no'];

/** A search that cannot be made sense of; the message says why, and is for its author. */
export class AlarmSearchInvalid extends Error {
  override readonly name = 'AlarmSearchInvalid';
}

export type AlarmComparison = '=' | '!=' | '<' | '<=' | '>' | '>=';
export interface AlarmOrder {
  readonly field: string;
  readonly descending: boolean;
}
export interface AlarmPage {
  /** Aodh's default is newest first. */
  readonly order: readonly AlarmOrder[];
  readonly limit?: number;
  /** The id of the last alarm of the page before. */
  readonly marker?: string;
}

/** The name of a field without aliases. @throws AlarmSearchInvalid */
export function alarmField(name: string): string {
  const field = Object.hasOwn(aliases, name) ? aliases[name] : name;
  if (field === undefined || !Object.hasOwn(fields, field)) {
    throw new AlarmSearchInvalid(
      `alarms have no field "${name}"; the fields are ${Object.keys(fields).join(', ')}`,
    );
  }
  return field;
}

/**
 * A test of one field against a value, which is read as the field's type: true and false in any of OpenStack's words,
 * times in ISO 8601. @throws AlarmSearchInvalid
 */
export function compareField(
  name: string,
  comparison: AlarmComparison,
  value: string | number | boolean,
): (alarm: Alarm) => boolean {
  const field = alarmField(name);
  const wanted = wantedValue(field, value);
  return (alarm) => {
    const order = compareValues(field, valueOf(alarm, field), wanted);
    switch (comparison) {
      case '=':
        return order === 0;
      case '!=':
        return order !== 0;
      case '<':
        return order < 0;
      case '<=':
        return order <= 0;
      case '>':
        return order > 0;
      case '>=':
        return order >= 0;
    }
  };
}

/** The text of a field of an alarm. @throws AlarmSearchInvalid */
export function fieldText(alarm: Alarm, name: string): string {
  return String(valueOf(alarm, alarmField(name)));
}

/** Sorted and cut to a page. `alarms` are oldest first. @throws AlarmSearchInvalid for a marker that is not among them. */
export function pageOf(alarms: readonly Alarm[], page: AlarmPage): readonly Alarm[] {
  const order = page.order.length > 0 ? page.order : [{ field: 'timestamp', descending: true }];
  const sorted = alarms.toReversed().sort((left, right) => {
    for (const { field, descending } of order) {
      const difference = compareValues(field, valueOf(left, field), valueOf(right, field));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  });
  const start =
    page.marker === undefined ? 0 : sorted.findIndex(({ alarmId }) => alarmId === page.marker) + 1;
  if (page.marker !== undefined && start === 0) {
    throw new AlarmSearchInvalid(`marker ${page.marker} is not the id of an alarm in this list`);
  }
  return sorted.slice(start, page.limit === undefined ? undefined : start + page.limit);
}

const valueOf = (alarm: Alarm, field: string): FieldValue => fields[field]?.(alarm) ?? '';

/** Severities have their own order, from low to critical. */
function compareValues(field: string, left: FieldValue, right: FieldValue): number {
  if (field === 'severity') return severities.indexOf(String(left)) - severities.indexOf(String(right));
  return left === right ? 0 : left < right ? -1 : 1;
}

function wantedValue(field: string, value: string | number | boolean): FieldValue {
  const text = String(value);
  if (field === 'enabled' || field === 'repeat_actions') {
    const word = text.trim().toLowerCase();
    if (truths.includes(word)) return true;
    if (untruths.includes(word)) return false;
    throw new AlarmSearchInvalid(`"${text}" is neither true nor false, as ${field} has to be`);
  }
  if (field === 'timestamp' || field === 'state_timestamp') {
    const time = toNaiveUtc(text);
    if (time === undefined)
      throw new AlarmSearchInvalid(`"${text}" is no ISO 8601 time, as ${field} has to be`);
    return time;
  }
  return text;
}
