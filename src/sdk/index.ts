/** The client of a maintenance server: published as `fenix-server/sdk`. See README.md. */
export {
  createAlarmReceiver,
  listenForAlarms,
  type AlarmListener,
  type AlarmListenerOptions,
  type AlarmReceiver,
  type AlarmReceiverOptions,
} from './alarm-receiver.ts';
export {
  createAuthorizedFetch,
  type AuthorizedFetch,
  type AuthorizedFetchOptions,
  type TokenSource,
} from './authorized-fetch.ts';
export { explain } from './explain.ts';
export { credentialsFromEnvironment, type KeystoneCredentials } from './keystone-credentials.ts';
export {
  instanceConstraints,
  instanceGroupConstraints,
  type ConstraintFilter,
  type InstanceConstraint,
  type InstanceGroupConstraint,
} from './constraints.ts';
export {
  createKeystoneTokens,
  KeystoneError,
  type KeystoneOptions,
  type KeystoneTokens,
} from './keystone-tokens.ts';
export {
  ApiError,
  createMaintenanceClient,
  dataOf,
  UntrustedUrl,
  type MaintenanceClient,
  type MaintenanceClientOptions,
} from './maintenance-client.ts';
export * from './notification.ts';
export type { components, operations, paths } from './openapi.ts';
export { AlarmParseError, parseAlarm } from './parse-alarm.ts';
export { PlanFailed, planSession, type PlanDetail, type PlanOptions, type SessionRequest } from './plans.ts';
export { parsePythonLiteral, PythonLiteralError, type PythonValue } from './python-literal.ts';
export {
  ack,
  ackFrom,
  defer,
  instanceIds,
  nack,
  reply,
  type InstanceActions,
  type ReplyBody,
} from './replies.ts';
export { SeenMessages } from './seen-messages.ts';
export {
  abortSession,
  pauseSession,
  resumeSession,
  skipHost,
  type SessionDetail,
} from './session-control.ts';
export { subscribe, type Subscription, type SubscriptionOptions } from './subscribe.ts';
