import type { SessionControl } from '../../domain/session.ts';
import type { MaintenanceService } from '../../engine/maintenance-service.ts';
import type { Handlers } from '../handler.ts';
import { parseSessionRequest } from '../parse/session-request.ts';
import { sessionDetail } from '../views/session-detail.ts';
import { selectSessions } from '../views/session-list.ts';
import { sessionSummary } from '../views/session-rows.ts';

type SessionOperation =
  | 'listSessions'
  | 'createSession'
  | 'getSession'
  | 'continueSession'
  | 'deleteSession'
  | 'getSessionDetail'
  | 'pauseSession'
  | 'resumeSession'
  | 'abortSession'
  | 'skipHost';

/** Sessions, for admins. */
export function sessionHandlers(
  maintenance: MaintenanceService,
  publicUrl: string,
): Pick<Handlers, SessionOperation> {
  const control = async (sessionId: string, word: SessionControl) => ({
    status: 200 as const,
    body: sessionDetail(await maintenance.control(sessionId, word)),
  });
  return {
    listSessions: ({ query }) => {
      const { sessions, next } = selectSessions(maintenance.list(), query);
      const ids = sessions.map(({ id }) => id);
      return {
        status: 200,
        body: {
          sessions: ids,
          session_id: ids,
          items: sessions.map(sessionSummary),
          next: next === undefined ? null : `${publicUrl}/v1/maintenance?${next.toString()}`,
        },
      };
    },
    createSession: async ({ body }) => {
      const { id } = await maintenance.create(parseSessionRequest(body));
      return { status: 200, body: { session_id: id } };
    },
    getSession: ({ params }) => {
      const { id, state } = maintenance.get(params.session_id);
      return { status: 200, body: { session_id: id, state } };
    },
    continueSession: async ({ params, body }) => {
      const { id, state } = await maintenance.continue(params.session_id, body?.state);
      return {
        status: 200,
        body: { maintenance: `${publicUrl}/v1/maintenance/${id}`, session_id: id, state },
      };
    },
    deleteSession: async ({ params }) => {
      await maintenance.delete(params.session_id);
      return { status: 200, body: {} };
    },
    getSessionDetail: ({ params }) => ({
      status: 200,
      body: sessionDetail(maintenance.get(params.session_id)),
    }),
    pauseSession: ({ params }) => control(params.session_id, { kind: 'pause' }),
    resumeSession: ({ params }) => control(params.session_id, { kind: 'resume' }),
    abortSession: ({ params }) => control(params.session_id, { kind: 'abort' }),
    skipHost: ({ params, body }) => control(params.session_id, { kind: 'skip_host', host: body.host }),
  };
}
