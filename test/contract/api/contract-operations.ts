/** The operations of the contract with example values in their paths, for tests that hold for every one of them. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Handlers } from '../../../src/http/handler.ts';

interface Documented {
  readonly operationId: keyof Handlers;
  readonly security?: readonly unknown[];
  readonly requestBody?: { readonly $ref: string };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface Reference {
  readonly $ref?: string;
}

interface Parameter {
  readonly name: string;
  readonly example: string;
}

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, Documented>> & { readonly parameters?: readonly Reference[] }>
  >;
  readonly components: {
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly requestBodies: Readonly<Record<string, { readonly required?: boolean }>>;
    readonly responses: Readonly<Record<string, unknown>>;
    readonly schemas: Readonly<Record<string, unknown>>;
  };
}

export const contract = parse(
  readFileSync(new URL('../../../openapi/fenix.yaml', import.meta.url), 'utf8'),
) as Document;

export type Method = 'get' | 'post' | 'put' | 'delete';

export interface ContractOperation {
  readonly id: keyof Handlers;
  readonly method: Method;
  /** The path with an example for each parameter. */
  readonly path: string;
  /** The path with an impossible id for each parameter; undefined where it has none. */
  readonly impossiblePath: string | undefined;
  /** It needs no token. */
  readonly open: boolean;
  /** Does it read a body, and does it need one? */
  readonly body: 'none' | 'optional' | 'required';
  readonly statuses: readonly number[];
}

export const operations: readonly ContractOperation[] = Object.entries(contract.paths).flatMap(
  ([template, item]) =>
    (['get', 'post', 'put', 'delete'] as const).flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const body =
        operation.requestBody && contract.components.requestBodies[last(operation.requestBody.$ref)];
      return [
        {
          id: operation.operationId,
          method,
          path: template.replaceAll(/\{(\w+)\}/g, (_, name: string) => exampleOf(name)),
          impossiblePath: template.includes('{') ? template.replaceAll(/\{\w+\}/g, 'not~an~id') : undefined,
          open: operation.security?.length === 0,
          body: body === undefined ? 'none' : body.required === true ? 'required' : 'optional',
          statuses: Object.keys(operation.responses).map(Number),
        } as const,
      ];
    }),
);

function exampleOf(name: string): string {
  const parameter = Object.values(contract.components.parameters).find((known) => known.name === name);
  if (parameter === undefined) throw new Error(`the contract has no parameter ${name}`);
  return parameter.example;
}

function last(reference: string): string {
  return reference.split('/').at(-1) ?? '';
}
