import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { Identity } from '../../../src/lab/keystone/identity.ts';
import { parseLabConfig } from '../../../src/lab/lab-config.ts';
import { boot, remove } from '../../../src/lab/model/boot.ts';
import {
  coldMigrate,
  confirmMigration,
  migrationToConfirm,
  revertMigration,
} from '../../../src/lab/model/cold-migration.ts';
import { LabCloud } from '../../../src/lab/model/lab-cloud.ts';
import { liveMigrate } from '../../../src/lab/model/live-migration.ts';
import { populate } from '../../../src/lab/model/populate.ts';
import { ManualTimers } from './manual-timers.ts';

const by = { userId: 'user', projectId: 'project', requestId: 'req' };

function makeCloud(empty: number): { cloud: LabCloud; timers: ManualTimers } {
  const timers = new ManualTimers();
  const config = parseLabConfig(doctorScenario({ hosts: 3, empty }));
  const cloud = new LabCloud(config, timers);
  populate(cloud, new Identity(config), config);
  return { cloud, timers };
}

/** What may be done to the n-th server (or, for `boot`, to the cloud), and how long to wait afterwards. */
const deed = fc.record({
  what: fc.constantFrom('cold', 'live', 'settle', 'revert', 'delete', 'boot', 'fail', 'close', 'open'),
  n: fc.nat(7),
  pause: fc.constantFrom(0, 0.03, 0.07, 0.3),
});

function carryOut(cloud: LabCloud, { what, n }: { what: string; n: number }): void {
  const server = [...cloud.servers.values()][n % Math.max(cloud.servers.size, 1)];
  const host = cloud.hosts[n % cloud.hosts.length];
  if (what === 'boot') {
    const group = n % 2 === 0 ? null : ([...cloud.groups.keys()][0] ?? null);
    const flavor = cloud.flavors[0]!;
    boot(cloud, { name: 'new', projectId: 'p', userId: 'u', flavor, imageId: 'i', groupId: group }, by);
  }
  if (what === 'fail')
    cloud.faults.add({
      kind: 'fail',
      operation: n % 2 === 0 ? 'cold_migrate' : 'live_migrate',
      message: 'm',
      times: 1,
    });
  if (what === 'close' && host !== undefined) host.service.disabled = true;
  if (what === 'open' && host !== undefined) host.service.disabled = false;
  if (server === undefined) return;
  if (what === 'delete') remove(cloud, server, by);
  if (server.taskState !== null) return;
  if (what === 'cold' && server.vmState === 'active') coldMigrate(cloud, server, null, by);
  if (what === 'live' && server.vmState === 'active') liveMigrate(cloud, server, null, by);
  const waiting = server.vmState === 'resized' ? migrationToConfirm(cloud, server) : undefined;
  if (waiting !== undefined && what === 'settle') confirmMigration(cloud, server, waiting, by);
  if (waiting !== undefined && what === 'revert') revertMigration(cloud, server, waiting, by);
}

function expectSound(cloud: LabCloud): void {
  // A revert asks no scheduler, in Nova neither: meanwhile another member may have come to the host.
  const reverted = cloud.migrations.some(({ status }) => status === 'reverted');
  for (const { name, capacity } of cloud.hosts) {
    expect(cloud.allocations.used(name).vcpus).toBeLessThanOrEqual(capacity.vcpus);
    const members = [...cloud.servers.values()].filter(
      ({ groupId, host }) => groupId !== null && host === name,
    );
    if (!reverted) expect(members.length).toBeLessThanOrEqual(1);
  }
}

describe('the cloud of the lab, whatever is done to it', () => {
  it('never gives away a slot twice, keeps anti-affine servers apart, and loses no slot', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.array(deed, { maxLength: 40 }), (empty, deeds) => {
        const { cloud, timers } = makeCloud(empty);
        for (const one of deeds) {
          carryOut(cloud, one);
          timers.advance(one.pause);
          expectSound(cloud);
        }
        timers.advance(2);
        expectSound(cloud);
        // Once all is quiet, whoever waits for a confirmation holds two slots, whoever runs one, all others none.
        for (const server of cloud.servers.values()) {
          expect(server.taskState).toBeNull();
          const waiting = server.vmState === 'resized' ? migrationToConfirm(cloud, server) : undefined;
          const held = [
            server.id,
            ...cloud.migrations.filter((m) => m.serverId === server.id).map((m) => m.uuid),
          ];
          const hosts = held.flatMap((consumer) => cloud.allocations.hostsOf(consumer));
          expect(hosts).toEqual([
            ...(server.host === null ? [] : [server.host]),
            ...(waiting === undefined ? [] : [waiting.source]),
          ]);
        }
        const total = cloud.hosts.reduce((sum, { name }) => sum + cloud.allocations.used(name).vcpus, 0);
        const expected = [...cloud.servers.values()].reduce(
          (sum, s) => sum + (s.host === null ? 0 : s.vmState === 'resized' ? 2 : 1),
          0,
        );
        expect(total).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('lets only one of two servers have the last slot', () => {
    const { cloud, timers } = makeCloud(1);
    const [one, two] = ['doctor_nonha_app_1', 'doctor_nonha_app_2'].map((name) => cloud.server(name)!);
    const before = [one!.host, two!.host];
    coldMigrate(cloud, one!, null, by);
    coldMigrate(cloud, two!, null, by);
    timers.advance(1);
    expect([one!.vmState, two!.vmState].sort()).toEqual(['active', 'resized']);
    expect([one!.host, two!.host].filter((host, n) => host !== before[n])).toHaveLength(1);
  });
});

describe('the figures of os-hypervisors', () => {
  it('lag behind a live migration at the target until the periodic report', () => {
    const { cloud, timers } = makeCloud(1);
    const server = cloud.server('doctor_nonha_app_1')!;
    liveMigrate(cloud, server, null, by);
    timers.advance(1);
    const target = cloud.host(server.host!)!;
    expect([target.reported.used.vcpus, target.reported.runningVms]).toEqual([1, 1]);
    expect(cloud.allocations.used(target.name).vcpus).toBe(2);
    timers.advance(60);
    expect([target.reported.used.vcpus, target.reported.runningVms]).toEqual([2, 2]);
  });
});
