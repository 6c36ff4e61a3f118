/** A site's policy file: what it overrides, and what stops the start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { printExpression } from '../../../src/policy/expression.ts';
import { loadPolicy } from '../../../src/policy/policy-file.ts';
import { printPolicy } from '../../../src/policy/print-policy.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'fenix-policy-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string) {
  const path = join(folder, 'policy.yaml');
  writeFileSync(path, text);
  return loadPolicy(path);
}

function problemsOf(text: string): readonly string[] {
  try {
    load(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ where, says }) => `${where.replaceAll(`${folder}/`, '')}: ${says}`);
  }
  throw new Error('nothing was wrong with it');
}

const textsOf = (policy: ReturnType<typeof load>) =>
  Object.fromEntries(policy.rules.map(({ name, expression }) => [name, printExpression(expression)]));

describe('a policy file', () => {
  it.each(['', '# nothing but a comment\n', '{}'])('may be empty: %j', (text) => {
    expect(textsOf(load(text))).toEqual(textsOf(loadPolicy()));
  });

  it('overrides what it names and nothing else', () => {
    const policy = load('"fenix:maintenance:get": "role:auditor"\nadmin: role:cloud_admin\n');
    expect(textsOf(policy)).toEqual({
      ...textsOf(loadPolicy()),
      'fenix:maintenance:get': 'role:auditor',
      admin: 'role:cloud_admin',
    });
  });

  it('may be JSON', () => {
    expect(textsOf(load('{"fenix:maintenance:get": "@"}'))['fenix:maintenance:get']).toBe('@');
  });

  it('may have rules of its own, for others', () => {
    const policy = load('auditor: role:auditor\n"fenix:maintenance:get": "rule:admin or rule:auditor"\n');
    expect(textsOf(policy)['auditor']).toBe('role:auditor');
  });

  it('takes the rules that were printed, and they are the same', () => {
    const policy = load(
      'auditor: "role:auditor"\n"fenix:alarm:get": "\'x\':%(user_id)s or not (rule:auditor and \\"y\\":%(alarm_id)s)"\n',
    );
    const printed = printPolicy(policy);
    expect(textsOf(load(printed))).toEqual(textsOf(policy));
    expect(printed).toContain(`policy.yaml:2; the default is "rule:admin_or_owner"`);
    expect(printed).toContain('# GET /v2/alarms/{alarm_id}\n');
  });
});

describe('the start is stopped by', () => {
  it.each([
    [
      'a rule that cannot be read',
      '# ours\n"fenix:maintenance:get": "role:a adn role:b"',
      'fenix:maintenance:get (policy.yaml:2): character 8 of "role:a adn role:b": expected "and", "or" or the end before "adn"',
    ],
    [
      'a name that does not exist',
      '"fenix:maintenance:psot": "!"',
      'fenix:maintenance:psot (policy.yaml:1): there is no such rule, and no other uses it (did you mean fenix:maintenance:post?); "policy show" lists the rules',
    ],
    [
      'a name of ours that does not exist, although another uses it',
      '"fenix:maintenance:psot": "!"\nadmin: "rule:fenix:maintenance:psot"',
      'fenix:maintenance:psot (policy.yaml:1): there is no such rule, and no other uses it (did you mean fenix:maintenance:post?); "policy show" lists the rules',
    ],
    [
      'a rule that is made of an unknown one',
      '"fenix:maintenance:get": "rule:admni"',
      'fenix:maintenance:get (policy.yaml:1): in "rule:admni": there is no rule admni (did you mean admin?)',
    ],
    [
      'a rule that is made of itself',
      'admin: "rule:admin"',
      'admin (policy.yaml:1): it depends on itself: admin -> admin; take one rule: out of the circle',
    ],
    [
      'a circle, told once, also through rules of ours',
      'admin: "role:x or rule:a"\na: "rule:admin_or_owner"',
      'admin (policy.yaml:1): it depends on itself: admin -> a -> admin_or_owner -> admin; take one rule: out of the circle',
    ],
    [
      'an attribute that no target has',
      '"fenix:instance:get": "project_id:%(projectid)s"',
      'fenix:instance:get (policy.yaml:1): in "project_id:%(projectid)s": no target has a projectid (did you mean project_id?)',
    ],
    [
      'an attribute that no token has',
      '"fenix:instance:get": "projectid:%(project_id)s"',
      'fenix:instance:get (policy.yaml:1): in "projectid:%(project_id)s": a token has no projectid (did you mean project_id?)',
    ],
    [
      'a comparison with what this target does not have',
      '"fenix:maintenance:session:get": "rule:admin_or_owner"',
      'fenix:maintenance:session:get (policy.yaml:1): fenix:maintenance:session:get compares with %(project_id)s by rule:admin_or_owner, but what it is asked about has only session_id; use another check',
    ],
    [
      'a list',
      '"fenix:maintenance:get": [["role:a"]]',
      'fenix:maintenance:get (policy.yaml:1): the rule must be text',
    ],
    [
      'a number',
      '"fenix:maintenance:get": 7',
      'fenix:maintenance:get (policy.yaml:1): the rule must be text',
    ],
    [
      'a flag',
      '"fenix:maintenance:get": true',
      'fenix:maintenance:get (policy.yaml:1): the rule must be text',
    ],
    ['nothing', '"fenix:maintenance:get":', 'fenix:maintenance:get (policy.yaml:1): the rule must be text'],
    ['a file that is a list', '- admin', 'policy.yaml:1: a policy file holds "name": "rule" lines'],
    [
      'a name that is there twice',
      'admin: "!"\nadmin: "@"',
      'policy.yaml:2: this is not YAML (Map keys must be unique',
    ],
    ['an @ without quotes', '"fenix:maintenance:get": @', 'policy.yaml:1: this is not YAML'],
  ])('%s', (_what, text, says) => {
    const [first = '', ...more] = problemsOf(text).filter((problem) => problem.startsWith(says));
    expect(first).toContain(says);
    expect(more).toEqual([]);
  });

  it('a ! without quotes, which YAML takes for something else', () => {
    expect(problemsOf('"fenix:maintenance:get": !')[0]).toContain('the rule must be text in quotes');
  });

  it('everything that is wrong, in one message', () => {
    expect(
      problemsOf('"fenix:x": "!"\n"fenix:instance:get": "rule:no and role:"\nadmin: "role:a b"'),
    ).toHaveLength(3);
  });

  it('a file that cannot be read', () => {
    expect(() => loadPolicy(join(folder, 'nowhere.yaml'))).toThrow(
      /nowhere\.yaml: the policy file cannot be read/,
    );
  });
});
