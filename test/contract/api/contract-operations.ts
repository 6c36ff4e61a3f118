/** The operations of the contracts with example values in their paths, for tests that hold for every one of them. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { contractPath, type ContractName } from '../../../src/http/contract.ts';
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

export interface ContractDocument {
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

export const contracts: Readonly<Record<ContractName, ContractDocument>> = {
  fenix: read('fenix'),
  'doctor-g0': read('doctor-g0'),
};

export type Method = 'get' | 'post' | 'put' | 'delete';

export interface ContractOperation {
  readonly contract: ContractName;
  readonly id: keyof Handlers;
  readonly method: Method;
  /** The path as the contract writes it. */
  readonly template: string;
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

/** The operations of Fenix's API. */
export const operations = operationsOf('fenix');

/** Those of the aliases of Doctor's sample admin tool. */
export const aliases = operationsOf('doctor-g0');

function read(name: ContractName): ContractDocument {
  return parse(readFileSync(contractPath(name), 'utf8')) as ContractDocument;
}

function operationsOf(contract: ContractName): readonly ContractOperation[] {
  const document = contracts[contract];
  return Object.entries(document.paths).flatMap(([template, item]) =>
    (['get', 'post', 'put', 'delete'] as const).flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const body =
        operation.requestBody && document.components.requestBodies[last(operation.requestBody.$ref)];
      return [
        {
          contract,
          id: operation.operationId,
          method,
          template,
          path: template.replaceAll(/\{(\w+)\}/g, (_, name: string) => exampleOf(document, name)),
          impossiblePath: template.includes('{') ? template.replaceAll(/\{\w+\}/g, 'not~an~id') : undefined,
          open: operation.security?.length === 0,
          body: body === undefined ? 'none' : body.required === true ? 'required' : 'optional',
          statuses: Object.keys(operation.responses).map(Number),
        } as const,
      ];
    }),
  );
}

function exampleOf(document: ContractDocument, name: string): string {
  const parameter = Object.values(document.components.parameters).find((known) => known.name === name);
  if (parameter === undefined) throw new Error(`the contract has no parameter ${name}`);
  return parameter.example;
}

function last(reference: string): string {
  return reference.split('/').at(-1) ?? '';
}
