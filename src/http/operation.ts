import type { RequestHandler } from 'express';
import { ApiError } from './api-error.ts';
import type { OperationTable } from './contract.ts';

/**
 * Finds the operation of a request. A trailing slash is dropped, never redirected (facts 1.2). An unknown path or method
 * is refused after the token was checked (`refuseUnknown`), so that nobody without one learns what there is.
 */
export function findOperation(table: OperationTable): RequestHandler {
  return function findOperationOfRequest(request, response, next) {
    const [path = '/', query] = request.url.split('?', 2);
    const plain = path.replace(/\/+$/, '') || '/';
    request.url = query === undefined ? plain : `${plain}?${query}`;
    const operations = table.find(plain);
    const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
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
