/** Every error of the API: the one place for its status and text. docs/errors.md and the contract list the same codes. */
import type { components } from '../sdk/openapi.ts';

export type ErrorCode = components['schemas']['ErrorCode'];

export interface CatalogueEntry {
  readonly status: number;
  /** What was wrong, in the words that go out as `error`. */
  readonly text: string;
  /** What to do, for docs/errors.md. */
  readonly remedy: string;
}

export const errorCatalogue: Readonly<Record<ErrorCode, CatalogueEntry>> = {
  malformed_body: {
    status: 400,
    text: 'The body is not valid JSON',
    remedy: 'Send one JSON document, in UTF-8. The message says where it breaks.',
  },
  invalid_query: {
    status: 400,
    text: 'The query does not fit the contract',
    remedy: 'Leave out or correct the parameter that the message names.',
  },
  unauthorized: {
    status: 401,
    text: 'The request needs a valid token',
    remedy: 'Get a token from the Keystone that `WWW-Authenticate` names, and send it in `X-Auth-Token`.',
  },
  forbidden: {
    status: 403,
    text: 'The token does not allow this',
    remedy: 'Use a token with the role or the project that the message names.',
  },
  not_found: {
    status: 404,
    text: 'There is nothing at this path',
    remedy: 'Compare the path with the contract, openapi/fenix.yaml.',
  },
  session_not_found: {
    status: 404,
    text: 'Invalid session',
    remedy: 'List the sessions: it does not exist, or it was deleted.',
  },
  plan_not_found: {
    status: 404,
    text: 'There is no such plan',
    remedy:
      'List the plans: it does not exist, it was deleted, or newer ones took its place (`plans.max_kept`).',
  },
  project_not_in_session: {
    status: 404,
    text: 'The session knows no such project',
    remedy: 'Compare the id with the notification. A session knows its projects once it has seen the cloud.',
  },
  instance_not_in_session: {
    status: 404,
    text: 'The project has no such instance in the session',
    remedy: 'Compare the id with the list that the notification points to.',
  },
  constraint_not_found: {
    status: 404,
    text: 'There is no such constraint',
    remedy: 'Register it with PUT.',
  },
  alarm_not_found: {
    status: 404,
    text: 'There is no such alarm',
    remedy: "List the alarms: it does not exist, or it is another project's.",
  },
  method_not_allowed: {
    status: 405,
    text: 'The path does not have this method',
    remedy: 'Use one of the methods in `Allow`.',
  },
  session_not_failed: {
    status: 409,
    text: 'Only a failed session can be continued',
    remedy: 'Look at its state: it runs, or it is done.',
  },
  session_not_running: {
    status: 409,
    text: 'The session has ended',
    remedy: 'Look at its state. A failed session can be continued.',
  },
  host_not_skippable: {
    status: 409,
    text: 'The host cannot be left aside any more',
    remedy:
      'It is in maintenance or maintained, or the workflow `default` is emptying it. To stop the rest too, abort the session.',
  },
  plan_unusable: {
    status: 409,
    text: 'The session cannot follow the plan',
    remedy: 'Plan anew with the same body, wait until the plan is finished, or leave `plan_id` out.',
  },
  host_in_session: {
    status: 409,
    text: 'Another running session has the host',
    remedy: 'Wait for its end, delete it, or leave the host out.',
  },
  body_too_large: {
    status: 413,
    text: 'The body is too large',
    remedy: 'Send less, or raise `server.max_body_bytes`.',
  },
  invalid_request: {
    status: 422,
    text: 'The request does not fit the contract',
    remedy: 'Correct the place that `pointer` names.',
  },
  unknown_workflow: {
    status: 422,
    text: 'There is no such workflow',
    remedy: 'Use `default` or `vnf`.',
  },
  unknown_host: {
    status: 422,
    text: 'The cloud has no such host',
    remedy: 'Use the names of `openstack compute service list`; the message names those that are not there.',
  },
  unknown_plugin: {
    status: 422,
    text: 'There is no such action plug-in',
    remedy: 'Put it into the folder of `plugins.folder`, or let the session fetch it with `download`.',
  },
  download_refused: {
    status: 422,
    text: 'The package may not be fetched',
    remedy: 'Add its host to `downloads.allowed_hosts`, or correct the address.',
  },
  actions_missing: {
    status: 422,
    text: 'The reply leaves out instances',
    remedy: 'Name an action in `instance_actions` for each instance of the project on the host.',
  },
  action_not_offered: {
    status: 422,
    text: 'The reply names an action that was not offered, or is not any more',
    remedy: 'Use one of the `allowed_actions` of the notification, and OWN_ACTION before its `reply_at`.',
  },
  host_not_in_session: {
    status: 422,
    text: 'The session has no such host',
    remedy: 'Use a name from `hosts` of the detail of the session.',
  },
  too_many_sessions: {
    status: 509,
    text: 'Too many sessions',
    remedy: 'Wait until one has ended, delete one, or raise `workflow.max_sessions`.',
  },
  identity_unavailable: {
    status: 503,
    text: 'The identity service cannot be reached',
    remedy: 'Try again after the seconds in `Retry-After`; look after Keystone.',
  },
  internal_error: {
    status: 500,
    text: 'Internal error',
    remedy: 'A fault of this server. Report it with the log lines of the request id.',
  },
};
