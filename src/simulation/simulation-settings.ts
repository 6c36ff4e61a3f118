import type { WorkflowSettings } from '../domain/settings.ts';
import type { CommandLimits } from '../engine/run-command.ts';

/** The options of a simulated server, where nothing else is said. */
export const simulationSettings: WorkflowSettings = {
  replySeconds: {
    MAINTENANCE: 40,
    SCALE_IN: 400,
    PREPARE_MAINTENANCE: 40,
    PLANNED_MAINTENANCE: 40,
    MAINTENANCE_COMPLETE: 400,
  },
  sends: 3,
  unsubscribedProjects: 'fail',
  parallelMoves: 4,
  totalMoves: 1_000,
  plannedMoveSeconds: 60,
  plannedHostSeconds: 600,
  maxDeferSeconds: 1_800,
  missingConstraints: 'careful',
  planDrift: 'replan',
  moveAttempts: 3,
  liveMigrationSeconds: 600,
  hostMaintenanceSeconds: 0,
};

export const simulationLimits: CommandLimits = {
  moveSeconds: 240,
  liveMigrationSeconds: 600,
  ownActionSeconds: 240,
  cloudPatienceSeconds: 300,
  callSeconds: 30,
};
