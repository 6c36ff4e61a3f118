import type { RequestHandler } from 'express';
import { ApiError } from './api-error.ts';
import type { OperationTable } from './contract.ts';

/** The part before the path where a client asks as it would ask a proxy: `GET http://host/v1/maintenance`. */
const origin = /^https?:\/\/[^/?#]*/i;

/**
 * Finds the operation of a request. A trailing slash is dropped, never redirected (facts 1.2). An unknown path or method
 * is refused after the token was checked (`keystoneAuth`), so that nobody without one learns what there is.
 */
export function findOperation(table: OperationTable): RequestHandler {
  return function findOperationOfRequest(request, response, next) {
    const [path = '/', ...query] = request.url.replace(origin, '').split('?');
    const plain = path.replace(/\/+$/, '') || '/';
    request.url = [plain, ...query].join('?');
    const operations = table.find(plain);
    // HEAD is a GET whose body Node leaves out by itself; the validator knows only what the contract names.
    if (request.method === 'HEAD') request.method = 'GET';
    const method = request.method.toLowerCase();
    response.locals['operation'] = operations?.find((operation) => operation.method === method);
    response.locals['refusal'] =
      operations === undefined
        ? new ApiError('not_found', `${plain} is not a path of this API.`)
        : notAllowed(operations.map((operation) => operation.method.toUpperCase()));
    next();
  };
}

function notAllowed(methods: readonly string[]): ApiError {
  const allow = methods.join(', ');
  return new ApiError('method_not_allowed', `Use ${methods.join(' or ')}.`, { headers: { Allow: allow } });
}
