/**
 * The edge: an Express app made from the contracts. The order of the checks is that of the middlewares below: token,
 * path and method, rights, body, form.
 */
import express, { type Express } from 'express';
import type { Logger } from 'pino';
import type { Policy } from '../policy/policy.ts';
import { createApiRouter, type Api } from './api-router.ts';
import { toApiErrors } from './api-errors.ts';
import { readBody } from './body.ts';
import { OperationTable, type Operation } from './contract.ts';
import { keystoneAuth, type Authenticator } from './keystone-auth.ts';
import { findOperation } from './operation.ts';
import { checkRights } from './policy.ts';
import { logRequests } from './request-log.ts';

export interface AppOptions {
  readonly maxBodyBytes: number;
  /** Checks every answer against its contract; one that does not fit becomes a 500. */
  readonly validateResponses: boolean;
}

/**
 * @throws Error when a contract is invalid or does not fit its handlers: the start fails, not the first request.
 */
export async function createApp(
  apis: readonly Api[],
  authenticator: Authenticator,
  policy: Policy,
  logger: Logger,
  { maxBodyBytes, validateResponses }: AppOptions,
): Promise<Express> {
  const app = express();
  app.set('etag', false);
  app.set('x-powered-by', false);
  const served = await Promise.all(apis.map((api) => createApiRouter(app, api, validateResponses)));
  app.use(logRequests(logger));
  app.use(findOperation(new OperationTable(served.flatMap(({ operations }) => operations))));
  app.use(keystoneAuth(authenticator));
  app.use(checkRights(policy));
  app.use(readBody(maxBodyBytes));
  for (const { contract, router } of served) {
    app.use((request, response, next) => {
      const { operation } = response.locals as { operation: Operation };
      if (operation.contract === contract) router(request, response, next);
      else next();
    });
  }
  app.use(toApiErrors(logger));
  return app;
}
