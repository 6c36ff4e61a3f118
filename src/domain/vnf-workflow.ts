/**
 * The workflow `vnf` (facts 3.5) as a table: that of `default`, but that every instance is asked about by itself and moved
 * within the limits that its application registered. One host is emptied at a time.
 */
import { defaultWorkflow } from './default-workflow.ts';
import { checkSubscriptions } from './steps/ask.ts';
import { emptyHost } from './steps/ask-instances.ts';
import { readConstraints, refuseImpossibleLimits } from './steps/constraints.ts';
import { chooseHost, closeChosenHost } from './steps/hosts.ts';
import { look, lookOnEntry } from './steps/look.ts';
import type { Step, Workflow } from './workflow.ts';

const limits: readonly Step[] = [readConstraints, refuseImpossibleLimits];

const { MAINTENANCE, SCALE_IN, PREPARE_MAINTENANCE, PLANNED_MAINTENANCE } = defaultWorkflow;

export const vnfWorkflow: Workflow = {
  ...defaultWorkflow,
  MAINTENANCE: {
    ...MAINTENANCE,
    about:
      'read the constraints, tell every project, wait for its reply and for maintenance_at; run the pre plug-ins',
    // As soon as it is known which projects there are: before any of them is told.
    steps: MAINTENANCE.steps.flatMap((step) => (step === checkSubscriptions ? [step, ...limits] : [step])),
  },
  SCALE_IN: { ...SCALE_IN, steps: [readConstraints, ...SCALE_IN.steps] },
  PREPARE_MAINTENANCE: {
    ...PREPARE_MAINTENANCE,
    about:
      'empty the first host: tell the project of each instance, move it when it agreed and its group has a slot',
    steps: [
      lookOnEntry,
      ...limits,
      chooseHost,
      closeChosenHost,
      checkSubscriptions,
      emptyHost('PREPARE_MAINTENANCE'),
      look,
    ],
  },
  PLANNED_MAINTENANCE: {
    ...PLANNED_MAINTENANCE,
    about:
      'empty the next host: tell the project of each instance, move it when it agreed and its group has a slot',
    steps: [lookOnEntry, ...limits, chooseHost, checkSubscriptions, emptyHost('PLANNED_MAINTENANCE'), look],
  },
};
