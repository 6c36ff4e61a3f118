/** The catalogue, the contract and the documentation tell of the same errors. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ApiError } from '../../../src/http/api-error.ts';
import { errorCatalogue, type ErrorCode } from '../../../src/http/error-catalogue.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

interface ErrorResponse {
  readonly content?: {
    readonly 'application/json': { readonly example?: { code: ErrorCode; error: string } };
  };
}

const contract = parse(read('openapi/fenix.yaml')) as {
  readonly paths: Record<
    string,
    Record<string, { readonly responses?: Record<string, { readonly $ref?: string }> }>
  >;
  readonly components: {
    readonly schemas: { readonly ErrorCode: { readonly enum: readonly string[] } };
    readonly responses: Record<string, ErrorResponse>;
  };
};

const codes = Object.keys(errorCatalogue) as ErrorCode[];

describe('the catalogue of errors', () => {
  it('has the codes of the contract', () => {
    expect([...contract.components.schemas.ErrorCode.enum].sort()).toEqual([...codes].sort());
  });

  it('is documented code by code', () => {
    const rows = [...read('docs/errors.md').matchAll(/^\| `(\w+)` \| (\d+) \| (.*?) \| (.*?) \|$/gm)].map(
      ([, code, status, text, remedy]) => ({ code, status: Number(status), text, remedy }),
    );
    expect(rows).toEqual(codes.map((code) => ({ code, ...errorCatalogue[code] })));
  });

  it('has no status that the contract has no answer for', () => {
    const documented = new Set(
      Object.values(contract.paths).flatMap((item) =>
        Object.values(item).flatMap(({ responses = {} }) => Object.keys(responses).map(Number)),
      ),
    );
    for (const code of codes) expect(documented).toContain(errorCatalogue[code].status);
  });

  it('says what the examples of the contract say', () => {
    const statuses = new Map(
      Object.values(contract.paths).flatMap((item) =>
        Object.values(item).flatMap(({ responses = {} }) =>
          Object.entries(responses).flatMap(([status, { $ref }]) =>
            $ref === undefined ? [] : [[$ref.split('/').at(-1) ?? '', Number(status)] as const],
          ),
        ),
      ),
    );
    for (const [name, response] of Object.entries(contract.components.responses)) {
      const example = response.content?.['application/json'].example;
      if (example === undefined) throw new Error(`the answer ${name} has no example`);
      expect({ name, error: example.error, status: statuses.get(name) }).toEqual({
        name,
        error: errorCatalogue[example.code].text,
        status: errorCatalogue[example.code].status,
      });
    }
  });

  it.each(codes)('says in sentences what was wrong and what to do: %s', (code) => {
    const { text, remedy } = errorCatalogue[code];
    expect(text).toMatch(/^[A-Z].*[^.]$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
  });
});

describe('an error', () => {
  it('has the shape of fact 2.12, with a place where there is one', () => {
    expect(new ApiError('invalid_request', 'It must be text.', { pointer: '/state' }).toBody()).toEqual({
      error: 'The request does not fit the contract',
      message: 'It must be text.',
      code: 'invalid_request',
      pointer: '/state',
    });
    expect(new ApiError('forbidden', 'It needs the role admin.').toBody()).not.toHaveProperty('pointer');
  });
});
