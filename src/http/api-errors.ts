/** Turns whatever went wrong into an error of the catalogue. */
import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import {
  ActionNotOffered,
  ActionsMissing,
  DownloadRefused,
  HostNotInSession,
  HostNotSkippable,
  HostsTaken,
  InstanceNotInSession,
  PlanUnusable,
  ProjectNotInSession,
  SessionNotFailed,
  SessionNotFound,
  SessionNotRunning,
  TooManySessions,
  UnknownHosts,
  UnknownPlugin,
} from '../engine/maintenance-service.ts';
import { PlanNotFound } from '../engine/plan-service.ts';
import { PluginFailed } from '../engine/ports.ts';
import { ApiError } from './api-error.ts';
import type { Operation } from './contract.ts';

/** Answers every error; one that is not the caller's is logged once, here, with the id that the caller is told. */
export function toApiErrors(logger: Logger): ErrorRequestHandler {
  return function answerError(error: unknown, _request, response, next) {
    if (response.headersSent) {
      next(error);
      return;
    }
    const {
      requestId,
      logger: child = logger,
      operation,
    } = response.locals as { requestId: string; logger?: Logger; operation?: Operation };
    const answer = toApiError(error, operation) ?? internal(requestId);
    if (answer.status === 500) child.error({ err: error }, 'a request failed by a fault of this server');
    else if (answer.status === 503) child.warn({ err: error }, 'a request could not be served');
    response.status(answer.status).set(answer.headers).json(answer.toBody());
  };
}

function internal(requestId: string): ApiError {
  return new ApiError('internal_error', `Look for ${requestId} in the log of the server.`);
}

function toApiError(error: unknown, operation: Operation | undefined): ApiError | undefined {
  if (error instanceof ApiError) return error;
  return fromEngine(error, operation) ?? fromBodyParser(error) ?? fromValidator(error) ?? fromPath(error);
}

function fromEngine(error: unknown, operation: Operation | undefined): ApiError | undefined {
  if (error instanceof SessionNotFound) {
    return new ApiError('session_not_found', 'There is no such session, or it was deleted.');
  }
  if (error instanceof PlanNotFound) {
    return new ApiError('plan_not_found', 'There is no such plan, or it was deleted.');
  }
  if (error instanceof ProjectNotInSession) {
    return new ApiError('project_not_in_session', 'No instance of the project is on a host of the session.');
  }
  if (error instanceof InstanceNotInSession) {
    return new ApiError(
      'instance_not_in_session',
      'The instance is not one of the project on a host of the session.',
    );
  }
  if (error instanceof ActionsMissing) {
    const message = `Name an action for ${error.instanceIds.join(', ')}: MIGRATE, LIVE_MIGRATE or OWN_ACTION.`;
    return new ApiError('actions_missing', message, { pointer: actionsPointer(operation) });
  }
  if (error instanceof ActionNotOffered) {
    const pointer = actionsPointer(operation);
    return new ApiError('action_not_offered', `${capitalized(error.message)}.`, { pointer });
  }
  if (error instanceof TooManySessions) {
    return new ApiError('too_many_sessions', 'Wait until one has ended, or delete one.');
  }
  return fromControl(error) ?? fromOpening(error);
}

/** What stands in the way of an admin's word to a running session. */
function fromControl(error: unknown): ApiError | undefined {
  if (error instanceof SessionNotRunning) {
    return new ApiError('session_not_running', `The session is in ${error.state}.`);
  }
  if (error instanceof HostNotInSession) {
    return new ApiError('host_not_in_session', `${capitalized(error.message)}.`, { pointer: '/host' });
  }
  if (error instanceof HostNotSkippable) {
    return new ApiError('host_not_skippable', `${capitalized(error.message)}.`, { pointer: '/host' });
  }
  return undefined;
}

/** A message of the engine as the beginning of a sentence. */
function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What stands in the way of a session that is to run. */
function fromOpening(error: unknown): ApiError | undefined {
  if (error instanceof UnknownHosts) {
    const message = `Nova has no service on ${error.hosts.join(', ')}.`;
    return new ApiError('unknown_host', message, { pointer: '/hosts' });
  }
  if (error instanceof HostsTaken) {
    const message = `Another running session has ${error.hosts.join(', ')}.`;
    return new ApiError('host_in_session', message, { pointer: '/hosts' });
  }
  if (error instanceof UnknownPlugin) {
    const message = `"${error.plugin}" is no executable in the folder of plug-ins, and the session fetches none.`;
    return new ApiError('unknown_plugin', message, { pointer: '/actions' });
  }
  // Its manifest is wrong; the message names file and field.
  if (error instanceof PluginFailed) {
    return new ApiError('unknown_plugin', error.message, { pointer: '/actions' });
  }
  if (error instanceof DownloadRefused) {
    return new ApiError('download_refused', error.message, { pointer: `/download/${error.index}` });
  }
  if (error instanceof PlanUnusable) {
    return new ApiError('plan_unusable', `${capitalized(error.message)}.`, { pointer: '/plan_id' });
  }
  if (error instanceof SessionNotFailed) {
    return new ApiError('session_not_failed', `The session is in ${error.state}.`);
  }
  return undefined;
}

/** A reply for one instance has its action under another name than a reply for all of them. */
function actionsPointer(operation: Operation | undefined): string {
  return operation?.id === 'replyForInstance' ? '/instance_action' : '/instance_actions';
}

/** What body-parser throws has a `type` and a `status`; what zlib throws beneath it, a `code`. */
function fromBodyParser(error: unknown): ApiError | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')) {
    const message = `It cannot be unpacked: ${error.message}.`;
    return new ApiError('malformed_body', message, { cause: error });
  }
  if (!('type' in error) || typeof error.type !== 'string') return undefined;
  if (error.type === 'entity.too.large') {
    const limit = 'limit' in error ? String(error.limit) : 'the limit';
    return new ApiError('body_too_large', `At most ${limit} bytes are read.`, { cause: error });
  }
  const isBody = /^(entity|encoding|charset|request|stream)\./.test(error.type);
  return isBody
    ? new ApiError('malformed_body', `${error.message}. Send one JSON document.`, { cause: error })
    : undefined;
}

interface ValidationFailure {
  readonly path: string;
  readonly message: string;
}

/** What the validator throws has a `status` and a list of `errors`, each with a path such as `/body/maintenance_at`. */
function fromValidator(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || !('errors' in error) || !('status' in error)) return undefined;
  if (!Array.isArray(error.errors) || Number(error.status) >= 500) return undefined;
  const failures = error.errors as readonly ValidationFailure[];
  const [first] = failures;
  const place = first?.path ?? '';
  if (place.startsWith('/query')) {
    return new ApiError('invalid_query', failures.map(describe).join('; '), { cause: error });
  }
  const pointer = place.replace(/^\/(body|params|path)(?=\/|$)/, '');
  return new ApiError('invalid_request', failures.map(describe).join('; '), { pointer, cause: error });
}

function describe({ path, message }: ValidationFailure): string {
  const place = path.replace(/^\/(body|params|path|query)\/?/, '') || 'the body';
  return message.startsWith('must have required property') ? `${place} is missing` : `${place} ${message}`;
}

/** A path that cannot be decoded (`%zz`). */
function fromPath(error: unknown): ApiError | undefined {
  return error instanceof URIError
    ? new ApiError('invalid_request', 'The path cannot be decoded.', { cause: error })
    : undefined;
}
