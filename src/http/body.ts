import express, { type RequestHandler } from 'express';
import { ApiError } from './api-error.ts';

/**
 * No client nests deeper than 5. What is nested as deep as a megabyte allows overflows the stack of whatever walks it
 * afterwards (`JSON.stringify` of an echoed reply, the Python repr of metadata).
 */
const deepestNesting = 100;

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
      if (error === undefined && isNestedDeeper(request.body, deepestNesting)) {
        next(new ApiError('invalid_request', `It is nested deeper than ${deepestNesting} levels.`));
      } else next(error);
    });
  };
}

/** Level by level, since a walk that calls itself would overflow the stack too. */
function isNestedDeeper(value: unknown, levels: number): boolean {
  let level: readonly object[] = [value].filter(isObject);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= levels) return true;
    level = level.flatMap((parent) => Object.values(parent).filter(isObject));
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
