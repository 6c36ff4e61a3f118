/** What can be wrong with the rules of a policy file, beyond its being YAML. All of it is found at the start. */
import type { ConfigProblem } from '../config/config-error.ts';
import { nearestName } from '../config/nearest-name.ts';
import { credentialNames } from './credentials.ts';
import { defaultRules } from './default-rules.ts';
import { checksOf, printExpression, targetsOf, type Expression } from './expression.ts';
import { parseExpression } from './parse-expression.ts';
import type { EffectiveRule, Override } from './policy.ts';
import { RuleSyntaxError } from './rule-syntax-error.ts';

interface ReadRule {
  readonly name: string;
  readonly expression: Expression;
  readonly where: string;
}

type Rules = ReadonlyMap<string, EffectiveRule>;

/** Reads the texts; those that cannot be read become problems. */
export function readOverrides(overrides: readonly Override[]): {
  readonly read: readonly ReadRule[];
  readonly problems: readonly ConfigProblem[];
} {
  const read: ReadRule[] = [];
  const problems: ConfigProblem[] = [];
  for (const { name, text, where } of overrides) {
    try {
      read.push({ name, where, expression: parseExpression(text) });
    } catch (error) {
      if (!(error instanceof RuleSyntaxError)) throw error;
      const says = `character ${error.at + 1} of ${JSON.stringify(text)}: ${error.message}`;
      problems.push({ where: `${name} (${where})`, says });
    }
  }
  return { read, problems };
}

/** Names that do not exist, attributes that nothing has, and rules that go in circles. */
export function ruleProblems(rules: Rules, overrides: readonly Override[]): readonly ConfigProblem[] {
  const written = [...rules.values()].filter(({ where }) => where !== undefined);
  return [
    ...unknownNames(rules, overrides),
    ...written.flatMap((rule) => wrongChecks(rule, rules)),
    ...wrongTargets(rules),
    ...circles(rules),
  ];
}

function located({ name, where }: { readonly name: string; readonly where?: string }): string {
  return `${name} (${where ?? 'built in'})`;
}

/** A name that we do not have is a site's own rule where another rule uses it, and a slip otherwise. */
function unknownNames(rules: Rules, overrides: readonly Override[]): readonly ConfigProblem[] {
  const used = new Set([...rules.values()].flatMap((rule) => namesOf(rule.expression)));
  return overrides
    .filter(({ name }) => !defaultRules.has(name) && (name.startsWith('fenix:') || !used.has(name)))
    .map((override) => ({
      where: located(override),
      says: `there is no such rule, and no other uses it${suggestion(override.name, [...defaultRules.keys()])}; "policy show" lists the rules`,
    }));
}

function wrongChecks(rule: EffectiveRule, rules: Rules): readonly ConfigProblem[] {
  const known = [...rules.keys()];
  const targets = new Set([...rules.values()].flatMap(({ target = [] }) => target));
  return checksOf(rule.expression).flatMap((check) => {
    const says: string[] = [];
    if (check.kind === 'rule' && !rules.has(check.name)) {
      says.push(`there is no rule ${check.name}${suggestion(check.name, known)}`);
    }
    if (check.kind === 'attribute' && !(credentialNames as readonly string[]).includes(check.attribute)) {
      const guess = suggestion(check.attribute, ['role', 'rule', ...credentialNames]);
      says.push(`a token has no ${check.attribute}${guess}; there are role, ${credentialNames.join(', ')}`);
    }
    for (const target of targetsOf(check).filter((name) => !targets.has(name))) {
      const guess = suggestion(target, [...targets]);
      says.push(`no target has a ${target}${guess}; there are ${[...targets].join(', ')}`);
    }
    return says.map((text) => ({
      where: located(rule),
      says: `in ${JSON.stringify(printExpression(check))}: ${text}`,
    }));
  });
}

/** A comparison with an attribute that the thing does not have is always false: nobody means that. */
function wrongTargets(rules: Rules): readonly ConfigProblem[] {
  const everywhere = new Set([...rules.values()].flatMap(({ target = [] }) => target));
  return [...rules.values()].flatMap((rule) => {
    const { target } = rule;
    if (target === undefined) return [];
    return reachable(rule, rules).flatMap((through) =>
      checksOf(through.expression)
        .flatMap(targetsOf)
        .filter((name) => everywhere.has(name) && !target.includes(name))
        .map((name) => ({
          where: located(rule.where === undefined ? through : rule),
          says: `${rule.name} compares with %(${name})s${through === rule ? '' : ` by rule:${through.name}`}, but what it is asked about ${target.length === 0 ? 'has no attributes' : `has only ${target.join(', ')}`}; use another check`,
        })),
    );
  });
}

/** The rule and all that it is made of. */
function reachable(rule: EffectiveRule, rules: Rules): readonly EffectiveRule[] {
  const found = new Set([rule]);
  for (const { expression } of found) {
    for (const name of namesOf(expression)) {
      const next = rules.get(name);
      if (next !== undefined) found.add(next);
    }
  }
  return [...found];
}

/** Each circle once, told from one of its rules that a file sets. */
function circles(rules: Rules): readonly ConfigProblem[] {
  const told = new Set<string>();
  return [...rules.values()].flatMap((rule) => {
    const circle = rule.where === undefined || told.has(rule.name) ? undefined : circleFrom(rule.name, rules);
    if (circle === undefined) return [];
    for (const name of circle) told.add(name);
    const says = `it depends on itself: ${circle.join(' -> ')}; take one rule: out of the circle`;
    return [{ where: located(rule), says }];
  });
}

/** The way from a rule back to itself. */
function circleFrom(start: string, rules: Rules): readonly string[] | undefined {
  const seen = new Set<string>();
  const search = (way: readonly string[]): readonly string[] | undefined => {
    const rule = rules.get(way.at(-1) ?? start);
    for (const name of rule === undefined ? [] : namesOf(rule.expression)) {
      if (name === start) return [...way, name];
      if (seen.has(name)) continue;
      seen.add(name);
      const circle = search([...way, name]);
      if (circle !== undefined) return circle;
    }
    return undefined;
  };
  return search([start]);
}

function namesOf(expression: Expression): readonly string[] {
  return checksOf(expression).flatMap((check) => (check.kind === 'rule' ? [check.name] : []));
}

function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
}
