/**
 * Prints docs/workflow.md from the table of the workflow, so that the picture cannot differ from what is done.
 * `--check` fails when the file is out of date.
 */
import { defaultWorkflow } from '../src/domain/default-workflow.ts';
import type { StateRules } from '../src/domain/workflow.ts';
import { writeOrCheck } from './write-or-check.ts';

const states = Object.entries<StateRules>(defaultWorkflow);

const diagram = [
  '```mermaid',
  'stateDiagram-v2',
  '  [*] --> MAINTENANCE',
  ...states.flatMap(([state, { next }]) => next.map(({ to, label }) => `  ${state} --> ${to}: ${label}`)),
  '  MAINTENANCE_DONE --> [*]',
  '  MAINTENANCE_FAILED --> [*]',
  '```',
];

const table = [
  '| state | what happens | then, the first that applies |',
  '| --- | --- | --- |',
  ...states.map(
    ([state, { about, next }]) =>
      `| \`${state}\` | ${about} | ${next.map(({ to, label }) => `${label} → \`${to}\``).join('<br>')} |`,
  ),
];

const page = [
  '# The `default` workflow',
  '',
  '<!-- Printed by `npm run generate:docs` from src/domain/default-workflow.ts; do not edit. -->',
  '',
  'One host is emptied at a time; its instances are moved side by side. A project that refuses or stays silent beyond',
  'its reply window, a move that fails for good, or a cloud that stays away ends the session in `MAINTENANCE_FAILED`',
  'from any state; every host that the session closed is opened again.',
  '',
  ...diagram,
  '',
  ...table,
  '',
];

writeOrCheck('docs/workflow.md', page.join('\n'));
