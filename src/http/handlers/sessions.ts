import type { MaintenanceService } from '../../engine/maintenance-service.ts';
import { ApiError } from '../api-error.ts';
import type { Handlers } from '../handler.ts';
import { parseSessionRequest } from '../parse/session-request.ts';
import { sessionDetail } from '../views/session-detail.ts';

type SessionOperation =
  'listSessions' | 'createSession' | 'getSession' | 'continueSession' | 'deleteSession' | 'getSessionDetail';

/** Sessions, for admins. */
export function sessionHandlers(maintenance: MaintenanceService): Pick<Handlers, SessionOperation> {
  return {
    listSessions: () => {
      const ids = maintenance.list().map(({ id }) => id);
      return { status: 200, body: { sessions: ids, session_id: ids } };
    },
    createSession: async ({ body }) => {
      const { id } = await maintenance.create(parseSessionRequest(body));
      return { status: 200, body: { session_id: id } };
    },
    getSession: ({ params }) => {
      const { id, state } = maintenance.get(params.session_id);
      return { status: 200, body: { session_id: id, state } };
    },
    continueSession: ({ params }) => {
      maintenance.get(params.session_id);
      throw new ApiError(
        'feature_not_available',
        'A failed session cannot be continued yet: delete it, and open another for the hosts that are left.',
      );
    },
    deleteSession: async ({ params }) => {
      await maintenance.delete(params.session_id);
      return { status: 200, body: {} };
    },
    getSessionDetail: ({ params }) => ({
      status: 200,
      body: sessionDetail(maintenance.get(params.session_id)),
    }),
  };
}
