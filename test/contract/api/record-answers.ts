/** Notes which operation and status every answer is, for the count at the end of the run (test/contract/global-setup.ts). */
import { appendFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { inject } from 'vitest';
import type { ContractName } from '../../../src/http/contract.ts';
import { AnswerChecker, UndocumentedAnswer, type Pair } from './answer-checker.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the answers of this run are noted, a line for each pair. */
    answersFile: string | undefined;
  }
}

/** Before the pair of an answer that the contract does not have, and why. */
export const undocumentedMark = 'undocumented: ';

/** What a client gets instead of an answer that the contract does not have: no test takes it for the right one. */
const undocumentedStatus = 599;

/** The app with all that it sends checked and noted. */
export function recordAnswers(app: RequestListener, served: readonly ContractName[]): RequestListener {
  const checker = new AnswerChecker(served);
  const noted = new Set<Pair>();
  const note = (line: string) => {
    if (noted.has(line)) return;
    noted.add(line);
    const file = inject('answersFile');
    if (file !== undefined) appendFileSync(file, `${line}\n`);
  };
  return function answerAndRecord(request, response) {
    const { method = '', url = '' } = request;
    // A HEAD has the answer of a GET without its body: nothing to check.
    if (method !== 'HEAD') {
      onEnd(response, (text) => {
        const contentType = String(response.getHeader('Content-Type') ?? '');
        const answer = { method, url, status: response.statusCode, contentType, text };
        try {
          checker.check(answer).forEach(note);
          return undefined;
        } catch (error) {
          if (!(error instanceof UndocumentedAnswer)) throw error;
          note(`${undocumentedMark}${error.message.replaceAll('\n', ' ')}`);
          return error.message;
        }
      });
    }
    app(request, response);
  };
}

/** Calls back with the body when all of it is there, before it is sent; what comes back is sent instead. */
function onEnd(response: ServerResponse, check: (text: string) => string | undefined): void {
  const end = response.end.bind(response) as (body?: unknown) => ServerResponse;
  response.end = (body?: unknown): ServerResponse => {
    const text = typeof body === 'string' ? body : Buffer.isBuffer(body) ? body.toString('utf8') : '';
    const problem = check(text);
    if (problem === undefined) return end(body);
    response.statusCode = undocumentedStatus;
    response.removeHeader('Content-Length');
    return end(problem);
  };
}
