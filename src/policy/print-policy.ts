import type { EffectiveRule, Policy } from './policy.ts';
import { printExpression } from './expression.ts';

/** The rules in force as a policy file, explained in comments. Reading it again gives the same rules. */
export function printPolicy(policy: Policy): string {
  const rules = policy.rules.map(printRule);
  return `# The rules in force. Those that the policy file sets are marked "overridden".\n\n${rules.join('\n')}`;
}

function printRule({ name, expression, description, operations, target, overridden, where }: EffectiveRule) {
  const comments = [
    description ?? "The site's own rule.",
    ...(operations ?? []),
    ...(target !== undefined && target.length > 0
      ? [`compares with ${target.map((attribute) => `%(${attribute})s`).join(', ')}`]
      : []),
    ...(overridden === undefined ? [] : [`overridden in ${where ?? ''}; the default is "${overridden}"`]),
  ];
  const quoted = [name, printExpression(expression)].map((text) => JSON.stringify(text)).join(': ');
  return [...comments.map((line) => `# ${line}`), quoted, ''].join('\n');
}
