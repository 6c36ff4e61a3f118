/** The options of a deployment that the workflows heed. */
export interface WorkflowSettings {
  /** How long a project has to reply, by the state it is told of. Seconds. */
  readonly replySeconds: {
    readonly MAINTENANCE: number;
    readonly SCALE_IN: number;
    readonly PREPARE_MAINTENANCE: number;
    readonly PLANNED_MAINTENANCE: number;
    readonly MAINTENANCE_COMPLETE: number;
  };
  /**
   * How often at most MAINTENANCE, PREPARE_MAINTENANCE and PLANNED_MAINTENANCE are sent to a silent project. SCALE_IN
   * and MAINTENANCE_COMPLETE are sent once: Doctor's clients scale again on a repeat (facts 3.8).
   */
  readonly sends: number;
  /** What becomes of a project that listens to no alarm: the session fails, or its instances are moved like this. */
  readonly unsubscribedProjects: 'fail' | 'MIGRATE' | 'LIVE_MIGRATE';
  /** How many instances of a host are moved at once. */
  readonly parallelMoves: number;
  /** How many instances are moved at once in all. */
  readonly totalMoves: number;
  /** How long a move is taken to last while none of the session has ended. Seconds. */
  readonly plannedMoveSeconds: number;
  /** How long the maintenance of a host is taken to last while none is known. Seconds. */
  readonly plannedHostSeconds: number;
  /** How long an application may put off its answer in all. Seconds. */
  readonly maxDeferSeconds: number;
  /** What becomes of instances in a `vnf` session about which nothing was registered: careful limits, or a refusal that names them. */
  readonly missingConstraints: 'careful' | 'refuse';
  /** What becomes of a session whose plan the cloud has drifted from: another plan, or it fails. */
  readonly planDrift: 'replan' | 'fail';
  /** How often a move of one instance is tried; from the second time on the cloud chooses the target. */
  readonly moveAttempts: number;
  /** How long a live migration may take before it is broken off; then the project's fallback is tried. */
  readonly liveMigrationSeconds: number;
  /** How long a host is held in maintenance for work that is not done by an action plug-in. Seconds. */
  readonly hostMaintenanceSeconds: number;
}
