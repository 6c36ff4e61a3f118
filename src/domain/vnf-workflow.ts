/**
 * The workflow `vnf` (facts 3.5) as a table: that of `default`, but that every instance is asked about by itself, and that all
 * hosts are worked on side by side within the limits that the applications registered. While they are, the session is shown
 * in one of three states that do the same (`phase.ts`).
 */
import { defaultWorkflow } from './default-workflow.ts';
import type { Session } from './session.ts';
import { askToScaleIn, checkSubscriptions, passesOverProjects } from './steps/ask.ts';
import { workOnHosts } from './steps/campaign.ts';
import { readConstraints, refuseImpossibleLimits, refuseMissingConstraints } from './steps/constraints.ts';
import { look, lookOnEntry } from './steps/look.ts';
import { isInfeasible, makePlan, needsScaleIn, refuseDrift } from './steps/plan.ts';
import { asksForRoom, leaveRestAside, showPhase, unlessAllFinished, whyLeft } from './steps/rest.ts';
import type { StateRules, Step, Transition, Workflow } from './workflow.ts';
import { allMaintained, always, noRoom, scaledIn } from './workflow-conditions.ts';

const limits: readonly Step[] = [readConstraints, refuseMissingConstraints];

const { MAINTENANCE, SCALE_IN } = defaultWorkflow;

/** What cannot be done at all is refused before anything is touched, unless hosts may be left aside. */
const givesUp = (session: Session) => isInfeasible(session) && !passesOverProjects(session);

const noWay: Transition = {
  to: 'MAINTENANCE_FAILED',
  label: 'no way to do it',
  when: givesUp,
  reason: whyLeft,
};

const work: StateRules = {
  about:
    'on all hosts side by side: tell the project of each instance, admit a host when all agreed and there is room, move, maintain, open',
  steps: [
    lookOnEntry,
    ...limits,
    checkSubscriptions,
    showPhase,
    workOnHosts,
    unlessAllFinished(look),
    unlessAllFinished(makePlan),
    unlessAllFinished(leaveRestAside),
  ],
  next: [
    { to: 'MAINTENANCE_COMPLETE', label: 'all done', when: allMaintained },
    {
      to: 'SCALE_IN',
      label: 'no room for the rest',
      when: asksForRoom,
    },
    { to: 'MAINTENANCE_FAILED', label: 'the rest cannot be done', when: always, reason: whyLeft },
  ],
};

export const vnfWorkflow: Workflow = {
  ...defaultWorkflow,
  MAINTENANCE: {
    about:
      'read the constraints, tell every project, wait for its reply and for maintenance_at; run the pre plug-ins; plan',
    // As soon as it is known which projects there are: before any of them is told.
    steps: [
      ...MAINTENANCE.steps.flatMap((step) =>
        step === checkSubscriptions ? [step, ...limits, refuseImpossibleLimits] : [step],
      ),
      readConstraints,
      makePlan,
      refuseDrift,
    ],
    next: [
      { to: 'SCALE_IN', label: 'no room', when: needsScaleIn },
      noWay,
      { to: 'PREPARE_MAINTENANCE', label: 'there is room', when: always },
    ],
  },
  SCALE_IN: {
    ...SCALE_IN,
    steps: [readConstraints, checkSubscriptions, askToScaleIn, look, makePlan],
    next: [
      {
        to: 'SCALE_IN',
        label: 'still no room',
        when: (session) => needsScaleIn(session) && scaledIn(session),
      },
      {
        to: 'MAINTENANCE_FAILED',
        label: 'nothing was freed',
        when: (session) => needsScaleIn(session) && !passesOverProjects(session),
        reason: (session, world) => `${noRoom(session)}; ${whyLeft(session, world)}`,
      },
      noWay,
      { to: 'PREPARE_MAINTENANCE', label: 'there is room', when: always },
    ],
  },
  PREPARE_MAINTENANCE: work,
  START_MAINTENANCE: work,
  PLANNED_MAINTENANCE: work,
};
