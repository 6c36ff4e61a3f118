/** Prints docs/errors.md from the catalogue. `--check` fails when the file is out of date. */
import { errorCatalogue } from '../src/http/error-catalogue.ts';
import { writeOrCheck } from './write-or-check.ts';

const rows = Object.entries(errorCatalogue).map(
  ([code, { status, text, remedy }]) => `| \`${code}\` | ${status} | ${text} | ${remedy} |`,
);

const page = [
  '# Errors of the API',
  '',
  '<!-- Printed by `npm run generate:docs` from src/http/error-catalogue.ts; do not edit. -->',
  '',
  'Every error has a JSON body: `error` (what was wrong), `message` (more about it, and what to do), `code`, and',
  '`pointer` (a JSON pointer) where a place in the body can be named. The header `X-Openstack-Request-Id` finds the',
  "request in the server's log.",
  '',
  'The order of the checks: token (401, 503), path and method (404, 405), rights (403), body (413, 400), form (400 in',
  'the query, 422 elsewhere), and then what the request asks for.',
  '',
  '| code | status | what was wrong | what to do |',
  '| --- | --- | --- | --- |',
  ...rows,
  '',
];

writeOrCheck('docs/errors.md', page.join('\n'));
