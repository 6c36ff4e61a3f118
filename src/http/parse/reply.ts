/** What a reply may say beyond ACK and NACK: ready from a time, ask again later, or why not (issue 4, part 3). */
import type { components } from '../../sdk/openapi.ts';
import { ApiError } from '../api-error.ts';
import { parseTimeWithin } from './time.ts';

type ReplyBody = Pick<
  components['schemas']['InstanceReply'],
  'state' | 'ready_at' | 'defer_seconds' | 'reason'
>;

/** As the engine wants it, of a project or of one instance alike. */
interface ReplyTerms {
  /** Milliseconds since 1970. */
  readonly readyAt?: number;
  readonly deferSeconds?: number;
  readonly reason?: string;
}

/**
 * A `reason` with an ACK is passed over: it takes nothing away from the ACK.
 * @throws ApiError 422 where a reply contradicts itself, or has a time where the state knows none
 */
export function parseReplyTerms(body: ReplyBody): ReplyTerms {
  const { state, ready_at: readyAt, defer_seconds: deferSeconds, reason } = body;
  const refuses = state.startsWith('NACK_');
  if (readyAt !== undefined) {
    if (refuses) {
      refuse(state, 'ready_at', 'send ACK to agree from that time on, or defer_seconds to be asked again');
    }
    requireMove(state, 'ready_at');
  }
  if (deferSeconds !== undefined) {
    if (!refuses) {
      refuse(state, 'defer_seconds', 'send NACK to be asked again, or ready_at to agree from a time on');
    }
    requireMove(state, 'defer_seconds');
  }
  return {
    ...(readyAt !== undefined && { readyAt: parseTimeWithin(readyAt, '/ready_at') }),
    ...(deferSeconds !== undefined && { deferSeconds }),
    ...(refuses && reason !== undefined && { reason }),
  };
}

/** Where no instance is about to leave its host, a time would be lost without a word. */
function requireMove(state: string, field: string): void {
  if (/_(PREPARE|PLANNED)_MAINTENANCE$/.test(state)) return;
  refuse(state, field, 'only PREPARE_MAINTENANCE and PLANNED_MAINTENANCE can be put off: leave it out');
}

function refuse(state: string, field: string, advice: string): never {
  throw new ApiError('invalid_request', `${state} with ${field}: ${advice}.`, { pointer: `/${field}` });
}
