/** Tacker's Fenix plug-in, workflow `vnf` (facts 8.2c). */
import { expect, it } from 'vitest';
import { client } from '../../support/client.ts';
import { startServerOnLab } from '../../support/server-on-lab.ts';
import { call, jsonOf } from '../../support/strangers/call.ts';
import { driveSession } from '../../support/strangers/doctor-test-driver.ts';
import { jsonHeaders, tokenOf } from '../../support/strangers/keystone.ts';
import { startTackerPlugin, type TackerConfig } from '../../support/strangers/tacker-plugin.ts';

client({
  name: "Tacker's Fenix plug-in",
  version:
    'openstack/tacker df0ba6b7 (March 2020) as facts 8.2 tell it, tacker/plugins/fenix.py and tacker/alarm_receiver.py',
  ran: 'played call by call: constraints side by side, traits evaluated by Python, replies twice and to INSTANCE_ACTION_DONE, only 200 is success',
  against: 'the lab, with alarms of our own',
});

/** As YAML reads the sample of Tacker's documentation: the commas belong to the values (facts 8.3, question 14). */
const documented: TackerConfig = {
  max_impacted_members: 1,
  recovery_time: '1,',
  mitigation_type: 'True,',
  lead_time: '120,',
  migration_type: 'MIGRATE',
};

it.each([
  ['that of the documentation', documented],
  ['none', { recovery_time: 0 }],
  ['live migration', { max_impacted_members: 2, recovery_time: 0, migration_type: 'LIVE_MIGRATE' }],
])('plays a whole session without a second try, its configuration being %s', async (_name, config) => {
  const stops: (() => Promise<void>)[] = [];
  const atEnd = (stop: () => Promise<void>) => void stops.push(stop);
  try {
    const stage = await startServerOnLab(atEnd);
    const { lab, url } = stage;
    const before = lab.servers().length;
    const plugin = await startTackerPlugin(atEnd, stage, { config, scalingPolicy: true });
    await plugin.createConstraints();

    const { state } = await driveSession(lab, {
      endpoint: `${url}/v1/maintenance`,
      workflow: 'vnf',
      leadSeconds: 6,
      auth: true,
    });
    await plugin.deleteConstraints();

    expect(plugin.raised).toEqual([]);
    expect(state).toBe('MAINTENANCE_DONE');
    expect(plugin.requests.filter(({ statuses }) => statuses.join() !== '200')).toEqual([]);
    const repliesTo = (asked: string) =>
      plugin.requests.filter(({ data }) => data['state'] === `ACK_${asked}`).length;
    const times = (asked: string) => plugin.states.filter((heard) => heard === asked).length;
    expect(times('PLANNED_MAINTENANCE')).toBeGreaterThan(0);
    expect(repliesTo('PLANNED_MAINTENANCE')).toBe(2 * times('PLANNED_MAINTENANCE'));
    expect(times('INSTANCE_ACTION_DONE')).toBeGreaterThan(0);
    expect(repliesTo('INSTANCE_ACTION_DONE')).toBe(times('INSTANCE_ACTION_DONE'));
    expect(lab.servers()).toHaveLength(before);
    expect(lab.hosts().map(({ status }) => status)).toEqual(lab.hosts().map(() => 'enabled'));
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
});

it('is not asked to scale in for ever where it has no scaling policy', async ({ onTestFinished }) => {
  const stage = await startServerOnLab(onTestFinished);
  const { lab, url } = stage;
  const plugin = await startTackerPlugin(onTestFinished, stage, {
    config: { recovery_time: 0 },
    scalingPolicy: false,
  });
  await plugin.createConstraints();
  const endpoint = `${url}/v1/maintenance`;
  const drive = driveSession(lab, { endpoint, workflow: 'vnf', leadSeconds: 6, auth: true });
  await expect(drive).rejects.toThrow('failed');
  expect(plugin.states.filter((state) => state === 'SCALE_IN').length).toBeLessThanOrEqual(2);
  expect(plugin.raised).toEqual([]);
});

it('refuses for a VNF that is not active, and the session fails at once', async ({ onTestFinished }) => {
  const stage = await startServerOnLab(onTestFinished);
  const { lab, url } = stage;
  const plugin = await startTackerPlugin(onTestFinished, stage, {
    config: {},
    scalingPolicy: true,
    status: 'ERROR',
  });
  const headers = { ...jsonHeaders, 'X-Auth-Token': await tokenOf(lab, 'admin', 'admin') };
  const drive = driveSession(lab, {
    endpoint: `${url}/v1/maintenance`,
    workflow: 'vnf',
    leadSeconds: 6,
    auth: true,
  });
  await expect(drive).rejects.toThrow('failed');
  expect(plugin.states).toEqual(['MAINTENANCE']);
  const list = await call({ method: 'GET', url: `${url}/v1/maintenance`, headers });
  expect((jsonOf(list) as { sessions: string[] }).sessions).toEqual([]);
});
