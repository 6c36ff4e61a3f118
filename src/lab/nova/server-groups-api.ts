import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Answer } from '../wire/call.ts';
import type { GroupPolicy, ServerGroup } from '../model/types.ts';
import { flag, type NovaContext, type NovaRoute, ok, since } from './nova-context.ts';
import { badRequest, notFound } from './nova-error.ts';

const policy = z.enum(['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity']);
const newGroupBefore264 = z.strictObject({
  server_group: z.strictObject({ name: z.string().min(1).max(255), policies: z.tuple([policy]) }),
});
const newGroupSince264 = z.strictObject({
  server_group: z.strictObject({
    name: z.string().min(1).max(255),
    policy,
    rules: z.strictObject({ max_server_per_host: z.coerce.number().int().positive().optional() }).optional(),
  }),
});

/** os-server-groups: `policies` (a list) before 2.64, `policy` and `rules` since. */
export const serverGroupRoutes: readonly NovaRoute[] = [
  { method: 'GET', path: '/os-server-groups', name: 'os-server-groups.list', handle: list },
  { method: 'POST', path: '/os-server-groups', name: 'os-server-groups.create', handle: create },
  {
    method: 'GET',
    path: '/os-server-groups/:group',
    name: 'os-server-groups.show',
    handle: (context, { group = '' }) => ok({ server_group: view(context, visibleGroup(context, group)) }),
  },
  {
    method: 'DELETE',
    path: '/os-server-groups/:group',
    name: 'os-server-groups.delete',
    handle(context, { group = '' }) {
      context.cloud.groups.delete(visibleGroup(context, group).id);
      return { status: 204 };
    },
  },
];

function view(context: NovaContext, group: ServerGroup): unknown {
  const members = context.cloud.membersOf(group.id).map((server) => server.id);
  const rules = group.maxServerPerHost === undefined ? {} : { max_server_per_host: group.maxServerPerHost };
  return {
    id: group.id,
    name: group.name,
    ...(context.minor >= 64
      ? { policy: group.policy, rules, members }
      : { policies: [group.policy], metadata: {}, members }),
    ...since(context, 13, { project_id: group.projectId, user_id: group.userId }),
  };
}

function visibleGroup(context: NovaContext, id: string): ServerGroup {
  const group = context.cloud.groups.get(id);
  if (group === undefined || (!context.admin && group.projectId !== context.projectId)) {
    throw notFound(`Instance group ${id} could not be found.`);
  }
  return group;
}

function list(context: NovaContext): Answer {
  // The recorded cloud gives an admin every project's groups only when asked; for others the wish is ignored.
  const everywhere = context.admin && flag(context.call.query.get('all_projects'));
  const groups = [...context.cloud.groups.values()].filter(
    (group) => everywhere || group.projectId === context.projectId,
  );
  return ok({ server_groups: groups.map((group) => view(context, group)) });
}

function wanted(context: NovaContext): { name: string; policy: GroupPolicy; max?: number | undefined } {
  const { body } = context.call;
  if (context.minor >= 64) {
    const parsed = newGroupSince264.safeParse(body);
    if (!parsed.success) throw badRequest(z.prettifyError(parsed.error));
    const { name, policy: one, rules } = parsed.data.server_group;
    return { name, policy: one, max: rules?.max_server_per_host };
  }
  const parsed = newGroupBefore264.safeParse(body);
  if (!parsed.success) throw badRequest(z.prettifyError(parsed.error));
  const { name, policies } = parsed.data.server_group;
  return { name, policy: policies[0] };
}

function create(context: NovaContext): Answer {
  const { name, policy: one, max } = wanted(context);
  const group: ServerGroup = {
    id: randomUUID(),
    name,
    policy: one,
    projectId: context.projectId,
    userId: context.by.userId,
    ...(max === undefined ? {} : { maxServerPerHost: max }),
  };
  context.cloud.groups.set(group.id, group);
  return ok({ server_group: view(context, group) });
}
