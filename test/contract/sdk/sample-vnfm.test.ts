import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { startLab, type Lab } from '../../../src/lab/lab.ts';
import type { VnfmEvent } from '../../../src/vnfm/vnfm-event.ts';
import type { VnfmOptions } from '../../../src/vnfm/vnfm-options.ts';
import { startVnfm, type Vnfm } from '../../../src/vnfm/vnfm.ts';
import { StubMaintenanceServer } from './stub-maintenance-server.ts';

describe('the sample VNFM', () => {
  let lab: Lab;
  let stub: StubMaintenanceServer;
  let vnfm: Vnfm;
  let projectId: string;

  beforeEach(async () => {
    lab = await startLab({ config: doctorScenario({ hosts: 2, slots: 4 }) });
    stub = await StubMaintenanceServer.start();
    lab.setEndpoint('maintenance', `${stub.url}/v1`);
    lab.setEndpoint('alarming', stub.url);
    projectId = lab.projects['doctor']!.id;
  });
  afterEach(async () => {
    await vnfm.stop();
    await stub.stop();
    await lab.stop();
  });

  async function start(options: Partial<VnfmOptions> = {}) {
    vnfm = await startVnfm({
      credentials: {
        authUrl: lab.authUrl,
        username: 'doctor',
        password: 'lab-secret',
        projectName: 'doctor',
      },
      pollSeconds: 0.01,
      ...options,
    });
  }
  const idOf = (name: string) => lab.servers().find((server) => server.name === name)!.id;
  const events = (kind: VnfmEvent['kind']) => vnfm.log.filter((event) => event.kind === kind);
  const replied = (count: number) => vi.waitFor(() => expect(stub.replies).toHaveLength(count), 5000);
  const registeredIds = () =>
    [...stub.constraints.keys()]
      .filter((path) => path.startsWith('/v1/instance/'))
      .map((path) => path.slice(13));
  const allIds = () => lab.servers().map(({ id }) => id);

  it('registers its constraints and its alarm, and takes both back', async () => {
    await start();
    const group = [...lab.cloud.groups.values()][0]!.id;
    expect(stub.constraints.get(`/v1/instance_group/${group}`)).toEqual({
      group_id: group,
      project_id: projectId,
      group_name: 'doctor_ha_app_group',
      anti_affinity_group: true,
      max_instances_per_host: 1,
      max_impacted_members: 1,
      recovery_time: 4,
      resource_mitigation: true,
    });
    expect(stub.constraints.get(`/v1/instance/${idOf('doctor_ha_app_1')}`)).toEqual({
      instance_id: idOf('doctor_ha_app_1'),
      project_id: projectId,
      group_id: group,
      instance_name: 'doctor_ha_app_1',
      max_interruption_time: 120,
      migration_type: 'MIGRATE',
      resource_mitigation: true,
      lead_time: 40,
    });
    expect(registeredIds().sort()).toEqual(allIds().sort());
    expect([...stub.constraints.keys()].filter((path) => path.includes('_group/'))).toHaveLength(2);
    expect([...stub.alarms.values()]).toMatchObject([
      { name: 'vnfm-maintenance', repeat_actions: true, alarm_actions: [vnfm.url] },
    ]);
    expect(vnfm.active?.name).toBe('doctor_ha_app_0');

    await vnfm.stop();
    expect(stub.alarms.size).toBe(0);
    expect(stub.constraints.size).toBe(0);
    const deleted = stub.calls
      .filter(({ method }) => method === 'DELETE')
      .map(({ path }) => path.split('/')[2]);
    expect(deleted).toEqual([
      'alarms',
      ...Array<string>(8).fill('instance'),
      'instance_group',
      'instance_group',
    ]);
    expect(events('problem')).toEqual([]);
  });

  it('leaves nothing behind when it cannot start', async () => {
    await start();
    await vnfm.stop();
    lab.setEndpoint('alarming', null);
    await expect(start()).rejects.toThrow('no public endpoint of type alarming');
    expect(stub.constraints.size).toBe(0);
  });

  it('goes through a session: agrees, scales in, has its instances moved, scales out', async () => {
    await start();
    const before = lab
      .servers()
      .map(({ name }) => name)
      .sort();

    await stub.ask('MAINTENANCE', projectId, allIds());
    await replied(1);

    await stub.ask('SCALE_IN', projectId, allIds());
    await replied(2);
    const names = lab.servers().map(({ name }) => name);
    expect(before.filter((name) => !names.includes(name))).toEqual([
      'doctor_nonha_app_4',
      'doctor_nonha_app_5',
    ]);
    expect(registeredIds().sort()).toEqual(allIds().sort());

    const moving = [idOf('doctor_ha_app_0'), idOf('doctor_nonha_app_1')];
    await stub.ask('PREPARE_MAINTENANCE', projectId, moving);
    await replied(3);
    expect(vnfm.active?.name).toBe('doctor_ha_app_1');

    await stub.ask('PLANNED_MAINTENANCE', projectId, [idOf('doctor_ha_app_0')]);
    await replied(4);
    expect(vnfm.active?.name).toBe('doctor_ha_app_1');

    await stub.notify(
      {
        state: 'INSTANCE_ACTION_DONE',
        traits: { instance_ids: [moving[0]], reply_url: stub.url, metadata: {} },
      },
      projectId,
    );
    await stub.ask('MAINTENANCE_COMPLETE', projectId, allIds());
    await replied(5);
    expect(
      lab
        .servers()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(before);
    expect(lab.servers().every(({ status }) => status === 'ACTIVE')).toBe(true);
    expect(registeredIds().sort()).toEqual(allIds().sort());

    expect(stub.replies).toEqual([
      { state: 'ACK_MAINTENANCE' },
      { state: 'ACK_SCALE_IN' },
      {
        state: 'ACK_PREPARE_MAINTENANCE',
        instance_actions: { [moving[0]!]: 'MIGRATE', [moving[1]!]: 'MIGRATE' },
      },
      { state: 'ACK_PLANNED_MAINTENANCE', instance_actions: { [moving[0]!]: 'MIGRATE' } },
      { state: 'ACK_MAINTENANCE_COMPLETE' },
    ]);
    expect(events('switched_over')).toHaveLength(1);
    // Gives over before the reply that lets the move begin.
    const kinds = vnfm.log.map(({ kind }) => kind);
    expect(kinds.slice(kinds.indexOf('switched_over')).indexOf('replied')).toBeGreaterThan(0);
    expect(events('received').map((event) => event.kind === 'received' && event.state)).toEqual([
      'MAINTENANCE',
      'SCALE_IN',
      'PREPARE_MAINTENANCE',
      'PLANNED_MAINTENANCE',
      'INSTANCE_ACTION_DONE',
      'MAINTENANCE_COMPLETE',
    ]);
    expect(events('problem')).toEqual([]);
  });

  it('answers for one instance where it is asked for one, as in the workflow vnf', async () => {
    await start({ action: 'LIVE_MIGRATE' });
    const id = idOf('doctor_nonha_app_0');
    await stub.notify(
      {
        state: 'PLANNED_MAINTENANCE',
        traits: {
          instance_ids: [id],
          reply_url: `${stub.url}/v1/maintenance/session/${projectId}/${id}`,
          allowed_actions: ['MIGRATE', 'LIVE_MIGRATE'],
        },
      },
      projectId,
    );
    await replied(1);
    expect(stub.replies).toEqual([{ state: 'ACK_PLANNED_MAINTENANCE', instance_action: 'LIVE_MIGRATE' }]);
    expect(stub.calls.at(-1)?.path).toBe(`/v1/maintenance/session/${projectId}/${id}`);
  });

  it('takes another action where its own is not allowed', async () => {
    await start({ action: 'LIVE_MIGRATE' });
    const url = `${stub.url}/v1/maintenance/session/${projectId}`;
    stub.instanceIds = [idOf('doctor_nonha_app_0')];
    const traits = { instance_ids: url, reply_url: url, allowed_actions: ['MIGRATE'] };
    await stub.notify({ state: 'PREPARE_MAINTENANCE', traits }, projectId);
    await replied(1);
    expect(Object.values((stub.replies[0] as { instance_actions: object }).instance_actions)).toEqual([
      'MIGRATE',
    ]);
  });

  it.each([false, true])(
    'OWN_ACTION: puts new instances in the place of old ones (new one first: %s)',
    async (first) => {
      await start({ action: 'OWN_ACTION', createBeforeDelete: first });
      // Room for the new one that comes first.
      await stub.ask('SCALE_IN', projectId, []);
      await replied(1);
      const old = [idOf('doctor_ha_app_0'), idOf('doctor_nonha_app_1')];
      const group = lab.cloud.servers.get(old[0]!)?.groupId;
      if (first) {
        // Two hosts have no place for a third member of an anti-affinity group.
        old.shift();
      }
      const order: string[] = [];
      lab.onChange((change) => order.push(JSON.stringify(change)));
      await stub.ask('PLANNED_MAINTENANCE', projectId, old);
      await vi.waitFor(() => expect(events('replaced')).toHaveLength(old.length), 5000);
      await vi.waitFor(() => expect(registeredIds().sort()).toEqual(allIds().sort()), 5000);

      const ids = allIds();
      expect(ids).toHaveLength(6);
      expect(old.some((id) => ids.includes(id))).toBe(false);
      expect(lab.cloud.servers.get(idOf('doctor_nonha_app_1'))).toMatchObject({ vmState: 'active' });
      expect(lab.cloud.servers.get(idOf('doctor_ha_app_0'))?.groupId).toBe(group);
      // Acknowledged first: the server must know before instances vanish.
      expect(stub.replies[1]).toMatchObject({ state: 'ACK_PLANNED_MAINTENANCE' });
      const kinds = vnfm.log.map(({ kind }) => kind);
      expect(kinds.lastIndexOf('replied')).toBeLessThan(kinds.indexOf('replaced'));
      const newId = idOf('doctor_nonha_app_1');
      const firstOfNew = order.findIndex((line) => line.includes(newId));
      const lastOfOld = order.findLastIndex((line) => line.includes(old.at(-1)!));
      expect(firstOfNew < lastOfOld).toBe(first);
      expect(events('problem')).toEqual([]);
    },
  );

  it('boots a new instance again when one fails', async () => {
    await start();
    await stub.ask('SCALE_IN', projectId, []);
    await replied(1);
    lab.setFault({ kind: 'fail', operation: 'boot', times: 1 });
    await stub.ask('MAINTENANCE_COMPLETE', projectId, []);
    await replied(2);
    expect(stub.replies[1]).toEqual({ state: 'ACK_MAINTENANCE_COMPLETE' });
    expect(lab.servers().filter(({ status }) => status === 'ACTIVE')).toHaveLength(8);
  });

  it("refuses when it is told of somebody else's instances", async () => {
    await start();
    await stub.ask('MAINTENANCE', projectId, [...allIds(), 'a-stranger']);
    await replied(1);
    expect(stub.replies).toEqual([{ state: 'NACK_MAINTENANCE' }]);
    expect(events('problem')).toMatchObject([{ message: expect.stringContaining('a-stranger') as string }]);
  });

  it('refuses, with the reason in its log, when its whole pair would be hit', async () => {
    await start();
    await stub.ask('PREPARE_MAINTENANCE', projectId, [idOf('doctor_ha_app_0'), idOf('doctor_ha_app_1')]);
    await replied(1);
    expect(stub.replies).toEqual([{ state: 'NACK_PREPARE_MAINTENANCE' }]);
    expect(events('problem')).toMatchObject([{ message: expect.stringContaining('whole pair') as string }]);
  });

  it('acts once on a notification that comes twice', async () => {
    await start();
    await stub.ask('SCALE_IN', projectId, [], 'one-message');
    await replied(1);
    await stub.ask('SCALE_IN', projectId, [], 'one-message');
    await vi.waitFor(() => expect(events('received')).toHaveLength(2));
    expect(events('received')).toMatchObject([{ repeated: false }, { repeated: true }]);
    await stub.ask('MAINTENANCE', projectId, []);
    await replied(2);
    expect(events('scaled_in')).toHaveLength(1);
  });

  it('renews its token when it is revoked', async () => {
    await start();
    lab.revokeTokens();
    stub.statuses.push(401);
    await stub.ask('MAINTENANCE', projectId, allIds());
    await vi.waitFor(() => expect(events('replied')).toHaveLength(1), 5000);
    expect(events('problem')).toEqual([]);
  });

  it('answers no, or not at all, where a test wants it', async () => {
    await start({ refuse: 'PREPARE_MAINTENANCE', silent: 'SCALE_IN', delaySeconds: 0.05 });
    await stub.ask('SCALE_IN', projectId, []);
    const asked = Date.now();
    await stub.ask('PREPARE_MAINTENANCE', projectId, [idOf('doctor_ha_app_0')]);
    await replied(1);
    expect(Date.now() - asked).toBeGreaterThanOrEqual(50);
    expect(stub.replies).toEqual([{ state: 'NACK_PREPARE_MAINTENANCE' }]);
    expect(events('silent')).toMatchObject([{ state: 'SCALE_IN' }]);
    expect(lab.servers()).toHaveLength(8);
  });

  it('stops at once in the middle of something', async () => {
    await start({ delaySeconds: 3600 });
    await stub.ask('MAINTENANCE', projectId, allIds());
    await vi.waitFor(() => expect(events('received')).toHaveLength(1));
    await vnfm.stop();
    expect(stub.replies).toEqual([]);
    expect(stub.constraints.size).toBe(0);
    expect(events('problem')).toEqual([]);
  });
});
