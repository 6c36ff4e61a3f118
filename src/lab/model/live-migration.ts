import type { LabCloud, Step } from './lab-cloud.ts';
import type { Requester, Server } from './types.ts';

const noValidHost = 'No valid host was found. ';

/** How the time is shared out; measured on a real cloud (nova-live-migration.json). */
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
  const migration = cloud.addMigration(server, 'live-migration', 'accepted', by);
  cloud.update(server, { taskState: 'migrating' });

  const schedule: Step = {
    after: seconds * share.scheduling,
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
    after: seconds * share.preparing,
    run() {
      cloud.addEvent(action, 'compute_live_migration', source);
      cloud.addEvent(action, 'compute_pre_live_migration', migration.target ?? '');
      cloud.updateMigration(migration, { status: 'running' });
      return undefined;
    },
  };
  const end: Step = {
    after: seconds * share.running,
    run() {
      const to = migration.target ?? '';
      const fault = cloud.faults.strike(
        'fail',
        cloud.subject(server, to),
        (one) => one.operation === 'live_migrate',
      );
      if (fault !== undefined) {
        // Nova notes no error in the action here: only the migration tells (nova-live-migration-failed.json).
        cloud.allocations.release(to, server.id);
        cloud.allocations.release(source, migration.uuid);
        cloud.allocations.claim(source, server.id, server.flavor.size);
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
    after: seconds * share.cleaningUp,
    run() {
      // The source gives its slot back a moment after the server is ACTIVE; the target reports late.
      cloud.allocations.release(source, migration.uuid);
      cloud.reportAll(source);
      return 'stop';
    },
  };
  cloud.run(server, [schedule, start, end, cleanUp]);
}
