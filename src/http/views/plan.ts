/** A plan in the words of the contract. */
import type { Plan, PlannedHost, PlannedMove } from '../../domain/planner/plan.ts';
import { summaryOf, type PlanSummary, type StoredPlan } from '../../engine/plan-ports.ts';
import type { components } from '../../sdk/openapi.ts';
import { fenixTime, fenixTimeAfter, optionalTime } from './fenix-time.ts';

type Schemas = components['schemas'];

/** A plan in a list. */
export function planRow(plan: PlanSummary): Schemas['PlanRow'] {
  const { request, outcome } = plan;
  return {
    plan_id: plan.id,
    status: plan.status,
    created_at: fenixTime(plan.createdAt),
    workflow: request.workflow,
    maintenance_at: fenixTime(request.maintenanceAt),
    requested_hosts: [...request.hosts],
    parallel_hosts: request.parallelHosts ?? null,
    window_ends_at: optionalTime(request.windowEndsAt),
    failure_policy: request.failurePolicy ?? 'fail',
    failure_reason: plan.failure ?? null,
    seen_at: optionalTime(plan.seenAt),
    verdict: outcome?.verdict ?? null,
    makespan_seconds: outcome?.makespanSeconds ?? null,
    lower_bound_seconds: outcome?.lowerBoundSeconds ?? null,
  };
}

/** Everything about a plan. */
export function planDetail(stored: StoredPlan): Schemas['PlanDetail'] {
  const row = planRow(summaryOf(stored));
  const { plan } = stored;
  if (plan === undefined) return { ...row, ...nothingYet };
  const zero = Math.max(stored.request.maintenanceAt, stored.seenAt ?? 0);
  const schedule = stored.planAfterScaleIn ?? plan;
  return {
    ...row,
    starts_at: fenixTime(zero),
    ends_at: fenixTimeAfter(zero, schedule.makespanSeconds),
    ...certificateView(schedule),
    problems: problemRows(plan, stored.objections ?? []),
    scale_in: plan.scaleIn.map(({ projectId, instances, helpfulInstanceIds }) => ({
      project_id: projectId,
      instances,
      helpful_instance_ids: [...helpfulInstanceIds],
    })),
    hosts: schedule.hosts.map((host) => hostRow(zero, host)),
    notices: noticeRows(zero, schedule.moves),
    moves: schedule.moves.map((move) => moveRow(zero, move)),
    projects: projectRows(zero, schedule.moves),
  };
}

const nothingYet = {
  starts_at: null,
  ends_at: null,
  ratio: null,
  binding: null,
  binding_because: null,
  bounds: [],
  prices: [],
  problems: [],
  scale_in: [],
  hosts: [],
  notices: [],
  moves: [],
  projects: [],
};

function certificateView({
  certificate,
}: Plan): Pick<Schemas['PlanDetail'], 'ratio' | 'binding' | 'binding_because' | 'bounds' | 'prices'> {
  const { ratio, binding, bounds, prices } = certificate;
  return {
    // JSON has no infinity: the ratio to a bound of nothing.
    ratio: Number.isFinite(ratio) ? ratio : null,
    binding,
    binding_because: bounds.find(({ name }) => name === binding)?.because ?? null,
    bounds: bounds.map(({ name, seconds, because, subject = null }) => ({ name, seconds, because, subject })),
    prices: prices.map(({ constraint, relaxation, seconds }) => ({ constraint, relaxation, seconds })),
  };
}

function problemRows({ problems }: Plan, objections: readonly string[]): Schemas['PlanProblem'][] {
  return [
    ...objections.map((message) => ({
      kind: 'refused' as const,
      message,
      hosts: [],
      instance_ids: [],
      group_ids: [],
    })),
    ...problems.map(({ kind, message, hosts, instanceIds, groupIds }) => ({
      kind,
      message,
      hosts: [...hosts],
      instance_ids: [...instanceIds],
      group_ids: [...groupIds],
    })),
  ];
}

function hostRow(
  zero: number,
  { host, admittedAt, maintenanceStartsAt, endsAt }: PlannedHost,
): Schemas['PlanHost'] {
  return {
    host,
    admitted_at: fenixTimeAfter(zero, admittedAt),
    admitted_seconds: admittedAt,
    maintenance_starts_at: fenixTimeAfter(zero, maintenanceStartsAt),
    maintenance_starts_seconds: maintenanceStartsAt,
    ends_at: fenixTimeAfter(zero, endsAt),
    ends_seconds: endsAt,
  };
}

function noticeRows(zero: number, moves: readonly PlannedMove[]): Schemas['PlanNotice'][] {
  return moves
    .toSorted((a, b) => a.noticeAt - b.noticeAt)
    .map(({ noticeAt, projectId, instanceId, from }) => ({
      notice_at: fenixTimeAfter(zero, noticeAt),
      notice_seconds: noticeAt,
      project_id: projectId,
      instance_id: instanceId,
      host: from,
    }));
}

function moveRow(zero: number, move: PlannedMove): Schemas['PlanMove'] {
  return {
    instance_id: move.instanceId,
    project_id: move.projectId,
    action: move.action,
    from: move.from,
    to: move.to ?? null,
    notice_at: fenixTimeAfter(zero, move.noticeAt),
    notice_seconds: move.noticeAt,
    starts_at: fenixTimeAfter(zero, move.startsAt),
    starts_seconds: move.startsAt,
    ends_at: fenixTimeAfter(zero, move.endsAt),
    ends_seconds: move.endsAt,
    recovered_at: fenixTimeAfter(zero, move.recoveredAt),
    recovered_seconds: move.recoveredAt,
  };
}

interface Impact {
  readonly instanceId: string;
  readonly from: number;
  readonly until: number;
}

function projectRows(zero: number, moves: readonly PlannedMove[]): Schemas['PlanProject'][] {
  const byProject = new Map<string, Impact[]>();
  for (const { projectId, instanceId, action, noticeAt, startsAt, recoveredAt } of moves) {
    // Where an own action begins nobody but the application sees: it is reckoned with from the notice on.
    const from = action === 'OWN_ACTION' ? noticeAt : startsAt;
    const impacts = byProject.get(projectId) ?? [];
    impacts.push({ instanceId, from, until: recoveredAt });
    byProject.set(projectId, impacts);
  }
  return [...byProject]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([projectId, impacts]) => ({
      project_id: projectId,
      most_at_once: mostAtOnce(impacts),
      impacts: impacts
        .toSorted((a, b) => a.from - b.from)
        .map(({ instanceId, from, until }) => ({
          instance_id: instanceId,
          from: fenixTimeAfter(zero, from),
          from_seconds: from,
          until: fenixTimeAfter(zero, until),
          until_seconds: until,
        })),
    }));
}

/** One that ends when another begins makes room for it. */
function mostAtOnce(impacts: readonly Impact[]): number {
  const changes = impacts
    .flatMap(({ from, until }) => [
      { at: from, by: 1 },
      { at: until, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  return changes.reduce((most, { by }) => Math.max(most, (now += by)), 0);
}
