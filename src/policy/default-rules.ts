/**
 * The rules as they are where a site overrides none. Names and the rights of sessions, projects, instances and groups are
 * Fenix's (facts 1.3); the reader role, system scope and the other rules are ours in the same style.
 */

/** A rule that others are made of. */
export interface BaseRule {
  readonly check: string;
  readonly description: string;
}

/** A rule that guards operations. */
export interface OperationRule extends BaseRule {
  /** Method and path of what it guards; none where it only widens what another rule allows. */
  readonly operations: readonly string[];
  /** The attributes of the target that it may compare with: `%(project_id)s`. */
  readonly target: readonly string[];
}

export const baseRules = {
  admin: {
    check: 'is_admin:True or role:admin',
    description:
      'An admin, of whatever project or of the system. is_admin holds for all where no token is asked for.',
  },
  system_reader: {
    check: 'role:reader and system_scope:all',
    description: 'Somebody who may read all of the cloud: the role reader on the system.',
  },
  reader_only: {
    check: 'role:reader and not (role:member or role:manager or role:admin)',
    description: 'Has the role reader and none of those that include it: may look and not touch.',
  },
  admin_or_owner: {
    check: 'rule:admin or project_id:%(project_id)s',
    description: 'An admin, or anybody with a role on the project, whatever the site calls it.',
  },
  admin_or_writer: {
    check: 'rule:admin_or_owner and not rule:reader_only',
    description: 'As admin_or_owner, without those who may only read.',
  },
  admin_or_system_reader: {
    check: 'rule:admin or rule:system_reader',
    description: 'An admin, or somebody who may read all of the cloud.',
  },
} as const satisfies Readonly<Record<string, BaseRule>>;

const session = '/v1/maintenance/{session_id}';
const project = `${session}/{project_id}`;
const plan = '/v1/plan/{plan_id}';
const instance = '/v1/instance/{instance_id}';
const group = '/v1/instance_group/{group_id}';
const alarm = '/v2/alarms/{alarm_id}';

const ofSession = ['session_id'];
const ofProject = ['session_id', 'project_id'];
const ofPlan = ['plan_id'];
const ofInstance = ['instance_id', 'project_id'];
const ofGroup = ['group_id', 'project_id'];
const ofOwner = ['project_id', 'user_id'];
const ofAlarm = ['alarm_id', ...ofOwner];

export const operationRules = {
  'fenix:maintenance:get': {
    check: 'rule:admin_or_system_reader',
    description: 'List the maintenance sessions.',
    operations: ['GET /v1/maintenance'],
    target: [],
  },
  'fenix:maintenance:post': {
    check: 'rule:admin',
    description: 'Open a maintenance session.',
    operations: ['POST /v1/maintenance'],
    target: [],
  },
  'fenix:maintenance:session:get': {
    check: 'rule:admin_or_system_reader',
    description: 'See the state of a session.',
    operations: [`GET ${session}`],
    target: ofSession,
  },
  'fenix:maintenance:session:put': {
    check: 'rule:admin',
    description: 'Continue a failed session.',
    operations: [`PUT ${session}`],
    target: ofSession,
  },
  'fenix:maintenance:session:delete': {
    check: 'rule:admin',
    description: 'Delete a session; a running one is stopped.',
    operations: [`DELETE ${session}`],
    target: ofSession,
  },
  'fenix:maintenance:session:detail:get': {
    check: 'rule:admin_or_system_reader',
    description: 'See everything about a session.',
    operations: [`GET ${session}/detail`],
    target: ofSession,
  },
  'fenix:maintenance:session:pause:post': {
    check: 'rule:admin',
    description: 'Pause a running session.',
    operations: [`POST ${session}/pause`],
    target: ofSession,
  },
  'fenix:maintenance:session:resume:post': {
    check: 'rule:admin',
    description: 'Resume a paused session.',
    operations: [`POST ${session}/resume`],
    target: ofSession,
  },
  'fenix:maintenance:session:abort:post': {
    check: 'rule:admin',
    description: 'Abort a running session.',
    operations: [`POST ${session}/abort`],
    target: ofSession,
  },
  'fenix:maintenance:session:skip_host:post': {
    check: 'rule:admin',
    description: 'Leave a host of a running session aside.',
    operations: [`POST ${session}/skip-host`],
    target: ofSession,
  },
  'fenix:plans:get': {
    check: 'rule:admin_or_system_reader',
    description: 'List the plans.',
    operations: ['GET /v1/plan'],
    target: [],
  },
  'fenix:plans:post': {
    check: 'rule:admin',
    description: 'Plan a maintenance session.',
    operations: ['POST /v1/plan'],
    target: [],
  },
  'fenix:plan:get': {
    check: 'rule:admin_or_system_reader',
    description: 'See a plan.',
    operations: [`GET ${plan}`],
    target: ofPlan,
  },
  'fenix:plan:delete': {
    check: 'rule:admin',
    description: 'Delete a plan; one that is being made is stopped.',
    operations: [`DELETE ${plan}`],
    target: ofPlan,
  },
  'fenix:maintenance:session:project:get': {
    check: 'rule:admin_or_owner',
    description: "List a project's instances that a session asks about.",
    operations: [`GET ${project}`],
    target: ofProject,
  },
  'fenix:maintenance:session:project:put': {
    check: 'rule:admin_or_writer',
    description: 'Reply to a session for a project.',
    operations: [`PUT ${project}`],
    target: ofProject,
  },
  'fenix:maintenance:session:project:instance:put': {
    check: 'rule:admin_or_writer',
    description: 'Reply to a session for one instance of a project.',
    operations: [`PUT ${project}/{instance_id}`],
    target: [...ofProject, 'instance_id'],
  },
  'fenix:constraints:all_projects': {
    check: 'rule:admin',
    description:
      'See constraints of every project in one list, where the rule of the operation allows it too. Without it a list that names no project is of the own one.',
    operations: [],
    target: [],
  },
  'fenix:instances:get': {
    check: 'rule:admin_or_owner',
    description: "List constraints of instances. project_id is that of the query, else the caller's own.",
    operations: ['GET /v1/instance'],
    target: ofOwner,
  },
  'fenix:instance:get': {
    check: 'rule:admin_or_owner',
    description: "See an instance's constraints. project_id is the project that registered them.",
    operations: [`GET ${instance}`],
    target: ofInstance,
  },
  'fenix:instance:put': {
    check: 'rule:admin_or_writer',
    description:
      "Register an instance's constraints. Asked for the project in the body, and for another one whose row is to be replaced.",
    operations: [`PUT ${instance}`],
    target: ofInstance,
  },
  'fenix:instance:delete': {
    check: 'rule:admin_or_writer',
    description: "Remove an instance's constraints. project_id is the project that registered them.",
    operations: [`DELETE ${instance}`],
    target: ofInstance,
  },
  'fenix:instance_groups:get': {
    check: 'rule:admin_or_owner',
    description: "List constraints of groups. project_id is that of the query, else the caller's own.",
    operations: ['GET /v1/instance_group'],
    target: ofOwner,
  },
  'fenix:instance_group:get': {
    check: 'rule:admin_or_owner',
    description: "See a group's constraints. project_id is the project that registered them.",
    operations: [`GET ${group}`],
    target: ofGroup,
  },
  'fenix:instance_group:put': {
    check: 'rule:admin_or_writer',
    description:
      "Register a group's constraints. Asked for the project in the body, and for another one whose row is to be replaced.",
    operations: [`PUT ${group}`],
    target: ofGroup,
  },
  'fenix:instance_group:delete': {
    check: 'rule:admin_or_writer',
    description: "Remove a group's constraints. project_id is the project that registered them.",
    operations: [`DELETE ${group}`],
    target: ofGroup,
  },
  'fenix:alarms:get': {
    check: 'rule:admin_or_owner',
    description: "List alarms. project_id and user_id are the caller's own.",
    operations: ['GET /v2/alarms'],
    target: ofOwner,
  },
  'fenix:alarms:query': {
    check: 'rule:admin_or_owner',
    description: "Search alarms. project_id and user_id are the caller's own.",
    operations: ['POST /v2/query/alarms'],
    target: ofOwner,
  },
  'fenix:alarms:post': {
    check: 'rule:admin_or_writer',
    description: 'Create an alarm.',
    operations: ['POST /v2/alarms'],
    target: ofOwner,
  },
  'fenix:alarms:all_projects': {
    check: 'rule:admin',
    description:
      'See alarms of other projects, and create and change them for other projects and users, where the rule of the operation allows it too.',
    operations: [],
    target: [],
  },
  'fenix:alarm:get': {
    check: 'rule:admin_or_owner',
    description: 'See an alarm.',
    operations: [`GET ${alarm}`],
    target: ofAlarm,
  },
  'fenix:alarm:put': {
    check: 'rule:admin_or_writer',
    description: 'Replace an alarm. Asked for its project before, and for that after.',
    operations: [`PUT ${alarm}`],
    target: ofAlarm,
  },
  'fenix:alarm:delete': {
    check: 'rule:admin_or_writer',
    description: 'Delete an alarm.',
    operations: [`DELETE ${alarm}`],
    target: ofAlarm,
  },
  'fenix:alarm:state:get': {
    check: 'rule:admin_or_owner',
    description: 'See the state of an alarm.',
    operations: [`GET ${alarm}/state`],
    target: ofAlarm,
  },
  'fenix:alarm:state:put': {
    check: 'rule:admin_or_writer',
    description: 'Set the state of an alarm.',
    operations: [`PUT ${alarm}/state`],
    target: ofAlarm,
  },
} as const satisfies Readonly<Record<string, OperationRule>>;

/** The name of a rule that guards operations. */
export type RuleName = keyof typeof operationRules;

/** All rules of the program: those that others are made of first. */
export const defaultRules: ReadonlyMap<string, BaseRule & Partial<OperationRule>> = new Map(
  Object.entries({ ...baseRules, ...operationRules }),
);
