import type { AlarmService } from '../../engine/alarm-service.ts';
import type { MaintenanceService } from '../../engine/maintenance-service.ts';
import type { Clock, ConstraintStore } from '../../engine/ports.ts';
import type { Handlers } from '../handler.ts';
import { alarmHandlers } from './alarms.ts';
import { constraintHandlers } from './constraints.ts';
import { discoveryHandlers } from './discovery.ts';
import { projectHandlers } from './projects.ts';
import { sessionHandlers } from './sessions.ts';

export interface HandlerDeps {
  readonly maintenance: MaintenanceService;
  readonly constraints: ConstraintStore;
  readonly alarms: AlarmService;
  readonly clock: Clock;
  /** Where clients reach us, without `/v1`. */
  readonly publicUrl: string;
}

/** The handlers of all operations of the contract. */
export function createHandlers({
  maintenance,
  constraints,
  alarms,
  clock,
  publicUrl,
}: HandlerDeps): Handlers {
  return {
    ...discoveryHandlers(publicUrl),
    ...sessionHandlers(maintenance),
    ...projectHandlers(maintenance),
    ...constraintHandlers(constraints, clock),
    ...alarmHandlers(alarms, publicUrl),
  };
}
