/** Says whether an answer, as it went over the wire, is one that the contract has for its operation. */
import { ResponseValidator } from 'express-openapi-validator/dist/middlewares/openapi.response.validator.js';
import { OperationTable, type ContractName } from '../../../src/http/contract.ts';
import { aliases, contracts, operations, type ContractOperation } from './contract-operations.ts';

export interface SentAnswer {
  /** As the client sent it: `HEAD` too. */
  readonly method: string;
  /** As the client sent it, with its query. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** The name of an operation and a status of it, as the counting has them: `fenix listSessions 200`. */
export type Pair = string;

/** The pairs of all contracts. */
export const documentedPairs: readonly Pair[] = [...operations, ...aliases].flatMap((operation) =>
  operation.statuses.map((status) => pairOf(operation, status)),
);

/** An answer that its contract does not have. */
export class UndocumentedAnswer extends Error {
  override readonly name = 'UndocumentedAnswer';
}

export class AnswerChecker {
  readonly #operations: readonly ContractOperation[];
  readonly #table: OperationTable;
  readonly #validators: ReadonlyMap<ContractName, ResponseValidator>;

  constructor(served: readonly ContractName[]) {
    this.#operations = [...operations, ...aliases].filter(({ contract }) => served.includes(contract));
    this.#table = new OperationTable(
      this.#operations.map(({ contract, id, method, template, open }) => {
        return { contract, id, method, open, route: template.replaceAll(/\{(\w+)\}/g, ':$1') };
      }),
    );
    this.#validators = new Map(
      served.map((name) => [
        name,
        new ResponseValidator(contracts[name] as never, {
          strict: false,
          validateSchema: false,
          formats: {},
        }),
      ]),
    );
  }

  /**
   * The pairs that an answer is one of; none where it is to a path that no contract has. A method that a path does not have
   * is answered for the path, and so for all of its operations.
   * @throws UndocumentedAnswer
   */
  check(answer: SentAnswer): readonly Pair[] {
    const path = answer.url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/\?.*$/s, '');
    const ofPath = this.#table.find(path.replace(/\/+$/, '') || '/') ?? [];
    const method = answer.method.toLowerCase();
    const asked = ofPath.filter((operation) => operation.method === method);
    const meant = asked.length > 0 || answer.status !== 405 ? asked : ofPath;
    return meant.map((operation) => {
      const known = this.#operations.find(
        ({ contract, id }) => contract === operation.contract && id === operation.id,
      );
      if (known === undefined) throw new Error(`no operation ${operation.id}`);
      this.#checkBody(known, answer);
      return pairOf(known, answer.status);
    });
  }

  #checkBody({ contract, id, method, template }: ContractOperation, answer: SentAnswer): void {
    const { status, contentType, text } = answer;
    const responses = contracts[contract].paths[template]?.[method]?.responses ?? {};
    const fail = (why: string) => {
      return new UndocumentedAnswer(
        `${contract} ${id} ${status}: ${why}; the answer was ${text.slice(0, 500)}`,
      );
    };
    const types = contentTypes(contract, responses[status]);
    if (types === undefined) throw fail('the contract has no such status');
    const [type = ''] = contentType.split(';');
    if (types.length === 0 ? text !== '' : !types.includes(type)) {
      throw fail(`"${contentType}" is not ${types.join(' or ') || 'an empty body'}`);
    }
    if (type !== 'application/json') return;
    const validator = this.#validators.get(contract);
    if (validator === undefined) throw new Error(`no validator for ${contract}`);
    const request = { method, headers: {}, openapi: { expressRoute: template } };
    const validators = validator._getOrBuildValidator(request as never, responses as never);
    const body = JSON.parse(text) as object;
    try {
      validator._validate({ validators, body, statusCode: status, path: template, accepts: [type] });
    } catch (error) {
      throw fail(error instanceof Error ? error.message : String(error));
    }
  }
}

function pairOf({ contract, id }: ContractOperation, status: number): Pair {
  return `${contract} ${id} ${status}`;
}

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, unknown>>;
}

/** The media types of a documented answer, none where it has no body; undefined where there is no such answer. */
function contentTypes(contract: ContractName, response: unknown): readonly string[] | undefined {
  if (response === undefined) return undefined;
  const { $ref, content } = response as Response;
  const name = $ref?.split('/').at(-1);
  const shown =
    name === undefined ? content : (contracts[contract].components.responses[name] as Response).content;
  return Object.keys(shown ?? {});
}
