import { z } from 'zod';
import type { Answer } from '../wire/call.ts';
import { boot, remove } from '../model/boot.ts';
import { serverStatus } from '../model/server-status.ts';
import type { Server } from '../model/types.ts';
import { bookmark, flag, type NovaContext, type NovaRoute, ok, visibleServer } from './nova-context.ts';
import { badRequest, conflict, forbidden } from './nova-error.ts';
import { page } from './paging.ts';
import { briefServerView, serverView, singleServerView } from './server-view.ts';

const hints = z.object({ group: z.string().optional() }).optional();
const newServerSchema = z.object({
  server: z.object({
    name: z.string().min(1).max(255),
    flavorRef: z.string(),
    imageRef: z.string(),
    networks: z.union([z.enum(['none', 'auto']), z.array(z.unknown())]).optional(),
    metadata: z.record(z.string(), z.string()).optional(),
    max_count: z.literal([1, '1'], { error: 'the lab boots one server with one call' }).optional(),
  }),
  'os:scheduler_hints': hints,
  'OS-SCH-HNT:scheduler_hints': hints,
});

/** servers, apart from their actions. */
export const serverRoutes: readonly NovaRoute[] = [
  { method: 'GET', path: '/servers', name: 'servers.list', handle: (context) => list(context, '/servers') },
  {
    method: 'GET',
    path: '/servers/detail',
    name: 'servers.detail',
    handle: (context) => list(context, '/servers/detail'),
  },
  { method: 'POST', path: '/servers', name: 'servers.create', handle: create },
  {
    method: 'GET',
    path: '/servers/:server',
    name: 'servers.show',
    handle: (context, { server = '' }) =>
      ok({ server: singleServerView(context, visibleServer(context, server)) }),
  },
  {
    method: 'DELETE',
    path: '/servers/:server',
    name: 'servers.delete',
    handle: (context, { server = '' }) => destroy(context, server),
  },
];

/** The filters of a list; others are ignored, as Nova does for parameters it does not know. */
function matching(context: NovaContext): (server: Server) => boolean {
  const { query } = context.call;
  const project = query.get('project_id') ?? query.get('tenant_id');
  const everywhere = flag(query.get('all_tenants'));
  if (everywhere && !context.admin) {
    const kind = context.call.path.endsWith('/detail') ? 'detail' : 'index';
    throw forbidden(`servers:${kind}:get_all_tenants`);
  }
  const host = context.admin ? query.get('host') : null;
  const statuses = query.getAll('status').map((status) => status.toUpperCase());
  const name = query.get('name');
  const namePattern = name === null ? undefined : pattern(name);
  const uuid = query.get('uuid');
  // A project that is named by an admin stands for all_tenants as well.
  const onlyProject = context.admin
    ? (project ?? (everywhere ? null : context.projectId))
    : context.projectId;
  return (server) =>
    (onlyProject === null || server.projectId === onlyProject) &&
    (host === null || server.host === host) &&
    (statuses.length === 0 || statuses.includes(serverStatus(server))) &&
    (namePattern === undefined || namePattern.test(server.name)) &&
    (uuid === null || server.id === uuid);
}

function pattern(name: string): RegExp {
  try {
    return new RegExp(name);
  } catch {
    throw badRequest(`Invalid input for query parameters name. Value: ${name}. it is no regular expression`);
  }
}

function list(context: NovaContext, path: '/servers' | '/servers/detail'): Answer {
  const newestFirst = [...context.cloud.servers.values()].filter(matching(context)).reverse();
  const { items, next } = page(context, path, newestFirst, (server) => server.id);
  const view = path === '/servers' ? briefServerView : serverView;
  return ok({
    servers: items.map((server) => view(context, server)),
    ...(next === undefined ? {} : { servers_links: [{ rel: 'next', href: next }] }),
  });
}

function create(context: NovaContext): Answer {
  const { cloud } = context;
  const parsed = newServerSchema.safeParse(context.call.body);
  if (!parsed.success) throw badRequest(z.prettifyError(parsed.error));
  const { server: wanted } = parsed.data;
  if (wanted.networks === undefined && context.minor >= 37) {
    throw badRequest("Invalid input for field/attribute server. 'networks' is a required property");
  }
  const flavor = cloud.flavors.find(
    (one) => wanted.flavorRef === one.id || wanted.flavorRef.endsWith(`/${one.id}`),
  );
  if (flavor === undefined) throw badRequest(`Flavor ${wanted.flavorRef} could not be found.`);
  const groupId =
    (parsed.data['os:scheduler_hints'] ?? parsed.data['OS-SCH-HNT:scheduler_hints'])?.group ?? null;
  const group = groupId === null ? undefined : cloud.groups.get(groupId);
  if (groupId !== null && group?.projectId !== context.projectId) {
    throw badRequest(`Instance group ${groupId} could not be found.`);
  }
  const server = boot(
    cloud,
    {
      name: wanted.name,
      projectId: context.projectId,
      userId: context.by.userId,
      flavor,
      imageId: wanted.imageRef,
      groupId,
      metadata: wanted.metadata ?? {},
    },
    context.by,
  );
  const self = `${context.base}/servers/${server.id}`;
  return {
    status: 202,
    headers: { Location: self },
    body: {
      server: {
        id: server.id,
        links: [
          { rel: 'self', href: self },
          { rel: 'bookmark', href: bookmark(context, `/servers/${server.id}`) },
        ],
        'OS-DCF:diskConfig': 'MANUAL',
        security_groups: [{ name: 'default' }],
        adminPass: server.reservationId.slice(2),
      },
    },
  };
}

function destroy(context: NovaContext, id: string): Answer {
  const server = visibleServer(context, id);
  if (server.locked && !context.admin) throw conflict(`Instance ${id} is locked`);
  remove(context.cloud, server, context.by);
  return { status: 204 };
}
