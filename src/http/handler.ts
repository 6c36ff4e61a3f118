/** The types of handlers, one for each `operationId` of a contract; all of them are made from the generated types. */
import type { Logger } from 'pino';
import type { Identity } from '../engine/ports.ts';
import type { operations } from '../sdk/openapi.ts';
import type { Rights } from './policy.ts';

export type OperationId = keyof operations;

type Content<T> = T extends { content: { 'application/json': infer Body } }
  ? Body
  : T extends { content: { 'text/html': infer Text } }
    ? Text
    : undefined;

type SuccessStatus = 200 | 201 | 202 | 204 | 300;

/**
 * The answers that the contract allows an operation when all went well. A body is sent as JSON, and as it is where
 * `headers` give it a Content-Type.
 */
type AnswerOf<Operation extends { responses: unknown }> = {
  [Status in keyof Operation['responses'] & SuccessStatus]: {
    readonly status: Status;
    readonly body: Content<Operation['responses'][Status]>;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[keyof Operation['responses'] & SuccessStatus];

interface CallOf<Operation extends { parameters: unknown }> {
  readonly params: Operation['parameters'] extends { path: infer Path }
    ? Path
    : Readonly<Record<string, never>>;
  readonly query: Operation['parameters'] extends { query?: infer Query }
    ? NonNullable<Query>
    : Readonly<Record<string, never>>;
  readonly body: Operation extends { requestBody: infer Body }
    ? Content<Body>
    : Operation extends { requestBody?: infer Body }
      ? Content<NonNullable<Body>> | undefined
      : undefined;
  /** Who calls. */
  readonly identity: Identity;
  /** What they may do; undefined for operations that are open to all. */
  readonly rights: Rights;
  readonly logger: Logger;
}

export type HandlerOf<Operation extends { parameters: unknown; responses: unknown }> = (
  call: CallOf<Operation>,
) => AnswerOf<Operation> | Promise<AnswerOf<Operation>>;

/** A request that has passed the contract, the token and the rights of its operation. */
export type Call<K extends OperationId> = CallOf<operations[K]>;

/** A handler for every operation: one that is missing does not compile. */
export type Handlers = { readonly [K in OperationId]: HandlerOf<operations[K]> };
