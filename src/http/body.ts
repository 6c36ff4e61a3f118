import express, { type RequestHandler } from 'express';

/**
 * Reads the body as JSON whatever its Content-Type says, as Fenix did (facts 1.2); bodies of GET and DELETE are not read.
 */
export function readBody(maxBytes: number): RequestHandler {
  const parseJson = express.json({ type: () => true, limit: maxBytes, strict: false });
  return function readJsonBody(request, response, next) {
    request.headers['content-type'] = 'application/json';
    if (request.method === 'PUT' || request.method === 'POST') parseJson(request, response, next);
    else next();
  };
}
