/**
 * The edge: an Express app made from the contract. The order of the checks is that of the middlewares below: token,
 * path and method, rights, body, form.
 */
import express, { type Express, type RequestHandler } from 'express';
import { middleware as openApiValidator } from 'express-openapi-validator';
import type { Logger } from 'pino';
import { toApiErrors } from './api-errors.ts';
import { readBody } from './body.ts';
import { OperationTable, readContract, type Operation } from './contract.ts';
import type { Call, Handler, Handlers, OperationId } from './handler.ts';
import { keystoneAuth, type Authenticator } from './keystone-auth.ts';
import { findOperation } from './operation.ts';
import { checkRights } from './policy.ts';
import { logRequests } from './request-log.ts';

export interface AppOptions {
  readonly maxBodyBytes: number;
  /** Checks every answer against the contract; one that does not fit becomes a 500. */
  readonly validateResponses: boolean;
}

/**
 * @throws Error when the contract is invalid or does not fit the handlers: the start fails, not the first request.
 */
export async function createApp(
  handlers: Handlers,
  authenticator: Authenticator,
  logger: Logger,
  { maxBodyBytes, validateResponses }: AppOptions,
): Promise<Express> {
  const { document, operations } = await readContract(handlers);
  const app = express();
  app.set('etag', false);
  app.set('x-powered-by', false);
  app.use(logRequests(logger));
  app.use(findOperation(new OperationTable(operations)));
  app.use(keystoneAuth(authenticator));
  app.use(checkRights);
  app.use(readBody(maxBodyBytes));
  const validators = openApiValidator({
    // The document as it was read above: it is checked once, and never fetched again.
    apiSpec: document as never,
    validateRequests: { allowUnknownQueryParameters: true },
    validateResponses,
    validateSecurity: false,
    // Formats are checked where they are parsed, with messages of our own.
    validateFormats: false,
    useRequestUrl: true,
  });
  app.use(...validators);
  for (const operation of operations) bind(app, operation, handlers);
  app.use(toApiErrors(logger));
  await settled(app, validators);
  return app;
}

function bind(app: Express, operation: Operation, handlers: Handlers): void {
  // The one cast between the types of the contract and Express's: the validator has checked what they say.
  const handler = handlers[operation.id] as unknown as Handler<OperationId>;
  const respond: RequestHandler = async (request, response) => {
    const { identity, logger } = response.locals as { identity: unknown; logger: Logger };
    const { params, query, body } = request as { params: unknown; query: unknown; body: unknown };
    const answer = (await handler({ params, query, body, identity, logger } as Call<OperationId>)) as {
      status: number;
      body: unknown;
      headers?: Record<string, string>;
    };
    response.status(answer.status).set(answer.headers ?? {});
    if (answer.body === undefined) response.end();
    else response.json(answer.body);
  };
  app[operation.method](operation.route, respond);
}

/**
 * The validator reads the contract in the background and gives an error in it to every request. One request that it
 * passes on tells beforehand.
 */
async function settled(app: Express, validators: readonly RequestHandler[]): Promise<void> {
  const [first] = validators;
  if (first === undefined) return;
  const request = {
    app,
    method: 'GET',
    url: '/healthcheck',
    originalUrl: '/healthcheck',
    path: '/healthcheck',
    headers: {},
  };
  await new Promise<void>((resolve, reject) => {
    void first(request as never, {} as never, (error?: unknown) =>
      error === undefined
        ? resolve()
        : reject(error instanceof Error ? error : new Error('The contract is invalid', { cause: error })),
    );
  });
}
