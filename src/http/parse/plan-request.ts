import type { SessionRequest } from '../../domain/session.ts';
import type { components } from '../../sdk/openapi.ts';
import { parseSessionRequest } from './session-request.ts';

/**
 * The body of a session that is to be planned. Only the workflow `vnf` follows a plan, so it is planned for that one; `default`
 * may have been named, or filled in by the contract where none was.
 * @throws ApiError 422
 */
export function parsePlanRequest(body: components['schemas']['SessionRequest']): SessionRequest {
  const workflow = body.workflow === undefined || body.workflow === 'default' ? 'vnf' : body.workflow;
  const { planId: _planId, ...request } = parseSessionRequest({ ...body, workflow });
  return request;
}
