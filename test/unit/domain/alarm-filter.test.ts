import { describe, expect, it } from 'vitest';
import { parseAlarmFilter, parseAlarmOrder } from '../../../src/domain/alarm-filter.ts';
import { AlarmSearchInvalid, pageOf } from '../../../src/domain/alarm-search.ts';
import { sampleAlarm } from '../../support/sample-alarm.ts';

const alarms = [
  sampleAlarm({ alarmId: 'a', name: 'one', severity: 'low', updatedAt: 1000 }),
  sampleAlarm({ alarmId: 'b', name: 'two', severity: 'critical', enabled: false, updatedAt: 2000 }),
  sampleAlarm({ alarmId: 'c', name: 'three', severity: 'moderate', state: 'alarm', updatedAt: 3000 }),
];
const found = (filter: unknown): string =>
  alarms
    .filter(parseAlarmFilter(JSON.stringify(filter)))
    .map(({ alarmId }) => alarmId)
    .join('');

describe('a complex query', () => {
  it.each<[unknown, string]>([
    [{ '=': { name: 'two' } }, 'b'],
    [{ '!=': { name: 'two' } }, 'ac'],
    [{ '=': { type: 'event' } }, 'abc'],
    [{ '=': { type: 'composite' } }, ''],
    [{ '=': { enabled: false } }, 'b'],
    [{ '=': { enabled: 'True' } }, 'ac'],
    [{ '>': { severity: 'low' } }, 'bc'],
    [{ '<=': { timestamp: '1970-01-01T00:00:02' } }, 'ab'],
    [{ '=<': { timestamp: '1970-01-01T00:00:02Z' } }, 'ab'],
    [{ IN: { name: ['one', 'three'] } }, 'ac'],
    [{ '=~': { name: 't?' } }, 'bc'],
    [{ '=~': { name: 'wo' } }, 'b'],
    [{ not: { '=': { state: 'alarm' } } }, 'ab'],
    [
      { and: [{ '=': { enabled: true } }, { Or: [{ '=': { name: 'one' } }, { '=': { name: 'two' } }] }] },
      'a',
    ],
    [{ '=': { project: sampleAlarm().projectId } }, 'abc'],
    [{ '=': { name: 'constructor' } }, ''],
  ])('%j finds %j', (filter, expected) => {
    expect(found(filter)).toBe(expected);
  });

  it.each([
    ['not JSON', '{'],
    ['no object', '[]'],
    ['two members', '{"=": {"name": "a"}, "!=": {"name": "b"}}'],
    ['an unknown operator', '{"like": {"name": "a"}}'],
    ['an operator of all objects', '{"constructor": {"name": "a"}}'],
    ['an unknown field', '{"=": {"colour": "red"}}'],
    ['a field of all objects', '{"=": {"constructor": "x"}}'],
    ['and of one', '{"and": [{"=": {"name": "a"}}]}'],
    ['a value that is an object', '{"=": {"name": {}}}'],
    ['in of nothing', '{"in": {"name": []}}'],
    ['a time that is none', '{"<": {"timestamp": "soon"}}'],
    ['a truth that is none', '{"=": {"enabled": "perhaps"}}'],
    ['a bottomless pit', '{"not":'.repeat(40) + '{"=": {"name": "a"}}' + '}'.repeat(40)],
  ])('refuses %s', (_name, filter) => {
    expect(() => parseAlarmFilter(filter)).toThrow(AlarmSearchInvalid);
  });

  it('orders by fields, severities by their weight', () => {
    const ids = (order: string) =>
      pageOf(alarms, { order: parseAlarmOrder(order) })
        .map(({ alarmId }) => alarmId)
        .join('');
    expect(ids('[]')).toBe('cba');
    expect(ids('[{"severity": "ASC"}]')).toBe('acb');
    expect(ids('[{"enabled": "desc"}, {"name": "asc"}]')).toBe('acb');
    expect(() => parseAlarmOrder('[{"name": "up"}]')).toThrow(AlarmSearchInvalid);
    expect(() => parseAlarmOrder('{}')).toThrow(AlarmSearchInvalid);
  });

  it('is cut into pages', () => {
    const page = pageOf(alarms, { order: [{ field: 'name', descending: false }], limit: 1, marker: 'a' });
    expect(page.map(({ alarmId }) => alarmId)).toEqual(['c']);
    expect(() => pageOf(alarms, { order: [], marker: 'nosuch' })).toThrow(AlarmSearchInvalid);
  });
});
