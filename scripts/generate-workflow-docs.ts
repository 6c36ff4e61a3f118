/**
 * Prints docs/workflow.md from the table of the workflow, so that the picture cannot differ from what is done.
 * `--check` fails when the file is out of date.
 */
import { defaultWorkflow } from '../src/domain/default-workflow.ts';
import { vnfWorkflow } from '../src/domain/vnf-workflow.ts';
import type { StateRules, Workflow } from '../src/domain/workflow.ts';
import { writeOrCheck } from './write-or-check.ts';

const statesOf = (workflow: Workflow) => Object.entries<StateRules>(workflow);

/** The states of `vnf` that are one visit, and when it is shown in which (src/domain/phase.ts). */
const phases = [
  ['PREPARE_MAINTENANCE', 'no host is maintained yet'],
  ['PLANNED_MAINTENANCE', 'an answer is awaited'],
  ['START_MAINTENANCE', 'none is'],
] as const;
const isPhase = (state: string) => phases.some(([name]) => name === state);

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

/** The states that are one visit are drawn in one box, and the switches between them dashed. */
const vnfDiagram = [
  '```mermaid',
  'flowchart TD',
  '  subgraph work [hosts are worked on side by side]',
  ...phases.map(([state, when]) => `    ${state}["${state}<br>${when}"]`),
  '    PREPARE_MAINTENANCE -. a host is maintained .-> PLANNED_MAINTENANCE',
  '    PLANNED_MAINTENANCE -. all have answered .-> START_MAINTENANCE',
  '    START_MAINTENANCE -. more are asked .-> PLANNED_MAINTENANCE',
  '  end',
  ...[
    ...new Set(
      statesOf(vnfWorkflow).flatMap(([state, { next }]) =>
        next.map(({ to, label }) => {
          const target = isPhase(to) ? 'work' : to;
          return `  ${isPhase(state) ? 'work' : state} -->|${label}| ${target}`;
        }),
      ),
    ),
  ],
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
  'All hosts are worked on side by side, within the limits that the applications registered ([planning.md](planning.md)). Every',
  'instance is asked about by itself. A host is admitted when all its instances have agreed and there is room for all of them;',
  'an instance is moved when its group has a free slot, and holds the slot until it has recovered. PREPARE, PLANNED and',
  'START_MAINTENANCE have the same steps: the session is shown in the one that fits, and switches between them (dashed) decide',
  'nothing. As in `default` a failure ends the session in `MAINTENANCE_FAILED` from any state, where its policy is `fail`; with `skip`',
  'and `force` the host is left aside and the rest goes on.',
  '',
  ...vnfDiagram,
  '',
  ...table(vnfWorkflow),
  '',
];

writeOrCheck('docs/workflow.md', page.join('\n'));
