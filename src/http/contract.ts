/** The contracts as the server knows them at run time: read and checked once, at the start. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { OperationId } from './handler.ts';

/** A file of `openapi/`: Fenix's API, or the aliases of Doctor's sample admin tool. */
export type ContractName = 'fenix' | 'doctor-g0';

/** Where a contract is, from the sources as from dist. */
export function contractPath(name: ContractName): string {
  const root = import.meta.url.includes('/dist/') ? '../../..' : '../..';
  return fileURLToPath(new URL(`${root}/openapi/${name}.yaml`, import.meta.url));
}

export interface Operation {
  readonly contract: ContractName;
  /** The same in all contracts for what is the same operation, with the same rule. */
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

/**
 * @param handlers by operationId
 * @throws Error when the file cannot be read, or operations and handlers do not match.
 */
export async function readContract(name: ContractName, handlers: object): Promise<Contract> {
  const file = contractPath(name);
  const document = parse(await readFile(file, 'utf8')) as Document;
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const { operationId, security } = operation;
      if (operationId === undefined || !(operationId in handlers)) {
        throw new Error(
          `${file}: ${method} ${path} has no handler (operationId ${operationId ?? 'missing'})`,
        );
      }
      const id = operationId as OperationId;
      return [{ contract: name, id, route: toRoute(path), method, open: security?.length === 0 }];
    }),
  );
  const missing = Object.keys(handlers).filter((id) => !operations.some((operation) => operation.id === id));
  if (missing.length > 0) throw new Error(`${file} has no operation for ${missing.join(', ')}`);
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

  /** The operations of a path, by method; undefined where no contract has such a path. */
  find(path: string): readonly Operation[] | undefined {
    return this.#paths.find(({ pattern }) => pattern.test(path))?.operations;
  }
}
