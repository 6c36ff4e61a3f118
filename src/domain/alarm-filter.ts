/**
 * Aodh's complex queries (`POST /v2/query/alarms`): a JSON text such as
 * `{"and": [{"=": {"state": "alarm"}}, {"not": {"in": {"name": ["a", "b"]}}}]}`.
 */
import type { Alarm } from './alarm.ts';
import type { AlarmComparison, AlarmOrder } from './alarm-search.ts';
import { AlarmSearchInvalid, alarmField, compareField, fieldText } from './alarm-search.ts';
import { fnmatch } from './fnmatch.ts';

type Test = (alarm: Alarm) => boolean;

const comparisons: Readonly<Record<string, AlarmComparison>> = {
  '=': '=',
  '!=': '!=',
  '<': '<',
  '<=': '<=',
  '=<': '<=',
  '>': '>',
  '>=': '>=',
  '=>': '>=',
};
/** Deeper than anybody writes by hand, and far from the end of the stack. */
const deepest = 32;

/**
 * The test that a filter makes. `=~` looks for a part of the text, in which `*` and `?` stand for any text and any
 * character; Aodh leaves its regular expressions to the database, which nobody should be able to keep busy here.
 * @throws AlarmSearchInvalid
 */
export function parseAlarmFilter(text: string): Test {
  return parseNode(parseJson(text, 'filter'), 1);
}

/** The order of a complex query: `[{"timestamp": "desc"}, {"name": "asc"}]`. @throws AlarmSearchInvalid */
export function parseAlarmOrder(text: string): readonly AlarmOrder[] {
  const parsed = parseJson(text, 'orderby');
  if (!Array.isArray(parsed))
    throw new AlarmSearchInvalid('orderby must be a list of {field: "asc" or "desc"}');
  return parsed.map((item: unknown) => {
    const [field, direction] = onlyMember(item, 'an item of orderby');
    const word = typeof direction === 'string' ? direction.toLowerCase() : '';
    if (word !== 'asc' && word !== 'desc') {
      throw new AlarmSearchInvalid(`orderby of ${field} must be "asc" or "desc"`);
    }
    return { field: alarmField(field), descending: word === 'desc' };
  });
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AlarmSearchInvalid(`${name} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function parseNode(node: unknown, depth: number): Test {
  if (depth > deepest) throw new AlarmSearchInvalid(`filter is nested more than ${deepest} deep`);
  const [name, operand] = onlyMember(node, 'each part of filter');
  const operator = name.toLowerCase();
  if (operator === 'and' || operator === 'or') {
    if (!Array.isArray(operand) || operand.length < 2) {
      throw new AlarmSearchInvalid(`"${name}" takes a list of at least two conditions`);
    }
    const tests = operand.map((item: unknown) => parseNode(item, depth + 1));
    return operator === 'and'
      ? (alarm) => tests.every((test) => test(alarm))
      : (alarm) => tests.some((test) => test(alarm));
  }
  if (operator === 'not') {
    const test = parseNode(operand, depth + 1);
    return (alarm) => !test(alarm);
  }
  const [field, value] = onlyMember(operand, `the operand of "${name}"`);
  return parseCondition(operator, field, value);
}

function parseCondition(operator: string, field: string, value: unknown): Test {
  if (operator === 'in') {
    if (!Array.isArray(value) || value.length === 0) {
      throw new AlarmSearchInvalid(`"in" takes a list of values for ${field}`);
    }
    const tests = value.map((item: unknown) => compareField(field, '=', scalar(item, field)));
    return (alarm) => tests.some((test) => test(alarm));
  }
  if (operator === '=~') {
    const pattern = `*${String(scalar(value, field))}*`;
    const name = alarmField(field);
    return (alarm) => fnmatch(pattern, fieldText(alarm, name));
  }
  const comparison = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (comparison === undefined) {
    throw new AlarmSearchInvalid(
      `"${operator}" is no operator; there are and, or, not, in, =~, ${Object.keys(comparisons).join(', ')}`,
    );
  }
  return compareField(field, comparison, scalar(value, field));
}

function onlyMember(node: unknown, what: string): readonly [name: string, value: unknown] {
  if (typeof node === 'object' && node !== null && !Array.isArray(node)) {
    const [member, ...others] = Object.entries(node) as [string, unknown][];
    if (member !== undefined && others.length === 0) return member;
  }
  throw new AlarmSearchInvalid(`${what} must be an object with exactly one member`);
}

function scalar(value: unknown, field: string): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new AlarmSearchInvalid(`the value of ${field} must be a text, a number, true or false`);
}
