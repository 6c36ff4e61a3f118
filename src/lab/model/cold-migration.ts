import type { LabCloud, ServerPatch, Step } from './lab-cloud.ts';
import type { Flavor, Migration, Requester, Server } from './types.ts';

const noValidHost = 'No valid host was found. No valid host found for cold migrate';

/** How the time to VERIFY_RESIZE is shared out; measured on a real cloud (nova-cold-migration.json). */
const share = { scheduling: 0.2, preparing: 0.2, migrating: 0.4, migrated: 0.1, finishing: 0.1 };

function changesHost(
  cloud: LabCloud,
  server: Server,
  to: string,
  how: 'cold' | 'revert',
  patch: ServerPatch,
): void {
  const from = server.host ?? '';
  cloud.update(server, { ...patch, host: to });
  cloud.changes.record({ type: 'server.moved', serverId: server.id, name: server.name, from, to, how });
}

/**
 * Takes a cold migration on. It ends in VERIFY_RESIZE on the new host with a slot taken on both; or ACTIVE on the old
 * one, told only by the migration and the action, when there is no valid host; or ERROR when the driver fails.
 * @param target the only host that will do; the scheduler chooses when null
 */
export function coldMigrate(cloud: LabCloud, server: Server, target: string | null, by: Requester): void {
  changeHost(cloud, server, { name: 'migrate', target, flavor: server.flavor }, by);
}

/** Moves a server to another host with another flavor; its owner confirms or reverts it. As a cold migration otherwise. */
export function resize(cloud: LabCloud, server: Server, flavor: Flavor, by: Requester): void {
  changeHost(cloud, server, { name: 'resize', target: null, flavor }, by);
}

interface HostChange {
  readonly name: 'migrate' | 'resize';
  readonly target: string | null;
  readonly flavor: Flavor;
}

function changeHost(
  cloud: LabCloud,
  server: Server,
  { name, target, flavor }: HostChange,
  by: Requester,
): void {
  const source = server.host ?? '';
  const action = cloud.addAction(server, name, by);
  const seconds = cloud.seconds('cold_migrate', cloud.subject(server, target));
  const type = name === 'migrate' ? 'migration' : name;
  const migration = cloud.addMigration(server, type, 'pre-migrating', by);
  const comeBack: ServerPatch = { taskState: null };
  cloud.update(server, {
    taskState: 'resize_prep',
    stateBeforeResize: server.vmState === 'stopped' ? 'stopped' : 'active',
  });

  const schedule: Step = {
    after: seconds * share.scheduling,
    run() {
      server.flavor = flavor;
      const host = cloud.schedule(server, { notOn: source, only: target });
      if (host === undefined) {
        server.flavor = migration.oldFlavor;
        cloud.updateMigration(migration, { status: 'error' });
        cloud.addEvent(action, 'conductor_migrate_server', cloud.conductorHost, noValidHost);
        cloud.addEvent(action, 'cold_migrate', cloud.conductorHost, noValidHost);
        cloud.update(server, comeBack);
        return 'stop';
      }
      // The server's own slot is now the one on the target; the migration keeps that of the source (Placement).
      cloud.allocations.release(source, server.id);
      cloud.allocations.claim(source, migration.uuid, migration.oldFlavor.size);
      cloud.allocations.claim(host.name, server.id, server.flavor.size);
      cloud.updateMigration(migration, { target: host.name });
      cloud.addEvent(action, 'conductor_migrate_server', cloud.conductorHost);
      cloud.addEvent(action, 'cold_migrate', cloud.conductorHost);
      return undefined;
    },
  };
  const startMigrating: Step = {
    after: seconds * share.preparing,
    run() {
      const to = migration.target ?? '';
      cloud.addEvent(action, 'compute_prep_resize', to);
      cloud.reportClaims(to);
      cloud.updateMigration(migration, { status: 'migrating' });
      cloud.update(server, { taskState: 'resize_migrating' });
      return undefined;
    },
  };
  const leaveSource: Step = {
    after: seconds * share.migrating,
    run() {
      const to = migration.target ?? '';
      const fault = cloud.faults.strike(
        'fail',
        cloud.subject(server, to),
        (one) => one.operation === 'cold_migrate',
      );
      if (fault !== undefined) {
        cloud.addEvent(action, 'compute_resize_instance', source, fault.message);
        failInDriver(cloud, server, migration, fault.message);
        return 'stop';
      }
      cloud.addEvent(action, 'compute_resize_instance', source);
      cloud.updateMigration(migration, { status: 'post-migrating' });
      changesHost(cloud, server, to, 'cold', { taskState: 'resize_migrated' });
      return undefined;
    },
  };
  const startFinishing: Step = {
    after: seconds * share.migrated,
    run() {
      cloud.update(server, { taskState: 'resize_finish' });
      return undefined;
    },
  };
  const waitForConfirm: Step = {
    after: seconds * share.finishing,
    run() {
      cloud.addEvent(action, 'compute_finish_resize', server.host ?? '');
      cloud.updateMigration(migration, { status: 'finished' });
      cloud.update(server, { vmState: 'resized', taskState: null, launchedAt: cloud.now() });
      return undefined;
    },
  };
  cloud.run(server, [schedule, startMigrating, leaveSource, startFinishing, waitForConfirm]);
}

/** The server stays on the source in ERROR, for a moment still with its task (nova-cold-migration-failed.json). */
function failInDriver(cloud: LabCloud, server: Server, migration: Migration, message: string): void {
  const target = migration.target ?? '';
  cloud.updateMigration(migration, { status: 'error' });
  server.flavor = migration.oldFlavor;
  cloud.allocations.release(target, server.id);
  cloud.allocations.release(migration.source, migration.uuid);
  cloud.allocations.claim(migration.source, server.id, server.flavor.size);
  cloud.update(server, { vmState: 'error', fault: { message, at: cloud.now() } });
  cloud.run(server, [
    {
      after: 0.01,
      run() {
        cloud.update(server, { taskState: null });
        return 'stop';
      },
    },
  ]);
}

/** The migration that waits for a confirmation, if any does. */
export function migrationToConfirm(cloud: LabCloud, server: Server): Migration | undefined {
  return cloud.migrations.findLast((one) => one.serverId === server.id && one.status === 'finished');
}

function backInService(server: Server): ServerPatch {
  return { vmState: server.stateBeforeResize, taskState: null };
}

/** Confirms a migration: the source's slot goes, and a moment later the server is ACTIVE. */
export function confirmMigration(cloud: LabCloud, server: Server, migration: Migration, by: Requester): void {
  const action = cloud.addAction(server, 'confirmResize', by);
  const seconds = cloud.seconds('confirm', cloud.subject(server, migration.source));
  cloud.updateMigration(migration, { status: 'confirming' });
  cloud.run(server, [
    {
      after: seconds * 0.8,
      run() {
        const subject = cloud.subject(server, migration.source);
        const fault = cloud.faults.strike('fail', subject, (one) => one.operation === 'confirm');
        if (fault !== undefined) {
          // Not recorded: as the compute's `_confirm_resize` leaves it (`wrap_instance_fault`, `errors_out_migration`).
          cloud.addEvent(action, 'compute_confirm_resize', migration.source, fault.message);
          cloud.updateMigration(migration, { status: 'error' });
          cloud.update(server, { vmState: 'error', fault: { message: fault.message, at: cloud.now() } });
          return 'stop';
        }
        cloud.allocations.release(migration.source, migration.uuid);
        cloud.reportClaims(migration.source);
        cloud.updateMigration(migration, { status: 'confirmed' });
        return undefined;
      },
    },
    {
      after: seconds * 0.2,
      run() {
        cloud.addEvent(action, 'compute_confirm_resize', migration.source);
        cloud.update(server, backInService(server));
        return 'stop';
      },
    },
  ]);
}

/** Takes a migration back: the server is ACTIVE on the host it came from. */
export function revertMigration(cloud: LabCloud, server: Server, migration: Migration, by: Requester): void {
  const action = cloud.addAction(server, 'revertResize', by);
  const target = migration.target ?? '';
  const seconds = cloud.seconds('revert', cloud.subject(server, migration.source));
  cloud.updateMigration(migration, { status: 'reverting' });
  cloud.update(server, { taskState: 'resize_reverting' });
  cloud.run(server, [
    {
      after: seconds * 0.6,
      run() {
        cloud.addEvent(action, 'compute_revert_resize', target);
        server.flavor = migration.oldFlavor;
        cloud.allocations.release(target, server.id);
        cloud.allocations.release(migration.source, migration.uuid);
        cloud.allocations.claim(migration.source, server.id, server.flavor.size);
        cloud.reportClaims(target);
        cloud.updateMigration(migration, { status: 'reverted' });
        changesHost(cloud, server, migration.source, 'revert', {});
        return undefined;
      },
    },
    {
      after: seconds * 0.4,
      run() {
        cloud.addEvent(action, 'compute_finish_revert_resize', migration.source);
        cloud.update(server, backInService(server));
        return 'stop';
      },
    },
  ]);
}
