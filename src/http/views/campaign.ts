/** How a session goes about its hosts: what was asked for and planned, what came of it, what was left aside. */
import { measuredCertificate } from '../../domain/measured-certificate.ts';
import type { PlannedHost } from '../../domain/planner/plan.ts';
import type { Host, Session, SessionPlan } from '../../domain/session.ts';
import type { components } from '../../sdk/openapi.ts';
import { fenixTime, fenixTimeAfter, optionalTime } from './fenix-time.ts';

type Schemas = components['schemas'];

export function campaignView(
  session: Session,
): Pick<
  Schemas['SessionDetail'],
  | 'paused'
  | 'paused_at'
  | 'aborted_at'
  | 'parallel_hosts'
  | 'window_ends_at'
  | 'failure_policy'
  | 'plan_id'
  | 'plan'
  | 'exceptions'
> {
  const { request, plan } = session;
  return {
    paused: session.paused,
    paused_at: optionalTime(session.pausedAt),
    aborted_at: optionalTime(session.abortedAt),
    parallel_hosts: request.parallelHosts ?? null,
    window_ends_at: optionalTime(request.windowEndsAt),
    failure_policy: request.failurePolicy ?? 'fail',
    plan_id: request.planId ?? null,
    plan: plan === undefined ? null : planView(session, plan),
    exceptions: session.hosts
      .filter(({ progress }) => progress === 'skipped')
      .map(({ name, skipReason = '' }) => ({ hostname: name, reason: skipReason })),
  };
}

function planView(session: Session, first: SessionPlan): Schemas['SessionPlan'] {
  const { madeAt, plan, drift } = first;
  const { certificate } = plan;
  const hosts = new Map(session.hosts.map((host) => [host.name, host]));
  return {
    made_at: fenixTime(madeAt),
    feasible: plan.verdict === 'feasible',
    makespan_seconds: plan.makespanSeconds,
    planned_end: endOf(first),
    expected_end: endOf(session.latestPlan ?? first),
    lower_bound_seconds: certificate.lowerBoundSeconds,
    binding: certificate.binding,
    // JSON has no infinity: the ratio to a bound of nothing.
    ratio: Number.isFinite(certificate.ratio) ? certificate.ratio : null,
    measured: measuredView(session),
    drift: [...drift],
    hosts: plan.hosts.map((planned) => plannedHostRow(madeAt, planned, hosts.get(planned.host))),
  };
}

function measuredView(session: Session): Schemas['SessionPlan']['measured'] {
  const measured = measuredCertificate(session);
  if (measured === undefined) return null;
  const { makespanSeconds, bound } = measured;
  return {
    makespan_seconds: makespanSeconds,
    lower_bound_seconds: bound.seconds,
    ratio: bound.seconds > 0 ? makespanSeconds / bound.seconds : null,
    binding: bound.name,
    because: bound.because,
  };
}

/** A host that was empty is in maintenance as soon as it is admitted. */
function plannedHostRow(
  madeAt: number,
  { host, admittedAt, endsAt }: PlannedHost,
  actual: Host | undefined,
): Schemas['PlannedHostRow'] {
  return {
    host,
    planned_start: fenixTimeAfter(madeAt, admittedAt),
    planned_end: fenixTimeAfter(madeAt, endsAt),
    started_at: optionalTime(actual?.admittedAt ?? actual?.maintenanceStartedAt),
    ended_at: optionalTime(actual?.maintenanceEndedAt),
  };
}

function endOf({ madeAt, plan }: SessionPlan): string {
  return fenixTimeAfter(madeAt, plan.makespanSeconds);
}
