/** The types of handlers, one for each `operationId` of the contract; all of them are made from the generated types. */
import type { Logger } from 'pino';
import type { Identity } from '../engine/ports.ts';
import type { operations } from '../sdk/openapi.ts';

export type OperationId = keyof operations;

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : undefined;

type SuccessStatus = 200 | 201 | 204 | 300;

/** The answers that the contract allows an operation when all went well. */
export type Answer<K extends OperationId> = {
  [Status in keyof operations[K]['responses'] & SuccessStatus]: {
    readonly status: Status;
    readonly body: Json<operations[K]['responses'][Status]>;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[keyof operations[K]['responses'] & SuccessStatus];

/** A request that has passed the contract, the token and the rights of its operation. */
export interface Call<K extends OperationId> {
  readonly params: operations[K]['parameters'] extends { path: infer Path }
    ? Path
    : Readonly<Record<string, never>>;
  readonly query: operations[K]['parameters'] extends { query?: infer Query }
    ? NonNullable<Query>
    : Readonly<Record<string, never>>;
  readonly body: operations[K] extends { requestBody: infer Body }
    ? Json<Body>
    : operations[K] extends { requestBody?: infer Body }
      ? Json<NonNullable<Body>> | undefined
      : undefined;
  /** Who calls. */
  readonly identity: Identity;
  readonly logger: Logger;
}

export type Handler<K extends OperationId> = (call: Call<K>) => Answer<K> | Promise<Answer<K>>;

/** A handler for every operation: one that is missing does not compile. */
export type Handlers = { readonly [K in OperationId]: Handler<K> };
