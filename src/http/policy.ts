/** Who may do what: which policy rule guards each operation (docs/policy.md), and how it is asked. */
import type { RequestHandler } from 'express';
import type { Identity } from '../engine/ports.ts';
import { credentialsOf } from '../policy/credentials.ts';
import { operationRules, type RuleName } from '../policy/default-rules.ts';
import type { Target } from '../policy/evaluate.ts';
import type { Policy } from '../policy/policy.ts';
import { ApiError } from './api-error.ts';
import type { Operation } from './contract.ts';
import type { OperationId } from './handler.ts';

interface Guard {
  readonly rule: RuleName;
  /** `project_id` and `user_id` of the target are the caller's own: the operation is about what is theirs. */
  readonly ofCaller?: true;
}

/** An operation without a rule does not compile. `open` are those that need no token. */
export const guards: Readonly<Record<OperationId, Guard | 'open'>> = {
  getVersions: 'open',
  getVersion: 'open',
  getHealth: 'open',
  listSessions: { rule: 'fenix:maintenance:get' },
  createSession: { rule: 'fenix:maintenance:post' },
  getSession: { rule: 'fenix:maintenance:session:get' },
  continueSession: { rule: 'fenix:maintenance:session:put' },
  deleteSession: { rule: 'fenix:maintenance:session:delete' },
  getSessionDetail: { rule: 'fenix:maintenance:session:detail:get' },
  pauseSession: { rule: 'fenix:maintenance:session:pause:post' },
  resumeSession: { rule: 'fenix:maintenance:session:resume:post' },
  abortSession: { rule: 'fenix:maintenance:session:abort:post' },
  skipHost: { rule: 'fenix:maintenance:session:skip_host:post' },
  listPlans: { rule: 'fenix:plans:get' },
  createPlan: { rule: 'fenix:plans:post' },
  getPlan: { rule: 'fenix:plan:get' },
  deletePlan: { rule: 'fenix:plan:delete' },
  getProjectInstances: { rule: 'fenix:maintenance:session:project:get' },
  replyForProject: { rule: 'fenix:maintenance:session:project:put' },
  replyForInstance: { rule: 'fenix:maintenance:session:project:instance:put' },
  listInstanceConstraints: { rule: 'fenix:instances:get', ofCaller: true },
  getInstanceConstraint: { rule: 'fenix:instance:get' },
  putInstanceConstraint: { rule: 'fenix:instance:put' },
  deleteInstanceConstraint: { rule: 'fenix:instance:delete' },
  listInstanceGroupConstraints: { rule: 'fenix:instance_groups:get', ofCaller: true },
  getInstanceGroupConstraint: { rule: 'fenix:instance_group:get' },
  putInstanceGroupConstraint: { rule: 'fenix:instance_group:put' },
  deleteInstanceGroupConstraint: { rule: 'fenix:instance_group:delete' },
  listAlarms: { rule: 'fenix:alarms:get', ofCaller: true },
  createAlarm: { rule: 'fenix:alarms:post' },
  queryAlarms: { rule: 'fenix:alarms:query', ofCaller: true },
  getAlarm: { rule: 'fenix:alarm:get' },
  updateAlarm: { rule: 'fenix:alarm:put' },
  deleteAlarm: { rule: 'fenix:alarm:delete' },
  getAlarmState: { rule: 'fenix:alarm:state:get' },
  setAlarmState: { rule: 'fenix:alarm:state:put' },
};

/** What the caller of an operation may do: for handlers whose rule depends on what is stored or sent. */
export interface Rights {
  /** May the caller do this operation with a thing of these attributes? Those of the path need not be named. */
  allows(target: Target): boolean;
  /** @throws ApiError 403 which names the rule and what the token lacks. */
  require(target: Target): void;
  /** Does another rule, one without a target, allow the caller something besides? */
  has(rule: RuleName): boolean;
  /** What such a rule wants of the caller, for a refusal. */
  explain(rule: RuleName): string;
}

/**
 * Refuses, before the body is read, whatever the path and the token alone decide: also where a rule waits for the owner of a
 * row and no owner would help.
 */
export function checkRights(policy: Policy): RequestHandler {
  return function checkRightsOfRequest(request, response, next) {
    const { operation, identity } = response.locals as { operation: Operation; identity: Identity };
    const guard = guards[operation.id];
    if (guard === 'open') {
      next();
      return;
    }
    const credentials = credentialsOf(identity);
    const known: Target = {
      ...attributesOfPath(operation.route, request.path),
      ...(guard.ofCaller && {
        user_id: identity.userId,
        ...(identity.projectId !== undefined && { project_id: identity.projectId }),
      }),
    };
    const { rule } = guard;
    const unknown = guard.ofCaller ? [] : operationRules[rule].target.filter((name) => !(name in known));
    refuse(policy.check(rule, credentials, known, new Set(unknown)));
    const ask = (target: Target) => policy.check(rule, credentials, { ...known, ...target });
    const rights: Rights = {
      allows: (target) => ask(target).outcome === true,
      require: (target) => refuse(ask(target)),
      has: (other) => policy.check(other, credentials, {}).outcome === true,
      explain: (other) => policy.check(other, credentials, {}).explanation,
    };
    // For the handler, beside the identity.
    response.locals['rights'] = rights;
    next();
  };
}

function refuse({ outcome, explanation }: ReturnType<Policy['check']>): void {
  if (outcome === false) throw new ApiError('forbidden', explanation);
}

/** The parameters of the path, as the handler will see them. */
function attributesOfPath(route: string, path: string): Target {
  const values = path.split('/');
  return Object.fromEntries(
    route.split('/').flatMap((part, index) => {
      return part.startsWith(':') ? [[part.slice(1), decoded(values[index] ?? '')]] : [];
    }),
  );
}

/** What cannot be decoded is refused when its form is checked; until then it is nobody's. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
