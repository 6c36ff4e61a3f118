/** What a refused token lacks, in words for its owner: without a value of the target, which may be another project's. */
import { printExpression, printPattern, type Expression } from './expression.ts';
import type { Trace } from './evaluate.ts';

/** What a token would need for a check that refused it. Undefined where no token can have it. */
export function needsOf(trace: Trace, wanted = true): string | undefined {
  const { expression, parts } = trace;
  switch (expression.kind) {
    case 'rule':
      return parts[0] && needsOf(parts[0], wanted);
    case 'not':
      return parts[0] && needsOf(parts[0], !wanted);
    case 'and':
    case 'or': {
      const missing = parts.filter(({ outcome }) => outcome === !wanted);
      const needs = missing.map((part) => needsOf(part, wanted));
      // "not (a and b)" is "not a or not b".
      const anyOfThem = (expression.kind === 'or') === wanted;
      const named = [...new Set(needs.filter((need) => need !== undefined))];
      if (named.length === 0 || (!anyOfThem && needs.includes(undefined))) return undefined;
      // What one can get goes before what one would have to give up.
      named.sort((a, b) => Number(a.startsWith('no ')) - Number(b.startsWith('no ')));
      return named.join(anyOfThem ? ', or ' : ' and ');
    }
    case 'always':
    case 'never':
      return undefined;
    case 'role':
      return `${wanted ? 'the' : 'no'} role ${printPattern(expression.role)}`;
    case 'literal':
      return wanted
        ? `a target with ${printExpression(expression)}`
        : `a target without ${printExpression(expression)}`;
    case 'attribute':
      return needOfAttribute(expression, wanted);
  }
}

type Attribute = Extract<Expression, { kind: 'attribute' }>;

function needOfAttribute(check: Attribute, wanted: boolean): string | undefined {
  // Not of a token: it stands for a server that asks for none.
  if (check.attribute === 'is_admin') return undefined;
  const text = printExpression(check);
  if (text === 'system_scope:all')
    return wanted ? 'a token with system scope' : 'a token without system scope';
  if (text === 'project_id:%(project_id)s' && wanted) return 'a token of the project that it belongs to';
  if (text === 'user_id:%(user_id)s' && wanted) return 'a token of the user that it belongs to';
  return wanted ? text : `other than ${text}`;
}
