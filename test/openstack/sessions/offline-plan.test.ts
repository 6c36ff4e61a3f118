import { afterEach, expect, it } from 'vitest';
import { sessionRequest } from '../../../src/demo/follow-session.ts';
import { planSession, type PlanDetail } from '../../../src/sdk/index.ts';
import { answerOf, runExport, runPlan } from '../../support/offline.ts';
import { startOpenstackStage, type OpenstackStage } from './openstack-stage.ts';

let stage: OpenstackStage | undefined;

afterEach(async () => {
  await stage?.stop();
  stage = undefined;
});

it('an inventory of a real cloud is planned without it as the server plans with it', async () => {
  stage = await startOpenstackStage();
  const { admin, variables, nova, computes } = stage;
  const { output: inventory, told } = await runExport(variables);
  expect(told).toContain('alarms for maintenance.scheduled in 1 of 1 project\n');
  expect(told).toContain(`limits registered for ${(await nova.servers()).length} instances`);
  expect(inventory).not.toContain(variables.FENIX_KEYSTONE_PASSWORD);
  // Far enough away that both count from the begin of the maintenance.
  const request = sessionRequest(3600, { workflow: 'vnf', parallelHosts: 2 });
  const online = await planSession(admin, request);
  const at = ['--maintenance-at', request.maintenance_at, '--parallel-hosts', '2'];
  const { output, status } = await runPlan(['--inventory', '-', ...at, '--json'], inventory);
  const offline = JSON.parse(output) as PlanDetail;
  expect(answerOf(offline)).toEqual(answerOf(online));
  expect([offline.verdict, status]).toEqual(['after_scale_in', 0]);
  expect(offline.hosts.map(({ host }) => host)).toEqual(expect.arrayContaining([...computes]));
  const { output: text } = await runPlan(['--inventory', '-', ...at], inventory);
  process.stdout.write(`test:openstack: planned offline:\n${text}`);
});
