/** Our rules mean what they mean to oslo.policy: its own verdicts (recordings/record-oslo-policy.py made them). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { parseExpression } from '../../../src/policy/parse-expression.ts';

type Case = readonly [
  text: string,
  token: Readonly<Record<string, string | boolean | null>> & { readonly roles: readonly string[] },
  target: Readonly<Record<string, string>>,
  allowed: boolean,
];

const recording = JSON.parse(
  readFileSync(new URL('recordings/oslo-policy.json', import.meta.url), 'utf8'),
) as { readonly 'oslo.policy': string; readonly cases: readonly Case[] };

describe(`oslo.policy ${recording['oslo.policy']}`, () => {
  it('allows what we allow, and nothing else', () => {
    const differing = recording.cases.filter(([text, { roles, ...attributes }, target, allowed]) => {
      const present = Object.entries(attributes).map(([name, value]) => [name, value ?? undefined]);
      const credentials = { ...(Object.fromEntries(present) as Record<string, string | boolean>), roles };
      const situation = {
        credentials,
        target,
        unknown: new Set<string>(),
        ruleOf: () => parseExpression('is_admin:True or role:admin'),
      };
      return evaluate(parseExpression(text), situation).outcome !== allowed;
    });
    expect(differing).toEqual([]);
    expect(recording.cases.filter(([, , , allowed]) => allowed).length).toBeGreaterThan(50);
  });
});
