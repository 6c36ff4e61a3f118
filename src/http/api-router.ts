/** One contract as a router: requests are checked against it, and brought to the handlers of its operations. */
import express, { type Express, type RequestHandler, type Router } from 'express';
import { middleware as openApiValidator } from 'express-openapi-validator';
import type { Logger } from 'pino';
import { ApiError } from './api-error.ts';
import { readContract, type ContractName, type Operation } from './contract.ts';
import type { DoctorHandlers } from './doctor/handlers.ts';
import type { Handlers } from './handler.ts';

/** A contract with a handler for each of its operations. */
export type Api =
  | { readonly contract: 'fenix'; readonly handlers: Handlers }
  | { readonly contract: 'doctor-g0'; readonly handlers: DoctorHandlers };

export interface ApiRouter {
  readonly contract: ContractName;
  readonly operations: readonly Operation[];
  readonly router: Router;
}

/**
 * The router reads what the middlewares before it have left in `response.locals` (`identity`, `rights`, `logger`), and
 * wants the body read.
 * @throws Error when the contract is invalid or does not fit the handlers.
 */
export async function createApiRouter(
  app: Express,
  { contract, handlers }: Api,
  validateResponses: boolean,
): Promise<ApiRouter> {
  const { document, operations } = await readContract(contract, handlers);
  const validators = openApiValidator({
    // The document as it was read above: it is checked once, and never fetched again.
    apiSpec: document as never,
    validateRequests: { allowUnknownQueryParameters: true },
    validateResponses,
    validateSecurity: false,
    // Formats are checked where they are parsed, with messages of our own.
    validateFormats: false,
    useRequestUrl: true,
    // Nothing comes here that is in no contract: `findOperation` has refused it.
    ignoreUndocumented: true,
  });
  await settled(app, validators);
  const router = express.Router();
  router.use(...validators);
  for (const { id, method, route } of operations) {
    // The one cast between the types of the contract and Express's: the validator has checked what they say.
    router[method](route, respondWith((handlers as Record<string, unknown>)[id] as AnyHandler));
  }
  return { contract, operations, router };
}

type AnyHandler = (call: Readonly<Record<string, unknown>>) => AnyAnswer | Promise<AnyAnswer>;

interface AnyAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

function respondWith(handler: AnyHandler): RequestHandler {
  return async function respond(request, response) {
    const { identity, rights, logger } = response.locals as {
      identity: unknown;
      rights: unknown;
      logger: Logger;
    };
    const { params, query, body } = request as { params: unknown; query: object; body: unknown };
    refuseInfinity(query);
    const answer = await handler({ params, query, body, identity, rights, logger });
    response.status(answer.status).set(answer.headers ?? {});
    if (answer.body === undefined) response.end();
    else if (response.get('Content-Type') === undefined) response.json(answer.body);
    else response.send(answer.body);
  };
}

/** The validator reads `limit=1e400` as infinity, which no limit of the contract holds back. */
function refuseInfinity(query: object): void {
  const name = Object.entries(query).find(([, value]) => value === Infinity || value === -Infinity)?.[0];
  if (name !== undefined) throw new ApiError('invalid_query', `${name} is not a number that can be used.`);
}

/**
 * The validator reads the contract in the background and gives an error in it to every request. One request that it
 * passes on tells beforehand.
 */
async function settled(app: Express, [first]: readonly RequestHandler[]): Promise<void> {
  if (first === undefined) return;
  const request = { app, method: 'GET', url: '/', originalUrl: '/', baseUrl: '', path: '/', headers: {} };
  await new Promise<void>((resolve, reject) => {
    void first(request as never, {} as never, (error?: unknown) =>
      error === undefined
        ? resolve()
        : reject(error instanceof Error ? error : new Error('The contract is invalid', { cause: error })),
    );
  });
}
