/** What an application answers to a notification, and how it gets there (facts 1.4, 2.7 to 2.9). */
import { ApiError, type MaintenanceClient } from './maintenance-client.ts';
import {
  isMoveQuestion,
  type InstanceAction,
  type MoveQuestion,
  type PlainQuestion,
  type ProjectNotification,
  type Question,
} from './notification.ts';
import type { components } from './openapi.ts';

/** The body of a reply: for a project, or for the one instance that the question was about. */
export type ReplyBody = components['schemas']['ProjectReply'] | components['schemas']['InstanceReply'];

/** An action for each instance, by its id. */
export type InstanceActions = Readonly<Record<string, InstanceAction>>;

/**
 * Builds an acknowledgement. For PREPARE_MAINTENANCE and PLANNED_MAINTENANCE it names an action for each instance that
 * the question is about (`instanceIds()` tells them).
 * @throws Error when an action is missing, or is not among the allowed ones
 */
export function ack(question: PlainQuestion): ReplyBody;
export function ack(question: MoveQuestion, actions: InstanceActions): ReplyBody;
export function ack(question: Question, actions: InstanceActions = {}): ReplyBody {
  if (!isMoveQuestion(question)) return { state: `ACK_${question.state}` };
  const { state, allowedActions } = question;
  for (const [id, action] of Object.entries(actions))
    if (!allowedActions.includes(action))
      throw new Error(`${action} for instance ${id} is not allowed: ${allowedActions.join(', ')} are`);
  const instanceId = askedInstance(question);
  if (instanceId === undefined) return { state: `ACK_${state}`, instance_actions: { ...actions } };
  const action = actions[instanceId];
  if (action === undefined) throw new Error(`no action is given for instance ${instanceId}`);
  return { state: `ACK_${state}`, instance_action: action };
}

/**
 * The same, for a server that lets an application say when it is ready: nothing is done to the instances before.
 * @throws Error as `ack` does, or when `readyAt` is no time
 */
export function ackFrom(question: MoveQuestion, readyAt: Date, actions: InstanceActions): ReplyBody {
  if (Number.isNaN(readyAt.getTime())) throw new Error('readyAt is no time');
  return { ...ack(question, actions), ready_at: readyAt.toISOString() };
}

/**
 * Builds the answer of an application that cannot do without the instances just now, and is to be asked again. To a session of
 * the workflow `vnf`; elsewhere it is a refusal.
 * @param seconds whole ones, from 1 on; the server bounds how long an answer may be put off in all
 * @param reason for the admin to read
 * @throws Error when `seconds` is not a whole number above 0
 */
export function defer(question: MoveQuestion, seconds: number, reason?: string): ReplyBody {
  if (!Number.isInteger(seconds) || seconds < 1) {
    throw new Error(`an answer is put off by whole seconds, from 1 on, not by ${seconds}`);
  }
  return { ...nack(question, reason), defer_seconds: seconds };
}

/**
 * Builds a refusal. What becomes of the session is its admin's choice: it fails, or leaves the host aside.
 * @param reason for the admin to read
 */
export function nack(question: Question, reason?: string): ReplyBody {
  return { state: `NACK_${question.state}`, ...(reason !== undefined && { reason }) };
}

/**
 * Sends a reply to where the question asks for it. Repeating it is harmless, so it is sent again while the server is
 * away (see `AuthorizedFetchOptions.attempts`).
 * @throws ApiError when the server does not take it, UntrustedUrl
 */
export async function reply(client: MaintenanceClient, question: Question, body: ReplyBody): Promise<void> {
  const response = await client.send(question.replyUrl, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify(body),
  });
  await readJson(response);
}

/**
 * The instances that a notification is about: those it names, or those that the server names at the URL in it.
 * @throws ApiError, UntrustedUrl
 */
export async function instanceIds(
  client: MaintenanceClient,
  notification: ProjectNotification,
): Promise<readonly string[]> {
  if (typeof notification.instanceIds !== 'string') return notification.instanceIds;
  const response = await client.send(notification.instanceIds, { headers: { Accept: 'application/json' } });
  const body = await readJson(response);
  const ids = (body as { instance_ids?: unknown } | null)?.instance_ids;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) throw new ApiError(response, body);
  return ids;
}

/** The workflow `vnf` asks per instance, and its `reply_url` ends in that instance's id (facts 4.2). */
function askedInstance({ instanceIds: ids, replyUrl }: MoveQuestion): string | undefined {
  const [id] = ids;
  return typeof ids !== 'string' && id !== undefined && ids.length === 1 && replyUrl.endsWith(`/${id}`)
    ? id
    : undefined;
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Some errors come as plain text; an ApiError quotes it.
  }
  if (!response.ok) throw new ApiError(response, body);
  return body;
}
