import type { Answer } from '../wire/call.ts';
import type { ActionEvent, InstanceAction } from '../model/types.ts';
import { type NovaContext, type NovaRoute, ok, since, time, visibleServer } from './nova-context.ts';
import { notFound } from './nova-error.ts';
import { page } from './paging.ts';
import { hostId } from './server-view.ts';

/** os-instance-actions: what was asked of a server, and how it went. */
export const instanceActionRoutes: readonly NovaRoute[] = [
  {
    method: 'GET',
    path: '/servers/:server/os-instance-actions',
    name: 'os-instance-actions.list',
    handle: (context, { server = '' }) => list(context, server),
  },
  {
    method: 'GET',
    path: '/servers/:server/os-instance-actions/:request',
    name: 'os-instance-actions.show',
    handle: (context, { server = '', request = '' }) => show(context, server, request),
  },
];

function view(context: NovaContext, action: InstanceAction): Record<string, unknown> {
  return {
    action: action.name,
    instance_uuid: action.serverId,
    request_id: action.requestId,
    user_id: action.userId,
    project_id: action.projectId,
    start_time: time(action.startedAt),
    message: action.message,
    ...since(context, 58, { updated_at: time(action.updatedAt) }),
  };
}

function eventView(context: NovaContext, event: ActionEvent): unknown {
  return {
    event: event.name,
    start_time: time(event.startedAt),
    finish_time: time(event.finishedAt),
    result: event.result,
    ...(context.admin
      ? { traceback: event.details === null ? null : `  (no traceback in the lab) ${event.details}\n` }
      : {}),
    ...(context.admin ? since(context, 62, { host: event.host }) : {}),
    ...since(context, 62, { hostId: hostId(context.projectId, event.host) }),
    ...since(context, 84, { details: event.details }),
  };
}

function newestFirst(context: NovaContext, server: string): readonly InstanceAction[] {
  return [...(context.cloud.actions.get(visibleServer(context, server).id) ?? [])].reverse();
}

function list(context: NovaContext, server: string): Answer {
  const actions = newestFirst(context, server);
  if (context.minor < 58) return ok({ instanceActions: actions.map((action) => view(context, action)) });
  const path = `/servers/${server}/os-instance-actions`;
  const { items, next } = page(context, path, actions, (action) => action.requestId);
  return ok({
    instanceActions: items.map((action) => view(context, action)),
    ...(next === undefined || context.call.query.get('limit') === null
      ? {}
      : { links: [{ rel: 'next', href: next }] }),
  });
}

function show(context: NovaContext, server: string, request: string): Answer {
  const action = newestFirst(context, server).find((one) => one.requestId === request);
  if (action === undefined)
    throw notFound(`Action for request_id ${request} on instance ${server} not found`);
  // Events are for admins; from 2.51 on everybody sees them, without tracebacks.
  const events = context.admin || context.minor >= 51 ? [...action.events].reverse() : [];
  return ok({
    instanceAction: { ...view(context, action), events: events.map((event) => eventView(context, event)) },
  });
}
