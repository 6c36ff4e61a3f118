import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeCloudContract } from '../../contract/ports/cloud.contract.ts';
import { connectOpenstack } from '../../contract/ports/connect-openstack.ts';
import { readOpenstackEnv } from './openstack-env.ts';

const seed = () => promisify(execFile)(join(import.meta.dirname, '../cloud/seed.sh'));

describeCloudContract('real Nova', async () => {
  const env = await readOpenstackEnv();
  await seed();
  const openstack = connectOpenstack(env.service);
  return {
    ...openstack,
    projectId: env.doctor.projectId,
    async failNextMove(id, action) {
      const prefix = action === 'MIGRATE' ? 'migrate' : 'live-migrate';
      await writeFile(join(env.faults_dir, `${prefix}-${id}`), '');
    },
    async close() {
      await openstack.close();
      await seed();
    },
  };
});
