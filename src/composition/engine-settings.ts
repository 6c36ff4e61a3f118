/** Joins the configuration and the settings of the engine. */
import type { Config } from '../config/schema.ts';
import type { WorkflowSettings } from '../domain/settings.ts';
import type { CommandLimits } from '../engine/run-command.ts';

export function settingsOf({ workflow }: Config): WorkflowSettings {
  return {
    replySeconds: {
      MAINTENANCE: workflow.maintenanceReplySeconds,
      SCALE_IN: workflow.scaleInReplySeconds,
      PREPARE_MAINTENANCE: workflow.prepareReplySeconds,
      PLANNED_MAINTENANCE: workflow.plannedReplySeconds,
      MAINTENANCE_COMPLETE: workflow.maintenanceCompleteReplySeconds,
    },
    sends: workflow.sends,
    unsubscribedProjects: workflow.unsubscribedProjects,
    parallelMoves: workflow.parallelMoves,
    totalMoves: workflow.totalMoves,
    plannedMoveSeconds: workflow.plannedMoveSeconds,
    plannedHostSeconds: workflow.plannedHostSeconds,
    maxDeferSeconds: workflow.maxDeferSeconds,
    missingConstraints: workflow.missingConstraints,
    planDrift: workflow.planDrift,
    moveAttempts: workflow.moveAttempts,
    liveMigrationSeconds: workflow.liveMigrationSeconds,
    hostMaintenanceSeconds: workflow.hostMaintenanceSeconds,
  };
}

export function limitsOf({ workflow, keystone }: Config): CommandLimits {
  return {
    moveSeconds: workflow.moveSeconds,
    liveMigrationSeconds: workflow.liveMigrationSeconds,
    ownActionSeconds: workflow.ownActionSeconds,
    cloudPatienceSeconds: workflow.cloudPatienceSeconds,
    callSeconds: keystone.requestTimeoutSeconds,
  };
}
