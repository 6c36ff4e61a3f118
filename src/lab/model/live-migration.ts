import type { LabCloud, Step } from './lab-cloud.ts';
import type { Migration, Requester, Server } from './types.ts';

const noValidHost = 'No valid host was found. ';

/** How the usual time is shared out; measured on a real cloud (nova-live-migration.json). */
const share = { scheduling: 0.15, preparing: 0.05, running: 0.8, cleaningUp: 0.05 };

/**
 * Takes a live migration on. It ends as ACTIVE on the new host with nothing to confirm; or as ACTIVE on the old one,
 * told only by the migration (`error`: no valid host, `failed`: the driver failed).
 * @param target the only host that will do; the scheduler chooses when null
 */
export function liveMigrate(cloud: LabCloud, server: Server, target: string | null, by: Requester): void {
  const source = server.host ?? '';
  const sourceIsUp = cloud.host(source)?.service.alive === true;
  const action = cloud.addAction(server, 'live-migration', by);
  const seconds = cloud.seconds('live_migrate', cloud.subject(server, target));
  const usual = cloud.usualSeconds('live_migrate');
  const migration = cloud.addMigration(server, 'live-migration', 'accepted', by);
  cloud.update(server, { taskState: 'migrating' });

  const schedule: Step = {
    after: usual * share.scheduling,
    run() {
      const host = sourceIsUp ? cloud.schedule(server, { notOn: source, only: target }) : undefined;
      if (host === undefined) {
        const reason = sourceIsUp ? noValidHost : `Compute service of ${source} is unavailable at this time.`;
        cloud.addEvent(action, 'conductor_live_migrate_instance', cloud.conductorHost, reason);
        cloud.updateMigration(migration, { status: 'error' });
        cloud.update(server, { taskState: null });
        return 'stop';
      }
      cloud.allocations.release(source, server.id);
      cloud.allocations.claim(source, migration.uuid, server.flavor.size);
      cloud.allocations.claim(host.name, server.id, server.flavor.size);
      cloud.updateMigration(migration, { target: host.name, status: 'preparing' });
      cloud.addEvent(action, 'conductor_live_migrate_instance', cloud.conductorHost);
      cloud.addEvent(action, 'compute_check_can_live_migrate_destination', host.name);
      cloud.addEvent(action, 'compute_check_can_live_migrate_source', source);
      return undefined;
    },
  };
  const start: Step = {
    after: usual * share.preparing,
    run() {
      cloud.addEvent(action, 'compute_live_migration', source);
      cloud.addEvent(action, 'compute_pre_live_migration', migration.target ?? '');
      cloud.updateMigration(migration, { status: 'running' });
      return undefined;
    },
  };
  const end: Step = {
    // One that is slow is so because it does not converge.
    after: usual * share.running + (seconds - usual),
    run() {
      const to = migration.target ?? '';
      const fault = cloud.faults.strike(
        'fail',
        cloud.subject(server, to),
        (one) => one.operation === 'live_migrate',
      );
      if (fault !== undefined) {
        // Nova notes no error in the action here: only the migration tells (nova-live-migration-failed.json).
        turnBack(cloud, server, migration);
        cloud.updateMigration(migration, { status: 'failed' });
        cloud.update(server, { taskState: null });
        return 'stop';
      }
      cloud.addEvent(action, 'compute_post_live_migration_at_destination', to);
      cloud.updateMigration(migration, { status: 'completed' });
      cloud.update(server, { taskState: null, host: to });
      cloud.changes.record({
        type: 'server.moved',
        serverId: server.id,
        name: server.name,
        from: source,
        to,
        how: 'live',
      });
      return undefined;
    },
  };
  const cleanUp: Step = {
    after: usual * share.cleaningUp,
    run() {
      // The source gives its slot back a moment after the server is ACTIVE; the target reports late.
      cloud.allocations.release(source, migration.uuid);
      cloud.reportAll(source);
      return 'stop';
    },
  };
  cloud.run(server, [schedule, start, end, cleanUp]);
}

/** The server holds its slot on the old host again, and none on the new one. */
function turnBack(cloud: LabCloud, server: Server, migration: Migration): void {
  if (migration.target !== null) cloud.allocations.release(migration.target, server.id);
  cloud.allocations.release(migration.source, migration.uuid);
  cloud.allocations.claim(migration.source, server.id, server.flavor.size);
}

/** The statuses of a live migration that the API shows as under way. */
export const statusesUnderWay: readonly Migration['status'][] = ['preparing', 'running'];

/** The one that is under way on a server. */
export function runningLiveMigrations(cloud: LabCloud, serverId: string): readonly Migration[] {
  return cloud.migrations.filter(
    (one) =>
      one.serverId === serverId && one.type === 'live-migration' && statusesUnderWay.includes(one.status),
  );
}

/** Breaks a live migration off: the server runs on where it was, a moment before its migration says so (Nova 26). */
export function abortLiveMigration(
  cloud: LabCloud,
  server: Server,
  migration: Migration,
  by: Requester,
): void {
  const action = cloud.addAction(server, 'live_migration_cancel', by);
  cloud.cancelSteps(server);
  cloud.run(server, [
    {
      after: cloud.usualSeconds('live_migrate') * share.cleaningUp,
      run() {
        turnBack(cloud, server, migration);
        cloud.addEvent(action, 'compute_live_migration_abort', migration.source);
        cloud.update(server, { taskState: null });
        return undefined;
      },
    },
    {
      after: 0.01,
      run() {
        cloud.updateMigration(migration, { status: 'cancelled' });
        return 'stop';
      },
    },
  ]);
}
