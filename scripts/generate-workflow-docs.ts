/**
 * Prints docs/workflow.md from the table of the workflow, so that the picture cannot differ from what is done.
 * `--check` fails when the file is out of date.
 */
import { defaultWorkflow } from '../src/domain/default-workflow.ts';
import { vnfWorkflow } from '../src/domain/vnf-workflow.ts';
import type { StateRules, Workflow } from '../src/domain/workflow.ts';
import { writeOrCheck } from './write-or-check.ts';

const statesOf = (workflow: Workflow) => Object.entries<StateRules>(workflow);

const diagram = [
  '```mermaid',
  'stateDiagram-v2',
  '  [*] --> MAINTENANCE',
  ...statesOf(defaultWorkflow).flatMap(([state, { next }]) =>
    next.map(({ to, label }) => `  ${state} --> ${to}: ${label}`),
  ),
  '  MAINTENANCE_DONE --> [*]',
  '  MAINTENANCE_FAILED --> [*]',
  '```',
];

const table = (workflow: Workflow) => [
  '| state | what happens | then, the first that applies |',
  '| --- | --- | --- |',
  ...statesOf(workflow).map(
    ([state, { about, next }]) =>
      `| \`${state}\` | ${about} | ${next.map(({ to, label }) => `${label} → \`${to}\``).join('<br>')} |`,
  ),
];

const page = [
  '# The workflows',
  '',
  '<!-- Printed by `npm run generate:docs` from src/domain/default-workflow.ts and vnf-workflow.ts; do not edit. -->',
  '',
  '## `default`',
  '',
  'One host is emptied at a time; its instances are moved side by side. A project that refuses or stays silent beyond',
  'its reply window, a move that fails for good, or a cloud that stays away ends the session in `MAINTENANCE_FAILED`',
  'from any state; every host that the session closed is opened again.',
  '',
  ...diagram,
  '',
  ...table(defaultWorkflow),
  '',
  '## `vnf`',
  '',
  'The same states, and the same ways between them. Every instance is asked about by itself, with the time that its',
  'application says it needs; it is moved once its own reply has come and its group has a free slot, and holds the slot',
  'until it has recovered.',
  '',
  ...table(vnfWorkflow),
  '',
];

writeOrCheck('docs/workflow.md', page.join('\n'));
