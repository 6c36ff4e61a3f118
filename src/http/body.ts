import express, { type RequestHandler } from 'express';
import { ApiError } from './api-error.ts';
import { jsonProblem } from './json-limits.ts';

/**
 * Reads the body as JSON whatever its Content-Type says, as Fenix did (facts 1.2); bodies of GET and DELETE are not read.
 */
export function readBody(maxBytes: number): RequestHandler {
  const parseJson: RequestHandler = express.json({ type: () => true, limit: maxBytes, strict: false });
  return function readJsonBody(request, response, next) {
    request.headers['content-type'] = 'application/json';
    if (request.method !== 'PUT' && request.method !== 'POST') {
      next();
      return;
    }
    parseJson(request, response, (error?: unknown) => {
      const problem = error === undefined ? jsonProblem(request.body) : undefined;
      if (problem === undefined) next(error);
      else {
        const { message, pointer } = problem;
        next(new ApiError('invalid_request', message, pointer === undefined ? {} : { pointer }));
      }
    });
  };
}
