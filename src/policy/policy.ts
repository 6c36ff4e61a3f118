/** Who may do what: the effective rules of a server. */
import { ConfigError } from '../config/config-error.ts';
import type { Credentials } from './credentials.ts';
import { defaultRules, type BaseRule, type OperationRule } from './default-rules.ts';
import { evaluate, type Outcome, type Target, type Trace } from './evaluate.ts';
import { printExpression, type Expression } from './expression.ts';
import { needsOf } from './needs.ts';
import { parseExpression } from './parse-expression.ts';
import { readOverrides, ruleProblems } from './rule-problems.ts';

/** A rule as a policy file sets it. */
export interface Override {
  readonly name: string;
  readonly text: string;
  /** `/etc/fenix/policy.yaml:12` */
  readonly where: string;
}

/** A rule in force. */
export interface EffectiveRule extends Partial<Omit<OperationRule, 'check'>> {
  readonly name: string;
  readonly expression: Expression;
  /** The default, where the file has another one. */
  readonly overridden?: string;
  /** Where the file sets it. */
  readonly where?: string;
}

export interface Verdict {
  readonly outcome: Outcome;
  readonly rule: string;
  readonly trace: Trace;
  /** What a refused caller needs, for the caller. Names no value of the target. */
  readonly explanation: string;
}

/** The target is known whole. */
const nothing: ReadonlySet<string> = new Set();

export class Policy {
  readonly #rules: ReadonlyMap<string, EffectiveRule>;

  /** @throws ConfigError which names every override that cannot be used, where it stands, and what to do. */
  constructor(overrides: readonly Override[] = []) {
    const { read, problems } = readOverrides(overrides);
    const rules = new Map<string, EffectiveRule>();
    for (const [name, rule] of defaultRules) rules.set(name, effective(name, rule));
    for (const { name, expression, where } of read) {
      const before = rules.get(name);
      rules.set(name, {
        ...before,
        name,
        expression,
        where,
        ...(before && { overridden: printExpression(before.expression) }),
      });
    }
    const all = [...problems, ...ruleProblems(rules, overrides)];
    if (all.length > 0) throw new ConfigError(all);
    this.#rules = rules;
  }

  /** The rules in force: those that others are made of, then those of operations, then the site's own. */
  get rules(): readonly EffectiveRule[] {
    return [...this.#rules.values()];
  }

  /**
   * May this token do it with this target? `unknown` are attributes of the target that will be known later: the outcome
   * is `unknown` where it depends on them.
   * @throws RangeError where there is no such rule.
   */
  check(
    name: string,
    credentials: Credentials,
    target: Target,
    unknown: ReadonlySet<string> = nothing,
  ): Verdict {
    const ruleOf = (wanted: string): Expression => {
      const rule = this.#rules.get(wanted);
      if (rule === undefined) throw new RangeError(`there is no rule ${wanted}`);
      return rule.expression;
    };
    const expression = ruleOf(name);
    const trace = evaluate(expression, { credentials, target, unknown, ruleOf });
    return { outcome: trace.outcome, rule: name, trace, explanation: explain(name, trace) };
  }
}

function effective(name: string, { check, ...rest }: BaseRule & Partial<OperationRule>): EffectiveRule {
  return { ...rest, name, expression: parseExpression(check) };
}

function explain(name: string, trace: Trace): string {
  const needs = needsOf(trace);
  const what = needs === undefined ? 'No token may do it here.' : `It needs ${needs}.`;
  return `${what} The rule is ${name}: ${printExpression(trace.expression)}`;
}
