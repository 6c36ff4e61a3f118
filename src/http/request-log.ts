import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { v4 } from 'uuid';
import type { Identity } from '../engine/ports.ts';

const requestIdForm = /^req-[0-9a-f-]{36}$/;
const sessionPath = /^(?:\/v1)?\/maintenance\/([^/]+)/;

/**
 * Gives each request an id (the caller's own where it has OpenStack's form), a logger that carries it, and one line when
 * it is answered. Neither headers nor bodies are logged.
 */
export function logRequests(logger: Logger): RequestHandler {
  return function logRequest(request, response, next) {
    const sent = request.get('X-Openstack-Request-Id') ?? '';
    const requestId = requestIdForm.test(sent) ? sent : `req-${v4()}`;
    const [, sessionId] = sessionPath.exec(request.path) ?? [];
    const child = logger.child({
      request_id: requestId,
      ...(sessionId !== undefined && { session_id: sessionId }),
    });
    response.locals['requestId'] = requestId;
    response.locals['logger'] = child;
    response.set('X-Openstack-Request-Id', requestId);
    const started = performance.now();
    response.on('finish', () => {
      const { method, originalUrl } = request;
      const [path] = originalUrl.split('?', 1);
      const line = {
        method,
        path,
        status: response.statusCode,
        user_id: (response.locals['identity'] as Identity | undefined)?.userId,
        duration_ms: Math.round(performance.now() - started),
      };
      // A client that goes 401 in a long session does not tell its users why (facts 1.3): this line does.
      if (response.statusCode === 401) child.warn(line, 'request without a valid token');
      else if (path === '/healthcheck') child.debug(line, 'request');
      else child.info(line, 'request');
    });
    next();
  };
}
