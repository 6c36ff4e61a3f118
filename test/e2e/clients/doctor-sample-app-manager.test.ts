/** Doctor's sample application manager, workflow `default` (facts 8.2a), with Doctor's driver and inspector. */
import { expect, it } from 'vitest';
import { client } from '../../support/client.ts';
import { startServerOnLab } from '../../support/server-on-lab.ts';
import { eventually } from '../../support/stage.ts';
import { sampleManager, startDoctorManager } from '../../support/strangers/doctor-app-manager.ts';
import { startDoctorInspector } from '../../support/strangers/doctor-inspector.ts';
import { driveSession } from '../../support/strangers/doctor-test-driver.ts';

client({
  name: "Doctor's sample app manager",
  version:
    'opnfv/doctor 72a1f8c (October 2020) as facts 8.2 tell it, app_manager/sample.py and inspector/sample.py',
  ran: 'played call by call: alarm by Heat, traits read as YAML, GET with a body, stale token, scaling by two, MIGRATE for all',
  against: 'the lab, with alarms of our own',
});

it('plays a whole session and is asked nothing that it would raise at', async ({ onTestFinished }) => {
  const stage = await startServerOnLab(onTestFinished);
  const { lab, url } = stage;
  const before = lab.servers().length;
  const manager = await startDoctorManager(onTestFinished, stage, {
    renewsToken: false,
    handle: sampleManager(before),
  });
  const inspector = await startDoctorInspector(onTestFinished, stage);

  const result = await driveSession(lab, {
    endpoint: `${url}/v1/maintenance`,
    workflow: 'default',
    leadSeconds: 6,
    auth: true,
  });

  expect(result.state).toBe('MAINTENANCE_DONE');
  expect(manager.raised).toEqual([]);
  expect(manager.states.filter((state) => state !== 'INSTANCE_ACTION_DONE')).toEqual(
    manager.replies.map(({ state }) => state.replace('ACK_', '')),
  );
  expect(manager.states.slice(0, 2)).toEqual(['MAINTENANCE', 'SCALE_IN']);
  expect(manager.states.at(-1)).toBe('MAINTENANCE_COMPLETE');
  expect(manager.states.filter((state) => state === 'SCALE_IN')).toHaveLength(1);
  expect(manager.replies.map(({ answer }) => answer.status)).toEqual(manager.replies.map(() => 200));
  const actionDone = manager.payloads.filter(({ state }) => state === 'INSTANCE_ACTION_DONE');
  expect(actionDone.length).toBeGreaterThan(0);
  for (const { instance_ids: ids } of actionDone) expect(ids).toEqual([expect.any(String)]);

  expect(lab.servers()).toHaveLength(before);
  expect(lab.hosts().map(({ status }) => status)).toEqual(lab.hosts().map(() => 'enabled'));
  expect(inspector.raised).toEqual([]);
  const hosts = lab.hosts().map(({ name }) => name);
  await eventually(() =>
    expect(hosts.map((host) => inspector.switched.filter((entry) => entry.endsWith(` ${host}`)))).toEqual(
      hosts.map((host) => [`off ${host}`, `on ${host}`]),
    ),
  );
});
