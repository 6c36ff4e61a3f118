/**
 * The aliases of generation G0: sessions at the paths and with the answers of the sample admin tool of OPNFV Doctor
 * (facts 1.5). The notifications of such a session lead to `/v1` all the same, where replies are taken alike.
 */
import type { MaintenanceService } from '../../engine/maintenance-service.ts';
import type { HandlerOf } from '../handler.ts';
import { parseSessionRequest } from '../parse/session-request.ts';
import type { operations } from './openapi.ts';

/** A handler for every operation of openapi/doctor-g0.yaml. */
export type DoctorHandlers = { readonly [K in keyof operations]: HandlerOf<operations[K]> };

/** Flask's answer to a text. */
const ok = { status: 200, body: 'OK', headers: { 'Content-Type': 'text/html; charset=utf-8' } } as const;

export function doctorHandlers(maintenance: MaintenanceService): DoctorHandlers {
  return {
    createSession: async ({ body: { hosts, maintenance_at, metadata, state } }) => {
      // Nothing else is read, `workflow` neither: the tool had one.
      const { id } = await maintenance.create(parseSessionRequest({ hosts, maintenance_at, metadata }));
      return { status: 200, body: { session_id: id, state: `ACK_${state}` } };
    },
    getSession: ({ params }) => ({
      status: 200,
      body: { state: maintenance.get(params.session_id).state },
    }),
    deleteSession: async ({ params }) => {
      await maintenance.delete(params.session_id);
      return ok;
    },
    getProjectInstances: ({ params }) => ({
      status: 200,
      body: { instance_ids: [...maintenance.projectInstanceIds(params.session_id, params.project_id)] },
    }),
    replyForProject: async ({ params, body: { state, instance_actions } }) => {
      await maintenance.reply(params.session_id, params.project_id, {
        state,
        ...(instance_actions !== undefined && { instanceActions: instance_actions }),
      });
      return ok;
    },
  };
}
