/** What the checks of a rule ask of a token and a target, and what a refused caller is told. */
import { describe, expect, it } from 'vitest';
import type { Override } from '../../../src/policy/policy.ts';
import { Policy } from '../../../src/policy/policy.ts';
import { printTrace, type Target } from '../../../src/policy/evaluate.ts';
import type { Credentials } from '../../../src/policy/credentials.ts';

const token: Credentials = {
  roles: ['Member', 'reader'],
  project_id: 'p1',
  user_id: 'u1',
  is_admin: false,
  is_admin_project: true,
};

/** What this rule says of the token, in place of that which guards alarms. */
function ask(text: string, target: Target = {}, credentials = token, more: readonly Override[] = []) {
  const policy = new Policy([{ name: 'fenix:alarm:get', text, where: 'policy.yaml:1' }, ...more]);
  return policy.check('fenix:alarm:get', credentials, target);
}

const own = { project_id: 'p1', user_id: 'u1', alarm_id: 'a1' };

describe('a check', () => {
  it.each([
    ['', {}, true],
    ['@', {}, true],
    ['!', {}, false],
    ['role:member', {}, true],
    ['role:MEMBER', {}, true],
    ['role:admin', {}, false],
    ['project_id:%(project_id)s', own, true],
    ['project_id:%(project_id)s', { ...own, project_id: 'p2' }, false],
    ['project_id:%(project_id)s', {}, false],
    ['project_id:P1', {}, false],
    ['user_id:u1', {}, true],
    ['is_admin:False', {}, true],
    ['is_admin:True', {}, false],
    ['is_admin_project:True', {}, true],
    ['system_scope:all', {}, false],
    ['system_scope:None', {}, true],
    ['not system_scope:all', {}, true],
    ["'a1':%(alarm_id)s", own, true],
    ["'a2':%(alarm_id)s", own, false],
    ['role:reader and user_id:%(user_id)s', own, true],
    ['rule:admin or role:reader', {}, true],
    ['rule:admin', {}, false],
  ])('%j with %j: %s', (text, target, outcome) => {
    expect(ask(text, target).outcome).toBe(outcome);
  });

  it('of an attribute that the token lacks never holds for a target, whatever that is called', () => {
    const { project_id: _, ...unscoped } = token;
    for (const project_id of ['', 'None', 'undefined', 'p1']) {
      expect(ask('project_id:%(project_id)s', { project_id }, unscoped as Credentials).outcome).toBe(false);
    }
  });

  it('does not take for a target what every object has', () => {
    expect(
      ask("'function':%(project_id)s", Object.create({ project_id: 'function' }) as Target).outcome,
    ).toBe(false);
  });
});

describe('a rule', () => {
  it("of the site's own helps others", () => {
    const mine = { name: 'auditor', text: 'role:reader and not role:guest', where: 'policy.yaml:2' };
    expect(ask('rule:auditor', {}, token, [mine]).outcome).toBe(true);
  });

  it('that is overridden changes those that are made of it', () => {
    const policy = new Policy([{ name: 'admin', text: 'role:cloud_admin', where: 'policy.yaml:1' }]);
    const asking = (role: string) =>
      policy.check('fenix:maintenance:post', { ...token, roles: [role] }, {}).outcome;
    expect([asking('cloud_admin'), asking('admin')]).toEqual([true, false]);
  });
});

describe('a refusal', () => {
  it.each([
    ['role:admin', 'It needs the role admin.'],
    ['role:admin or role:auditor', 'It needs the role admin, or the role auditor.'],
    ['role:admin and system_scope:all', 'It needs the role admin and a token with system scope.'],
    ['role:member and system_scope:all', 'It needs a token with system scope.'],
    ['is_admin:True or role:admin', 'It needs the role admin.'],
    ['not role:member', 'It needs no role member.'],
    ['not (role:member and role:reader)', 'It needs no role member, or no role reader.'],
    ['role:admin and !', 'No token may do it here.'],
    ['!', 'No token may do it here.'],
    ['project_id:%(project_id)s', 'It needs a token of the project that it belongs to.'],
    ['user_id:%(user_id)s', 'It needs a token of the user that it belongs to.'],
    ['domain_id:d1', 'It needs domain_id:d1.'],
  ])('by %j says what the token lacks, and the rule', (text, needs) => {
    const { explanation } = ask(text, { project_id: 'the-others', user_id: 'u2', alarm_id: 'a1' });
    expect(explanation).toBe(`${needs} The rule is fenix:alarm:get: ${text}`);
  });

  it("names nothing of what belongs to others, though the operator's account of it does", () => {
    const { explanation, trace } = ask('rule:admin_or_writer', { project_id: 'the-others' });
    expect(explanation).not.toContain('the-others');
    expect(printTrace(trace).join('\n')).toContain(
      "no            project_id:%(project_id)s  (the token's project_id is p1, the target's the-others)",
    );
  });
});
