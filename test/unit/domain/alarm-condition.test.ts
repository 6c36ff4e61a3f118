import { describe, expect, it } from 'vitest';
import type { AlarmQuery } from '../../../src/domain/alarm.ts';
import { conditionProblem, meetsCondition } from '../../../src/domain/alarm-condition.ts';
import { eventOf } from '../../../src/domain/alarm-event.ts';
import { sampleNotification } from '../../support/sample-alarm.ts';

type Row = [field: string, op: AlarmQuery['op'], type: AlarmQuery['type'], value: string, met: boolean];

const scheduled = eventOf(sampleNotification({ messageId: 'm1' }));
const session = eventOf(
  sampleNotification({ eventType: 'maintenance.session' }, { state: 'MAINTENANCE', percent_done: 50 }),
);

describe('a condition of an alarm', () => {
  it.each<Row>([
    ['traits.state', 'eq', 'string', 'PREPARE_MAINTENANCE', true],
    ['traits.state', 'eq', '', 'PREPARE_MAINTENANCE', true],
    ['traits.state', 'eq', 'string', 'SCALE_IN', false],
    ['traits.state', 'ne', 'string', 'SCALE_IN', true],
    ['traits.state', 'lt', 'string', 'SCALE_IN', true],
    ['traits.state', 'ge', 'string', 'SCALE_IN', false],
    ['traits.metadata', 'eq', 'string', "{'openstack_release': 'Zed'}", true],
    ['traits.actions_at', 'lt', 'datetime', '2030-01-01T11:30:00+01:00', true],
    ['traits.actions_at', 'le', 'datetime', '2030-01-01 10:00:00', true],
    ['traits.actions_at', 'gt', 'datetime', '2030-01-01 10:00:00', false],
    ['traits.nosuch', 'eq', 'string', 'None', false],
    ['traits.nosuch', 'ne', 'string', 'x', true],
    ['traits.nosuch', 'lt', 'string', 'x', false],
    ['event_type', 'eq', 'string', 'maintenance.scheduled', true],
    ['message_id', 'eq', 'string', 'm1', true],
  ])('%s %s (%s) %s: %s', (field, op, type, value, met) => {
    expect(meetsCondition(scheduled, { field, op, type, value })).toBe(met);
  });

  it.each<Row>([
    ['traits.percent_done', 'eq', 'integer', '50', true],
    ['traits.percent_done', 'ge', 'float', '49.5', true],
    ['traits.percent_done', 'gt', 'integer', '50', false],
    // As in Python, 9 is below 50 as a number, and a text is neither equal to a number nor before it.
    ['traits.percent_done', 'gt', 'integer', '9', true],
    ['traits.percent_done', 'eq', 'string', '50', false],
    ['traits.percent_done', 'ne', 'string', '50', true],
    ['traits.percent_done', 'lt', 'string', '9', false],
  ])('of a number: %s %s (%s) %s: %s', (field, op, type, value, met) => {
    expect(meetsCondition(session, { field, op, type, value })).toBe(met);
  });

  it.each<[string, Partial<AlarmQuery>, RegExp | undefined]>([
    ['a trait', { field: 'traits.state' }, undefined],
    ['a field of the event', { field: 'event_type' }, undefined],
    ['a name without traits.', { field: 'state' }, /traits\.<name/],
    ['an empty name', { field: 'traits.' }, /traits\.<name/],
    ['a bad integer', { type: 'integer', value: '5.5' }, /not of type integer/],
    ['a bad float', { type: 'float', value: '' }, /not of type float/],
    ['a bad time', { type: 'datetime', value: 'soon' }, /not of type datetime/],
    ['a bad truth', { type: 'boolean', value: 'maybe' }, /not of type boolean/],
    ['a truth', { type: 'boolean', value: 'Yes' }, undefined],
  ])('is checked when it is made: %s', (_name, changes, problem) => {
    const found = conditionProblem({ field: 'traits.x', op: 'eq', type: 'string', value: 'v', ...changes });
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });
});
