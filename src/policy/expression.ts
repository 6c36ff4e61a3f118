/** A policy rule as a tree, and its text: the language of oslo.policy (docs/policy.md). */

/** What a check compares with: text, and attributes of the target written as `%(name)s`. */
export type Pattern = readonly (string | { readonly target: string })[];

export type Expression =
  /** `@` and the empty text: always so. `!`: never so. */
  | { readonly kind: 'always' | 'never' }
  /** `role:member`. Small and large letters are the same. */
  | { readonly kind: 'role'; readonly role: Pattern }
  /** `rule:admin`. */
  | { readonly kind: 'rule'; readonly name: string }
  /** `project_id:%(project_id)s`: an attribute of the token. */
  | { readonly kind: 'attribute'; readonly attribute: string; readonly equals: Pattern }
  /** `'text':%(project_id)s`, `True:%(enabled)s`, `7:%(level)s`: a value that stands in the rule. */
  | {
      readonly kind: 'literal';
      readonly written: string;
      readonly value: string;
      readonly equals: Pattern;
    }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] };

/** How tight an expression holds together: `not` more than `and`, `and` more than `or`. */
const tightness = { or: 1, and: 2, not: 3 } as const;

/** The text of an expression, with the parentheses that it needs. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'always':
      return '@';
    case 'never':
      return '!';
    case 'role':
      return `role:${printPattern(expression.role)}`;
    case 'rule':
      return `rule:${expression.name}`;
    case 'attribute':
      return `${expression.attribute}:${printPattern(expression.equals)}`;
    case 'literal':
      return `${expression.written}:${printPattern(expression.equals)}`;
    case 'not':
      return `not ${printWithin(expression.operand, tightness.not)}`;
    case 'and':
    case 'or': {
      const own = tightness[expression.kind];
      return expression.operands.map((part) => printWithin(part, own + 1)).join(` ${expression.kind} `);
    }
  }
}

function printWithin(part: Expression, atLeast: number): string {
  const own = part.kind === 'and' || part.kind === 'or' || part.kind === 'not' ? tightness[part.kind] : 4;
  return own < atLeast ? `(${printExpression(part)})` : printExpression(part);
}

export function printPattern(pattern: Pattern): string {
  return pattern
    .map((part) => (typeof part === 'string' ? part.replaceAll('%', '%%') : `%(${part.target})s`))
    .join('');
}

/** All checks of an expression, without what joins them. */
export function checksOf(
  expression: Expression,
): readonly Exclude<Expression, { kind: 'not' | 'and' | 'or' }>[] {
  switch (expression.kind) {
    case 'not':
      return checksOf(expression.operand);
    case 'and':
    case 'or':
      return expression.operands.flatMap(checksOf);
    default:
      return [expression];
  }
}

/** The attributes of the target that a check compares with. */
export function targetsOf(check: Expression): readonly string[] {
  const pattern = 'equals' in check ? check.equals : 'role' in check ? check.role : [];
  return pattern.flatMap((part) => (typeof part === 'string' ? [] : [part.target]));
}
