/** The notifications of the server as types (facts 3.1 and 4.2). All times are UTC. */
import type { components } from './openapi.ts';

/** What is done to an instance: cold migration, live migration, or something by its own project. */
export type InstanceAction = components['schemas']['InstanceAction'];
export const instanceActions: readonly InstanceAction[] = ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'];

/** States that a project answers with ACK or NACK. */
export const questionStates = [
  'MAINTENANCE',
  'SCALE_IN',
  'PREPARE_MAINTENANCE',
  'PLANNED_MAINTENANCE',
  'MAINTENANCE_COMPLETE',
] as const;
export type QuestionState = (typeof questionStates)[number];

/** States in which an ACK names an action for each instance. */
export type MoveState = 'PREPARE_MAINTENANCE' | 'PLANNED_MAINTENANCE';

export const hostStates = ['IN_MAINTENANCE', 'MAINTENANCE_COMPLETE', 'HOST_ADDED', 'HOST_REMOVED'] as const;
export type HostState = (typeof hostStates)[number];

export type SessionState = components['schemas']['State'];
export const sessionStates: readonly SessionState[] = [
  'MAINTENANCE',
  'SCALE_IN',
  'PREPARE_MAINTENANCE',
  'START_MAINTENANCE',
  'PLANNED_MAINTENANCE',
  'MAINTENANCE_COMPLETE',
  'MAINTENANCE_DONE',
  'MAINTENANCE_FAILED',
];

/** What every notification tells. */
interface CommonFields {
  /** The same whenever a notification is repeated. */
  readonly messageId: string;
  /** The alarm that brought it. */
  readonly alarmName: string;
  /** When the notification was made. */
  readonly generatedAt: Date;
  readonly projectId: string;
  readonly sessionId: string;
}

interface ProjectFields extends CommonFields {
  readonly eventType: 'maintenance.scheduled';
  /** The ids, or the URL where they are to be had: see `instanceIds()`. */
  readonly instanceIds: string | readonly string[];
  /** The actions that a reply may name. */
  readonly allowedActions: readonly InstanceAction[];
  /** What the admin wrote into the session, for the projects to know. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

interface QuestionFields extends ProjectFields {
  /** Where the reply goes: see `reply()`. */
  readonly replyUrl: string;
  /** When it begins. */
  readonly actionsAt?: Date;
  /** The end of the reply window. */
  readonly replyAt?: Date;
}

/** A project is asked, and answers with ACK or NACK. */
export type PlainQuestion = QuestionFields & { readonly state: Exclude<QuestionState, MoveState> };

/** A project is told that instances will leave their host, and says by which action each of them. */
export type MoveQuestion = QuestionFields & { readonly state: MoveState };

export type Question = PlainQuestion | MoveQuestion;

/** What was asked for is done to an instance. Wants no answer. */
export type ActionDone = ProjectFields & {
  readonly state: 'INSTANCE_ACTION_DONE';
  readonly replyUrl?: string;
};

export type ProjectNotification = Question | ActionDone;

/** The maintenance of a host begins or is over. For the infrastructure: goes to the admin's project. */
export type HostNotification = CommonFields & {
  readonly eventType: 'maintenance.host';
  readonly host: string;
  readonly state: HostState;
};

/** A session came into another state. Goes to the admin's project. */
export type SessionNotification = CommonFields & {
  readonly eventType: 'maintenance.session';
  readonly state: SessionState;
  /** Share of the hosts that are done, 0 to 100. */
  readonly percentDone?: number;
};

export type Notification = ProjectNotification | HostNotification | SessionNotification;

/** Does the notification want an answer? */
export function isQuestion(notification: Notification): notification is Question {
  return notification.eventType === 'maintenance.scheduled' && notification.state !== 'INSTANCE_ACTION_DONE';
}

/** Does the answer name an action for each instance? */
export function isMoveQuestion(question: Question): question is MoveQuestion {
  return question.state === 'PREPARE_MAINTENANCE' || question.state === 'PLANNED_MAINTENANCE';
}
