/** The examples of docs/policy.md work as they stand there. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { credentialNames } from '../../../src/policy/credentials.ts';
import { withPolicyFile } from '../../support/with-policy-file.ts';

const page = readFileSync(new URL('../../../docs/policy.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);

const token = (roles: readonly string[], more: object = {}) => ({ ...more, roles, is_admin: false });

describe('the examples of docs/policy.md', () => {
  it.each(examples)('can be loaded: %s', async (text) => {
    await withPolicyFile(text, (load) => expect(load().rules.some(({ where }) => where)).toBe(true));
  });

  it('mean what their comments say', async () => {
    const [auditors = '', systemAdmins = '', vnfms = ''] = examples;
    await withPolicyFile(auditors, (load) => {
      const asked = (role: string) => load().check('fenix:maintenance:get', token([role]), {}).outcome;
      expect([asked('auditor'), asked('member')]).toEqual([true, false]);
    });
    await withPolicyFile(systemAdmins, (load) => {
      const asked = (scope: object) =>
        load().check('fenix:maintenance:post', token(['admin'], scope), {}).outcome;
      expect([asked({ system_scope: 'all' }), asked({ project_id: 'p1' })]).toEqual([true, false]);
    });
    await withPolicyFile(vnfms, (load) => {
      const replies = (role: string, project_id: string) =>
        load().check('fenix:maintenance:session:project:put', token([role], { project_id: 'p1' }), {
          project_id,
        }).outcome;
      expect([replies('vnfm', 'p1'), replies('vnfm', 'p2'), replies('member', 'p1')]).toEqual([
        true,
        false,
        false,
      ]);
      expect(load().check('fenix:maintenance:session:delete', token(['admin']), {}).outcome).toBe(false);
    });
  });

  it('name every attribute of a token', () => {
    for (const name of credentialNames) expect(page).toContain(`\`${name}\``);
  });
});
