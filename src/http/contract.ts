/** The contract as the server knows it at run time: read and checked once, at the start. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Handlers, OperationId } from './handler.ts';

/** Where the contract is, from the sources as from dist. */
export const contractPath = findContract();

function findContract(): string {
  const fromHere = import.meta.url.includes('/dist/')
    ? '../../../openapi/fenix.yaml'
    : '../../openapi/fenix.yaml';
  return fileURLToPath(new URL(fromHere, import.meta.url));
}

export interface Operation {
  readonly id: OperationId;
  /** As Express writes it: `/v1/maintenance/:session_id`. */
  readonly route: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Anybody may call it, without a token. */
  readonly open: boolean;
}

/** The part of an OpenAPI document that is read here. */
interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Partial<Record<Operation['method'], { operationId?: string; security?: readonly unknown[] }>>
    >
  >;
}

export interface Contract {
  readonly document: Document;
  readonly operations: readonly Operation[];
}

const methods = ['get', 'post', 'put', 'delete'] as const;

/** @throws Error when the file cannot be read, or names an operation that has no handler. */
export async function readContract(handlers: Handlers): Promise<Contract> {
  const document = parse(await readFile(contractPath, 'utf8')) as Document;
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const { operationId, security } = operation;
      if (operationId === undefined || !(operationId in handlers)) {
        throw new Error(
          `${contractPath}: ${method} ${path} has no handler (operationId ${operationId ?? 'missing'})`,
        );
      }
      return [{ id: operationId as OperationId, route: toRoute(path), method, open: security?.length === 0 }];
    }),
  );
  const missing = Object.keys(handlers).filter((id) => !operations.some((operation) => operation.id === id));
  if (missing.length > 0) throw new Error(`${contractPath} has no operation for ${missing.join(', ')}`);
  return { document, operations };
}

function toRoute(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Tells which operation a path and a method mean. */
export class OperationTable {
  readonly #paths: readonly { pattern: RegExp; fixed: number; operations: readonly Operation[] }[];

  constructor(operations: readonly Operation[]) {
    const routes = [...new Set(operations.map(({ route }) => route))];
    this.#paths = routes
      .map((route) => ({
        pattern: new RegExp(`^${route.replaceAll(/:\w+/g, '([^/]+)')}$`),
        fixed: route.split('/').filter((part) => !part.startsWith(':')).length,
        operations: operations.filter((operation) => operation.route === route),
      }))
      // `/v1/maintenance/{session_id}/detail` comes before `/v1/maintenance/{session_id}/{project_id}`.
      .sort((a, b) => b.fixed - a.fixed);
  }

  /** The operations of a path, by method; undefined where the contract has no such path. */
  find(path: string): readonly Operation[] | undefined {
    return this.#paths.find(({ pattern }) => pattern.test(path))?.operations;
  }
}
