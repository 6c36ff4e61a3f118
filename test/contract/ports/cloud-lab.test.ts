import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { startLab } from '../../../src/lab/lab.ts';
import { describeCloudContract } from './cloud.contract.ts';
import { connectOpenstack } from './connect-openstack.ts';

describeCloudContract('Nova of the lab', async () => {
  const lab = await startLab({ config: doctorScenario() });
  const { name: username, password, projectName } = lab.users['fenix']!;
  const openstack = connectOpenstack({ authUrl: lab.authUrl, username, password, projectName });
  return {
    ...openstack,
    projectId: lab.projects['doctor']!.id,
    failNextMove(server, action) {
      const operation = action === 'MIGRATE' ? 'cold_migrate' : 'live_migrate';
      lab.setFault({ kind: 'fail', operation, server, times: 1 });
      return Promise.resolve();
    },
    holdNextLiveMove(server) {
      lab.setFault({ kind: 'slow', operation: 'live_migrate', seconds: 3600, server, times: 1 });
      return Promise.resolve();
    },
    async close() {
      await openstack.close();
      await lab.stop();
    },
  };
});
