/** Whether an expression holds for a token and a target, and why. */
import type { CredentialValue, Credentials } from './credentials.ts';
import { printExpression, targetsOf, type Expression, type Pattern } from './expression.ts';

/** What a thing is that somebody wants to do something with: `project_id`, `session_id` ... */
export type Target = Readonly<Record<string, string>>;

/** It holds, it does not, or that depends on an attribute of the target that is not known yet. */
export type Outcome = boolean | 'unknown';

/** How an expression came to its outcome, check by check. */
export interface Trace {
  readonly expression: Expression;
  readonly outcome: Outcome;
  /** What the check found, for the operator: it may name what the caller must not learn. Absent where parts tell it. */
  readonly found?: string;
  readonly parts: readonly Trace[];
}

export interface Situation {
  readonly credentials: Credentials;
  readonly target: Target;
  /** Attributes of the target that will be known later. */
  readonly unknown: ReadonlySet<string>;
  /** The rules that `rule:` names. */
  readonly ruleOf: (name: string) => Expression;
}

export function evaluate(expression: Expression, situation: Situation): Trace {
  switch (expression.kind) {
    case 'always':
      return leaf(expression, true, 'always so');
    case 'never':
      return leaf(expression, false, 'never so');
    case 'rule': {
      const part = evaluate(situation.ruleOf(expression.name), situation);
      return { expression, outcome: part.outcome, parts: [part] };
    }
    case 'not': {
      const part = evaluate(expression.operand, situation);
      const outcome = part.outcome === 'unknown' ? 'unknown' : !part.outcome;
      return { expression, outcome, parts: [part] };
    }
    case 'and':
    case 'or': {
      const parts = expression.operands.map((operand) => evaluate(operand, situation));
      return { expression, outcome: join(expression.kind, parts), parts };
    }
    case 'role':
    case 'attribute':
    case 'literal':
      return compare(expression, situation);
  }
}

function leaf(expression: Expression, outcome: Outcome, found: string): Trace {
  return { expression, outcome, found, parts: [] };
}

/** One part decides: a false one of an `and`, a true one of an `or`. */
function join(operator: 'and' | 'or', parts: readonly Trace[]): Outcome {
  const deciding = operator === 'or';
  if (parts.some(({ outcome }) => outcome === deciding)) return deciding;
  return parts.some(({ outcome }) => outcome === 'unknown') ? 'unknown' : !deciding;
}

type Comparison = Extract<Expression, { kind: 'role' | 'attribute' | 'literal' }>;

function compare(check: Comparison, { credentials, target, unknown }: Situation): Trace {
  const pattern = check.kind === 'role' ? check.role : check.equals;
  // Without the attribute the token fails whatever the target is.
  if (check.kind === 'attribute' && credentials[check.attribute] === undefined) {
    // As Python writes what is not there. Only where the rule itself says so: a target must not match by being called None.
    const isNone = pattern.length === 1 && pattern[0] === 'None';
    return leaf(check, isNone, `the token has no ${check.attribute}`);
  }
  const wanted = fill(pattern, target, unknown);
  if (wanted === 'unknown') return leaf(check, 'unknown', 'depends on what is not known yet');
  if (wanted === undefined) {
    return leaf(check, false, `the target has no ${targetsOf(check).join(' and ')}`);
  }
  if (check.kind === 'literal') {
    return leaf(check, check.value === wanted.text, `compared with ${wanted.text}`);
  }
  if (check.kind === 'role') {
    const has = credentials.roles.some((role) => role.toLowerCase() === wanted.text.toLowerCase());
    return leaf(check, has, `the token's roles are ${credentials.roles.join(', ') || 'none'}`);
  }
  const value = asText(credentials[check.attribute]);
  const compared = pattern.some((part) => typeof part !== 'string') ? `, the target's ${wanted.text}` : '';
  return leaf(check, value === wanted.text, `the token's ${check.attribute} is ${value}${compared}`);
}

/** The text that a pattern means for this target; undefined where the target lacks an attribute. */
function fill(
  pattern: Pattern,
  target: Target,
  unknown: ReadonlySet<string>,
): { readonly text: string } | 'unknown' | undefined {
  let text = '';
  for (const part of pattern) {
    if (typeof part === 'string') text += part;
    else if (unknown.has(part.target)) return 'unknown';
    else {
      const value = Object.hasOwn(target, part.target) ? target[part.target] : undefined;
      if (value === undefined) return undefined;
      text += value;
    }
  }
  return { text };
}

/** Values as Python prints them, since rules compare text: `is_admin:True`. */
function asText(value: CredentialValue | undefined): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' ? value : '';
}

/**
 * The trace as lines for people: yes, no or maybe, then the check with what it found; parts are indented.
 */
export function printTrace(trace: Trace, depth = 0): readonly string[] {
  const { expression, outcome, found, parts } = trace;
  const verdict = outcome === 'unknown' ? 'maybe' : outcome ? 'yes' : 'no';
  const line = `${verdict.padEnd(5)} ${'  '.repeat(depth)}${printExpression(expression)}`;
  return [
    found === undefined ? line : `${line}  (${found})`,
    ...parts.flatMap((part) => printTrace(part, depth + 1)),
  ];
}
