/**
 * Reads the text of a policy rule. oslo.policy takes a rule that it does not understand for one that always refuses, and
 * says so in a log; here it is an error that names the place.
 */
import type { Expression } from './expression.ts';
import { parseCheck } from './parse-check.ts';
import { RuleSyntaxError } from './rule-syntax-error.ts';

interface Token {
  readonly text: string;
  /** Where it begins, counted from 0. */
  readonly at: number;
}

/** @throws RuleSyntaxError */
export function parseExpression(text: string): Expression {
  if (text === '') return { kind: 'always' };
  const tokens = tokenize(text);
  if (tokens.length === 0) {
    throw new RuleSyntaxError(0, 'there are only blanks; write @ for always allowed, or ! for never');
  }
  return new Parser(tokens, text.length).whole();
}

/**
 * Words between blanks. Parentheses count at the beginning and at the end of a word only: `%(project_id)s` has its own
 * within.
 */
function tokenize(text: string): readonly Token[] {
  return [...text.matchAll(/\S+/g)].flatMap(({ 0: word, index }) => {
    const opening = /^\(*/.exec(word)?.[0].length ?? 0;
    const core = word.slice(opening).replace(/\)+$/, '');
    const closing = word.length - opening - core.length;
    const parentheses = (sign: string, count: number, from: number): readonly Token[] =>
      Array.from({ length: count }, (_, offset) => ({ text: sign, at: from + offset }));
    return [
      ...parentheses('(', opening, index),
      ...(core === '' ? [] : [{ text: core, at: index + opening }]),
      ...parentheses(')', closing, index + opening + core.length),
    ];
  });
}

const operators = ['and', 'or', 'not'] as const;

/** Recursive descent: `or` of `and` of `not` of a check or parentheses. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  whole(): Expression {
    const expression = this.#joined('or');
    const rest = this.#tokens[this.#next];
    if (rest === undefined) return expression;
    throw new RuleSyntaxError(
      rest.at,
      rest.text === ')'
        ? 'this ")" closes nothing; remove it'
        : `expected "and", "or" or the end before ${JSON.stringify(rest.text)}`,
    );
  }

  #joined(operator: 'and' | 'or'): Expression {
    const part = () => (operator === 'or' ? this.#joined('and') : this.#negated());
    const operands = [part()];
    while (this.#take(operator)) operands.push(part());
    const [only] = operands;
    return only !== undefined && operands.length === 1 ? only : { kind: operator, operands };
  }

  #negated(): Expression {
    if (this.#take('not')) return { kind: 'not', operand: this.#negated() };
    const opening = this.#tokens[this.#next];
    if (!this.#take('(')) return this.#check();
    const inner = this.#joined('or');
    if (!this.#take(')')) {
      throw new RuleSyntaxError(opening?.at ?? 0, 'this "(" is not closed; add a ")"');
    }
    return inner;
  }

  #check(): Expression {
    const token = this.#tokens[this.#next];
    const wanted = 'expected a check such as role:admin';
    if (token === undefined) throw new RuleSyntaxError(this.#end, `${wanted} at the end`);
    if (token.text === ')' || operators.some((operator) => operator === token.text.toLowerCase())) {
      throw new RuleSyntaxError(token.at, `${wanted} before "${token.text}"`);
    }
    this.#next += 1;
    return parseCheck(token.text, token.at);
  }

  #take(text: string): boolean {
    const found = this.#tokens[this.#next]?.text.toLowerCase() === text;
    if (found) this.#next += 1;
    return found;
  }
}
