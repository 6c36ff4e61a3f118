import type { Answer } from '../wire/call.ts';
import { abortLiveMigration, runningLiveMigrations, statusesUnderWay } from '../model/live-migration.ts';
import type { Migration } from '../model/types.ts';
import {
  bookmark,
  type NovaContext,
  type NovaRoute,
  ok,
  requireAdmin,
  since,
  time,
  visibleServer,
} from './nova-context.ts';
import { badRequest, conflict, notFound } from './nova-error.ts';
import { page } from './paging.ts';

/** os-migrations, and the live migrations that are under way on a server. */
export const migrationRoutes: readonly NovaRoute[] = [
  { method: 'GET', path: '/os-migrations', name: 'os-migrations.list', handle: list },
  {
    method: 'GET',
    path: '/servers/:server/migrations',
    name: 'server-migrations.list',
    handle(context, { server = '' }) {
      if (context.minor < 23) throw notFound('The resource could not be found.');
      requireAdmin(context, 'servers:migrations:index');
      const { id } = visibleServer(context, server);
      const running = runningLiveMigrations(context.cloud, id);
      return ok({ migrations: running.map((migration) => runningView(context, migration)) });
    },
  },
  {
    method: 'DELETE',
    path: '/servers/:server/migrations/:migration',
    name: 'server-migrations.delete',
    handle: (context, { server = '', migration = '' }) => abort(context, server, migration),
  },
];

/** By the rules of `live_migrate_abort` of Nova 26. */
function abort(context: NovaContext, serverId: string, migrationId: string): Answer {
  if (context.minor < 24) throw notFound('The resource could not be found.');
  requireAdmin(context, 'servers:migrations:delete');
  const { cloud } = context;
  const server = visibleServer(context, serverId);
  if (server.taskState === null) {
    throw conflict(`Instance ${serverId} is in an invalid state for 'abort live migration'`);
  }
  if (server.taskState !== 'migrating') {
    throw conflict(
      `Cannot 'abort live migration' instance ${serverId} while it is in task_state ${server.taskState}`,
    );
  }
  const migration = cloud.migrations.find(
    (one) => one.serverId === server.id && String(one.number) === migrationId,
  );
  if (migration === undefined) throw notFound(`Migration ${migrationId} not found for instance ${serverId}`);
  const allowed: readonly string[] = context.minor >= 65 ? ['running', 'preparing'] : ['running'];
  if (!allowed.includes(migration.status)) {
    throw badRequest(
      `Migration ${migrationId} state of instance ${serverId} is ${migration.status}. ` +
        'Cannot abort live migration while the migration is in this state.',
    );
  }
  abortLiveMigration(cloud, server, migration, context.by);
  return { status: 202 };
}

function isRunningLive(migration: Migration): boolean {
  return migration.type === 'live-migration' && statusesUnderWay.includes(migration.status);
}

function view(context: NovaContext, migration: Migration): unknown {
  const { target, source } = migration;
  const live = migration.type === 'live-migration';
  return {
    id: migration.number,
    ...since(context, 59, { uuid: migration.uuid }),
    source_compute: source,
    dest_compute: target,
    // A live migration learns of the nodes only when a target was found.
    source_node: live && target === null ? null : source,
    dest_node: target,
    dest_host: live || target === null ? null : '192.168.0.1',
    old_instance_type_id: 1,
    new_instance_type_id: 1,
    instance_uuid: migration.serverId,
    status: migration.status,
    ...since(context, 23, { migration_type: migration.type }),
    ...since(context, 80, { user_id: migration.userId, project_id: migration.projectId }),
    created_at: time(migration.createdAt),
    updated_at: time(migration.updatedAt),
    ...(context.minor >= 23 && isRunningLive(migration) ? { links: links(context, migration) } : {}),
  };
}

function links(context: NovaContext, migration: Migration): readonly unknown[] {
  const path = `/servers/${migration.serverId}/migrations/${migration.number}`;
  return [
    { rel: 'self', href: context.base + path },
    { rel: 'bookmark', href: bookmark(context, path) },
  ];
}

function runningView(context: NovaContext, migration: Migration): unknown {
  const { target } = migration;
  return {
    created_at: time(migration.createdAt),
    dest_compute: target,
    dest_host: null,
    dest_node: target,
    disk_processed_bytes: null,
    disk_remaining_bytes: null,
    disk_total_bytes: null,
    id: migration.number,
    memory_processed_bytes: null,
    memory_remaining_bytes: null,
    memory_total_bytes: null,
    server_uuid: migration.serverId,
    source_compute: migration.source,
    source_node: target === null ? null : migration.source,
    status: migration.status,
    updated_at: time(migration.updatedAt),
    ...since(context, 59, { uuid: migration.uuid }),
    ...since(context, 80, { user_id: migration.userId, project_id: migration.projectId }),
  };
}

function list(context: NovaContext): Answer {
  requireAdmin(context, 'os-migrations:index');
  const { query } = context.call;
  const wants = (name: string, value: string | null): boolean => {
    const wanted = query.get(name);
    return wanted === null || wanted === value;
  };
  const newestFirst = context.cloud.migrations
    .filter(
      (one) =>
        wants('instance_uuid', one.serverId) &&
        wants('status', one.status) &&
        wants('migration_type', one.type) &&
        wants('source_compute', one.source) &&
        (wants('host', one.source) || wants('host', one.target)),
    )
    .reverse();
  if (context.minor < 59) return ok({ migrations: newestFirst.map((migration) => view(context, migration)) });
  const { items, next } = page(context, '/os-migrations', newestFirst, (migration) => migration.uuid);
  return ok({
    migrations: items.map((migration) => view(context, migration)),
    ...(next === undefined || query.get('limit') === null
      ? {}
      : { migrations_links: [{ rel: 'next', href: next }] }),
  });
}
