import type { InstanceReply, MaintenanceService, ProjectReply } from '../../engine/maintenance-service.ts';
import type { Handlers } from '../handler.ts';
import { parseReplyTerms } from '../parse/reply.ts';

/** What a project sees of a session, and its replies. Who may is decided by the path (`policy.ts`). */
export function projectHandlers(
  maintenance: MaintenanceService,
): Pick<Handlers, 'getProjectInstances' | 'replyForProject' | 'replyForInstance'> {
  return {
    getProjectInstances: ({ params }) => ({
      status: 200,
      body: { instance_ids: [...maintenance.projectInstanceIds(params.session_id, params.project_id)] },
    }),
    replyForProject: async ({ params, body }) => {
      const reply: ProjectReply = {
        state: body.state,
        ...(body.instance_actions !== undefined && { instanceActions: body.instance_actions }),
        ...(body.fallback_actions !== undefined && { fallbackActions: body.fallback_actions }),
        ...parseReplyTerms(body),
      };
      await maintenance.reply(params.session_id, params.project_id, reply);
      return { status: 200, body };
    },
    replyForInstance: async ({ params, body }) => {
      const reply: InstanceReply = {
        state: body.state,
        ...(body.instance_action !== undefined && { instanceAction: body.instance_action }),
        ...(body.fallback_action !== undefined && { fallbackAction: body.fallback_action }),
        ...parseReplyTerms(body),
      };
      await maintenance.replyForInstance(params.session_id, params.project_id, params.instance_id, reply);
      return { status: 200, body };
    },
  };
}
