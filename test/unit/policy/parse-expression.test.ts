/** The language of oslo.policy as policy files are written in it. */
import { describe, expect, it } from 'vitest';
import { printExpression } from '../../../src/policy/expression.ts';
import { parseExpression } from '../../../src/policy/parse-expression.ts';
import { RuleSyntaxError } from '../../../src/policy/rule-syntax-error.ts';

const role = (name: string) => ({ kind: 'role', role: [name] });

describe('a check', () => {
  it.each([
    ['', { kind: 'always' }],
    ['@', { kind: 'always' }],
    ['!', { kind: 'never' }],
    ['role:admin', role('admin')],
    ['role:compute:admin', role('compute:admin')],
    ['rule:admin', { kind: 'rule', name: 'admin' }],
    ['rule:fenix:instance:get', { kind: 'rule', name: 'fenix:instance:get' }],
    [
      'project_id:%(project_id)s',
      { kind: 'attribute', attribute: 'project_id', equals: [{ target: 'project_id' }] },
    ],
    ['is_admin:True', { kind: 'attribute', attribute: 'is_admin', equals: ['True'] }],
    ['system_scope:all', { kind: 'attribute', attribute: 'system_scope', equals: ['all'] }],
    [
      'user_id:a-%(user_id)s-100%%',
      { kind: 'attribute', attribute: 'user_id', equals: ['a-', { target: 'user_id' }, '-100%'] },
    ],
    [
      "'some:text':%(project_id)s",
      { kind: 'literal', written: "'some:text'", value: 'some:text', equals: [{ target: 'project_id' }] },
    ],
    ['"text":x', { kind: 'literal', written: '"text"', value: 'text', equals: ['x'] }],
    ['True:%(on)s', { kind: 'literal', written: 'True', value: 'True', equals: [{ target: 'on' }] }],
    ['-7:%(level)s', { kind: 'literal', written: '-7', value: '-7', equals: [{ target: 'level' }] }],
  ])('%j', (text, expression) => {
    expect(parseExpression(text)).toEqual(expression);
  });
});

describe('what joins checks', () => {
  it.each([
    ['role:a or role:b and role:c', 'role:a or (role:b and role:c)'],
    ['role:a and role:b or role:c', '(role:a and role:b) or role:c'],
    ['role:a or role:b and role:c or role:d', 'role:a or (role:b and role:c) or role:d'],
    ['not role:a and role:b', '(not role:a) and role:b'],
    ['not role:a or role:b', '(not role:a) or role:b'],
    ['role:a or not role:b and role:c', 'role:a or ((not role:b) and role:c)'],
    ['not not role:a', 'not (not role:a)'],
    ['NOT role:a AND role:b Or role:c', '((not role:a) and role:b) or role:c'],
    ['  ( role:a )\n', 'role:a'],
    ['((role:a))', 'role:a'],
    ['(project_id:%(project_id)s)', 'project_id:%(project_id)s'],
  ])('%j is %j', (text, spelledOut) => {
    expect(parseExpression(text)).toEqual(parseExpression(spelledOut));
  });

  it('binds "not" tighter than "and", and "and" tighter than "or"', () => {
    expect(parseExpression('role:a or not role:b and role:c')).toEqual({
      kind: 'or',
      operands: [role('a'), { kind: 'and', operands: [{ kind: 'not', operand: role('b') }, role('c')] }],
    });
  });

  it('is overruled by parentheses, and printed with those that it needs only', () => {
    const text = 'not (role:a or role:b) and (role:c or role:d)';
    expect(printExpression(parseExpression(`((${text}))`))).toBe(text);
    expect(printExpression(parseExpression('(role:a and (role:b)) or (not (role:c))'))).toBe(
      'role:a and role:b or not role:c',
    );
  });
});

describe('a rule that cannot be read', () => {
  it.each([
    ['   ', 0, /only blanks.*@/],
    ['admin', 0, /"admin" is no check.*role:admin/],
    ['role:a role:b', 7, /expected "and", "or" or the end before "role:b"/],
    ['role:a adn role:b', 7, /before "adn"/],
    ['role:a and', 10, /expected a check.* at the end/],
    ['and role:a', 0, /expected a check.* before "and"/],
    ['role:a or or role:b', 10, /before "or"/],
    ['not', 3, /at the end/],
    ['()', 1, /before "\)"/],
    ['(role:a', 0, /"\(" is not closed/],
    ['role:x and (role:a or (role:b)', 11, /"\(" is not closed/],
    ['role:a)', 6, /closes nothing/],
    ['role:', 5, /nothing behind "role:"/],
    ['rule:%(name)s', 5, /name of a rule only/],
    ['project_id:%(project_id)', 11, /behind a %/],
    ['project_id:%s', 11, /behind a %/],
    ['project_id:100%', 14, /behind a %/],
    ['role:a(b', 6, /blank before or behind this "\("/],
    ['role:a)and(role:b', 6, /blank before or behind this "\)"/],
    ['http://example.org/check', 0, /another server are not supported/],
    ["'text'", 0, /is no check/],
    ["'a text':%(x)s", 0, /is no check/],
    ['some-text:%(x)s', 0, /quotes: 'some-text':/],
    [':x', 0, /quotes/],
  ])('%j names character %i and what to do', (text, at, message) => {
    let error: unknown;
    try {
      parseExpression(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(RuleSyntaxError);
    expect((error as RuleSyntaxError).message).toMatch(message);
    expect((error as RuleSyntaxError).at).toBe(at);
  });
});
