/** What rules may ask of a token, under the names of oslo.context. */
import type { Identity } from '../engine/ports.ts';

/** The attributes of a token that rules may compare, besides its roles. */
export const credentialNames = [
  'user_id',
  'user_domain_id',
  'project_id',
  'project_domain_id',
  'domain_id',
  'system_scope',
  'is_admin',
  'is_admin_project',
  'trust_id',
  'trustor_user_id',
  'trustee_user_id',
] as const;

export type CredentialName = (typeof credentialNames)[number];
export type CredentialValue = string | boolean | readonly string[];

/** A token as rules see it. What it does not have is absent. */
export type Credentials = Readonly<Record<string, CredentialValue | undefined>> & {
  readonly roles: readonly string[];
};

/** What rules see of a caller. */
export function credentialsOf(identity: Identity): Credentials {
  const { roles, userId, projectId, isAdmin = false, isAdminProject = true } = identity;
  const values: Readonly<Record<CredentialName, string | boolean | undefined>> = {
    user_id: userId,
    user_domain_id: identity.userDomainId,
    project_id: projectId,
    project_domain_id: identity.projectDomainId,
    domain_id: identity.domainId,
    system_scope: identity.systemScope,
    is_admin: isAdmin,
    // As keystonemiddleware: true unless Keystone has such a project and says that this is not it.
    is_admin_project: isAdminProject,
    trust_id: identity.trustId,
    trustor_user_id: identity.trustorUserId,
    trustee_user_id: identity.trusteeUserId,
  };
  return { ...values, roles };
}
