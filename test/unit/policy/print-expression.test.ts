/** A printed rule means what it meant. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, type Situation } from '../../../src/policy/evaluate.ts';
import { printExpression, type Expression, type Pattern } from '../../../src/policy/expression.ts';
import { parseExpression } from '../../../src/policy/parse-expression.ts';

const word = fc.constantFrom('admin', 'member', 'p1', 'True', '100%', 'x:y');
const name = fc.constantFrom('project_id', 'user_id', 'is_admin');
const pattern: fc.Arbitrary<Pattern> = fc.oneof(
  word.map((text) => [text]),
  name.map((target) => [{ target }]),
  fc.tuple(word, name).map(([text, target]) => [text, { target }]),
);
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<Expression>({ kind: 'always' }, { kind: 'never' }, { kind: 'rule', name: 'admin' }),
    pattern.map((role): Expression => ({ kind: 'role', role })),
    fc
      .tuple(name, pattern)
      .map(([attribute, equals]): Expression => ({ kind: 'attribute', attribute, equals })),
    pattern.map((equals): Expression => ({ kind: 'literal', written: "'p1'", value: 'p1', equals })),
    tie('expression').map((operand): Expression => ({ kind: 'not', operand })),
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('expression'), { minLength: 2, maxLength: 4 }),
      )
      .map(([kind, operands]): Expression => ({ kind, operands })),
  ),
}));
const value = fc.constantFrom('p1', 'admin', '100%');
const situation: fc.Arbitrary<Situation> = fc.record({
  credentials: fc.record({
    roles: fc.subarray(['admin', 'member', 'p1', 'x:y']),
    project_id: fc.option(value, { nil: undefined }),
    user_id: fc.option(value, { nil: undefined }),
    is_admin: fc.boolean(),
  }),
  target: fc.dictionary(name, value),
  unknown: fc.subarray(['project_id', 'user_id']).map((names) => new Set(names)),
  ruleOf: fc.constant((): Expression => ({ kind: 'role', role: ['admin'] })),
});

describe('printing an expression and reading it again', () => {
  it('keeps its meaning', () => {
    fc.assert(
      fc.property(expression, situation, (original, asked) => {
        const again = parseExpression(printExpression(original));
        expect(evaluate(again, asked).outcome).toBe(evaluate(original, asked).outcome);
      }),
      { numRuns: 500 },
    );
  });

  it('comes to rest: what was printed is printed the same', () => {
    fc.assert(
      fc.property(expression, (original) => {
        const printed = printExpression(original);
        expect(printExpression(parseExpression(printed))).toBe(printed);
      }),
    );
  });

  it('tells early only what holds whatever comes later', () => {
    fc.assert(
      fc.property(expression, situation, fc.dictionary(name, value), (rule, asked, later) => {
        const early = evaluate(rule, asked).outcome;
        const known = Object.entries(asked.target).filter(([attribute]) => !asked.unknown.has(attribute));
        const learnt = Object.entries(later).filter(([attribute]) => asked.unknown.has(attribute));
        const target = Object.fromEntries([...known, ...learnt]);
        const late = evaluate(rule, { ...asked, target, unknown: new Set() }).outcome;
        expect(late).not.toBe('unknown');
        if (early !== 'unknown') expect(late).toBe(early);
      }),
      { numRuns: 500 },
    );
  });
});
