import type { AlarmService } from '../../engine/alarm-service.ts';
import type { MaintenanceService } from '../../engine/maintenance-service.ts';
import type { PlanService } from '../../engine/plan-service.ts';
import type { Clock, ConstraintStore } from '../../engine/ports.ts';
import type { Api } from '../api-router.ts';
import { doctorHandlers } from '../doctor/handlers.ts';
import type { Handlers } from '../handler.ts';
import type { Authenticator } from '../keystone-auth.ts';
import { alarmHandlers } from './alarms.ts';
import { constraintHandlers } from './constraints.ts';
import { discoveryHandlers } from './discovery.ts';
import { planHandlers } from './plans.ts';
import { projectHandlers } from './projects.ts';
import { sessionHandlers } from './sessions.ts';

export interface HandlerDeps {
  readonly maintenance: MaintenanceService;
  readonly plans: PlanService;
  readonly constraints: ConstraintStore;
  readonly alarms: AlarmService;
  readonly clock: Clock;
  /** Where clients reach us, without `/v1`. */
  readonly publicUrl: string;
}

/**
 * What is served: Fenix's API, and where no token is asked for the aliases of Doctor's sample admin tool too, which knew
 * none (facts 8.3, question 20).
 */
export function createApis(deps: HandlerDeps, mode: Authenticator['mode']): readonly Api[] {
  const fenix = { contract: 'fenix', handlers: fenixHandlers(deps) } as const;
  if (mode !== 'none') return [fenix];
  return [fenix, { contract: 'doctor-g0', handlers: doctorHandlers(deps.maintenance) }];
}

function fenixHandlers({ maintenance, plans, constraints, alarms, clock, publicUrl }: HandlerDeps): Handlers {
  return {
    ...discoveryHandlers(publicUrl),
    ...sessionHandlers(maintenance, publicUrl),
    ...planHandlers(plans, publicUrl),
    ...projectHandlers(maintenance),
    ...constraintHandlers(constraints, clock, publicUrl),
    ...alarmHandlers(alarms, publicUrl),
  };
}
