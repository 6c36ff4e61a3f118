/**
 * The `default` workflow (facts 3.3) as a table: what happens in each state, and where it goes from there. One host is
 * emptied at a time; its instances are moved side by side. docs/workflow.md prints the diagram from it.
 */
import { canEmptyEveryHost, chooseDrain } from './drain-order.ts';
import {
  announceSession,
  ask,
  askToScaleIn,
  checkSubscriptions,
  refusePastStart,
  waitForStart,
} from './steps/ask.ts';
import {
  chooseHost,
  closeChosenHost,
  closeWaitingHosts,
  maintainEmptyHosts,
  openAllHosts,
  openMaintainedHosts,
  refuseUnfinishedHosts,
} from './steps/hosts.ts';
import {
  look,
  lookAtStart,
  lookOnEntry,
  refuseTakenHosts,
  refuseUnknownHosts,
  waitForTidyUp,
} from './steps/look.ts';
import { moveInstances } from './steps/move.ts';
import { leaveAside } from './steps/leave-aside.ts';
import { settleMoves } from './steps/move-endings.ts';
import { fetchDownloads, runPlugins } from './steps/plugins.ts';
import {
  allMaintained,
  always,
  cameInVain,
  canPrepare,
  canStart,
  chosenHostIsEmpty,
  hasEmptyHost,
  hostNotEmpty,
  noRoom,
  scaledIn,
  someMaintained,
} from './workflow-conditions.ts';
import type { Transition, Workflow } from './workflow.ts';

/** With an empty host the maintenance can start; with room for one host's instances that host is emptied first. */
const byRoom: readonly Transition[] = [
  { to: 'START_MAINTENANCE', label: 'a host is empty', when: canStart },
  { to: 'PREPARE_MAINTENANCE', label: 'one can be emptied', when: canPrepare },
];

export const defaultWorkflow: Workflow = {
  MAINTENANCE: {
    about: 'tell every project, wait for its reply and for maintenance_at; run the pre plug-ins',
    steps: [
      announceSession,
      refusePastStart,
      fetchDownloads,
      waitForTidyUp,
      lookOnEntry,
      refuseUnknownHosts,
      refuseTakenHosts,
      leaveAside,
      checkSubscriptions,
      ask('MAINTENANCE'),
      waitForStart,
      runPlugins('pre'),
      lookAtStart,
    ],
    next: [...byRoom, { to: 'SCALE_IN', label: 'no room', when: always }],
  },
  SCALE_IN: {
    about: 'ask every project to scale in',
    steps: [leaveAside, checkSubscriptions, askToScaleIn, look],
    next: [
      { to: 'MAINTENANCE_FAILED', label: 'nothing was freed', when: cameInVain, reason: noRoom },
      ...byRoom,
      { to: 'SCALE_IN', label: 'still no room', when: scaledIn },
      // Nobody gives up more: do what can be done, as Fenix does, and see whether the cloud finds room after all.
      { to: 'START_MAINTENANCE', label: 'a host is empty', when: hasEmptyHost },
      {
        to: 'PREPARE_MAINTENANCE',
        label: 'one can be emptied',
        when: (session) => chooseDrain(session) !== undefined,
      },
      { to: 'MAINTENANCE_FAILED', label: 'nothing was freed', when: always, reason: noRoom },
    ],
  },
  PREPARE_MAINTENANCE: {
    about: 'empty the first host: tell its projects, move its instances',
    steps: [
      lookOnEntry,
      leaveAside,
      chooseHost,
      closeChosenHost,
      checkSubscriptions,
      ask('PREPARE_MAINTENANCE'),
      moveInstances,
      look,
    ],
    next: [
      { to: 'START_MAINTENANCE', label: 'it is empty', when: chosenHostIsEmpty },
      { to: 'SCALE_IN', label: 'no room for all', when: always },
    ],
  },
  START_MAINTENANCE: {
    about: 'close all hosts to be done, maintain the empty ones with their plug-ins, open them',
    steps: [leaveAside, closeWaitingHosts, openMaintainedHosts, look, settleMoves, maintainEmptyHosts],
    next: [
      { to: 'MAINTENANCE_COMPLETE', label: 'all done', when: allMaintained },
      { to: 'PLANNED_MAINTENANCE', label: 'more to do', when: someMaintained },
      // The host that was empty is not any more, and none is finished yet.
      { to: 'PREPARE_MAINTENANCE', label: 'none is empty', when: canEmptyEveryHost },
      { to: 'SCALE_IN', label: 'none is empty, no room', when: always },
    ],
  },
  PLANNED_MAINTENANCE: {
    about: 'empty the next host: tell its projects, move its instances',
    steps: [
      lookOnEntry,
      leaveAside,
      chooseHost,
      checkSubscriptions,
      ask('PLANNED_MAINTENANCE'),
      moveInstances,
      look,
    ],
    next: [
      { to: 'START_MAINTENANCE', label: 'it is empty', when: chosenHostIsEmpty },
      { to: 'MAINTENANCE_FAILED', label: 'it is not', when: always, reason: hostNotEmpty },
    ],
  },
  MAINTENANCE_COMPLETE: {
    about: 'run the post plug-ins, tell every project that it may scale out again',
    steps: [
      refuseUnfinishedHosts,
      openAllHosts,
      runPlugins('post'),
      checkSubscriptions,
      ask('MAINTENANCE_COMPLETE'),
    ],
    next: [{ to: 'MAINTENANCE_DONE', label: 'all replied', when: always }],
  },
};
