import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Account } from '../../contract/ports/connect-openstack.ts';

const accountSchema = z
  .object({
    auth_url: z.string(),
    username: z.string(),
    password: z.string(),
    project_name: z.string(),
    project_id: z.string(),
  })
  .transform(({ auth_url, project_name, project_id, username, password }) => ({
    authUrl: auth_url,
    projectName: project_name,
    projectId: project_id,
    username,
    password,
  }));

const envSchema = z.object({
  service: accountSchema,
  admin: accountSchema,
  doctor: accountSchema,
  faults_dir: z.string(),
  /** The file of Keystone's public key; null when its tokens are not JWS. */
  jws_public_key: z.string().nullable(),
  region_name: z.string(),
  transport_url: z.string(),
  computes: z.array(z.string()),
  endpoints: z.object({ maintenance: z.string() }),
});

export type OpenstackAccount = Account & { readonly projectId: string };

/** The real cloud that test/openstack/cloud/up.sh has started. @throws Error when there is none */
export async function readOpenstackEnv(): Promise<z.infer<typeof envSchema>> {
  const file = join(process.env['FENIX_OPENSTACK_DIR'] ?? '/tmp/fenix-openstack', 'env.json');
  return envSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}
