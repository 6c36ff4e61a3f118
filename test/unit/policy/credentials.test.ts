/** What rules see of a token, from Keystone's answer on. */
import { describe, expect, it } from 'vitest';
import { KeystoneTokenValidator } from '../../../src/adapters/keystone/token-validator.ts';
import { credentialsOf } from '../../../src/policy/credentials.ts';

async function credentialsOfToken(token: object) {
  const validator = new KeystoneTokenValidator({
    clock: { now: () => 0 },
    identity: {
      request: () =>
        Promise.resolve({
          status: 200,
          headers: {},
          body: {
            token: {
              user: { id: 'u1', name: 'doctor', domain: { id: 'default', name: 'Default' } },
              expires_at: '2026-11-22T12:00:00.000000Z',
              ...token,
            },
          },
        }),
    },
  });
  const credentials = credentialsOf(await validator.validate('token'));
  return Object.fromEntries(Object.entries(credentials).filter(([, value]) => value !== undefined));
}

const always = { user_id: 'u1', user_domain_id: 'default', is_admin: false, is_admin_project: true };

describe('the credentials of a token', () => {
  it('for a project', async () => {
    const project = { id: 'p1', name: 'doctor', domain: { id: 'd2', name: 'apps' } };
    expect(await credentialsOfToken({ project, roles: [{ id: 'r', name: 'member' }] })).toEqual({
      ...always,
      roles: ['member'],
      project_id: 'p1',
      project_domain_id: 'd2',
    });
  });

  it('for the system', async () => {
    expect(await credentialsOfToken({ system: { all: true }, roles: [{ name: 'reader' }] })).toEqual({
      ...always,
      roles: ['reader'],
      system_scope: 'all',
    });
  });

  it('for a domain', async () => {
    expect(
      await credentialsOfToken({ domain: { id: 'd2', name: 'apps' }, roles: [{ name: 'admin' }] }),
    ).toEqual({
      ...always,
      roles: ['admin'],
      domain_id: 'd2',
    });
  });

  it('for nothing', async () => {
    expect(await credentialsOfToken({})).toEqual({ ...always, roles: [] });
  });

  it('beside the admin project, where Keystone has one', async () => {
    expect(await credentialsOfToken({ is_admin_project: false })).toMatchObject({ is_admin_project: false });
  });

  it('of a trust', async () => {
    const trust = { id: 't1', impersonation: true, trustor_user: { id: 'u1' }, trustee_user: { id: 'u2' } };
    expect(await credentialsOfToken({ 'OS-TRUST:trust': trust })).toMatchObject({
      trust_id: 't1',
      trustor_user_id: 'u1',
      trustee_user_id: 'u2',
    });
  });
});
