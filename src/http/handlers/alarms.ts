import { AlarmSearchInvalid } from '../../domain/alarm-search.ts';
import type { AlarmCaller, AlarmListFilter, AlarmRequest, AlarmService } from '../../engine/alarm-service.ts';
import { AlarmForbidden, AlarmInvalid, AlarmNotFound } from '../../engine/alarm-service.ts';
import type { Identity } from '../../engine/ports.ts';
import type { components } from '../../sdk/openapi.ts';
import { ApiError } from '../api-error.ts';
import type { Call, Handlers } from '../handler.ts';
import { isAdmin } from '../policy.ts';
import { alarmView } from '../views/alarm.ts';

type AlarmOperation =
  | 'listAlarms'
  | 'createAlarm'
  | 'getAlarm'
  | 'updateAlarm'
  | 'deleteAlarm'
  | 'getAlarmState'
  | 'setAlarmState'
  | 'queryAlarms';

/** The alarms of our own alarming, wire-compatible with Aodh's (facts 4.4). `publicUrl` is our base without `/v1`; without it `Location` is a path. */
export function alarmHandlers(alarms: AlarmService, publicUrl: string): Pick<Handlers, AlarmOperation> {
  return {
    listAlarms: async ({ query, identity }) => {
      const options = { sort: query.sort, limit: query.limit, marker: query.marker };
      // In a function, since the conditions of the query may make no sense either.
      const list = async () => alarms.list(callerOf(identity), filtersOf(query), options);
      const found = await orApiError(list);
      return { status: 200, body: found.map(alarmView) };
    },
    createAlarm: async ({ body, identity }) => {
      const alarm = await orApiError(() => alarms.create(callerOf(identity), requestOf(body)));
      const headers = { Location: `${publicUrl}/v2/alarms/${alarm.alarmId}` };
      return { status: 201, headers, body: alarmView(alarm) };
    },
    getAlarm: async ({ params, identity }) => {
      const alarm = await orApiError(() => alarms.get(callerOf(identity), params.alarm_id));
      return { status: 200, body: alarmView(alarm) };
    },
    updateAlarm: async ({ params, body, identity }) => {
      const alarm = await orApiError(() =>
        alarms.update(callerOf(identity), params.alarm_id, requestOf(body)),
      );
      return { status: 200, body: alarmView(alarm) };
    },
    deleteAlarm: async ({ params, identity }) => {
      await orApiError(() => alarms.delete(callerOf(identity), params.alarm_id));
      return { status: 204, body: undefined };
    },
    getAlarmState: async ({ params, identity }) => {
      const { state } = await orApiError(() => alarms.get(callerOf(identity), params.alarm_id));
      return { status: 200, body: state };
    },
    setAlarmState: async ({ params, body, identity }) => {
      const { state } = await orApiError(() => alarms.setState(callerOf(identity), params.alarm_id, body));
      return { status: 200, body: state };
    },
    queryAlarms: async ({ body, identity }) => {
      const { filter, orderby, limit } = body;
      const found = await orApiError(
        () => alarms.query(callerOf(identity), { filter, orderby, limit }),
        'invalid_request',
      );
      return { status: 200, body: found.map(alarmView) };
    },
  };
}

const callerOf = (identity: Identity): AlarmCaller => ({
  userId: identity.userId,
  projectId: identity.projectId,
  isAdmin: isAdmin(identity),
});

/**
 * Conditions of a list: the first `q.field` goes with the first `q.value`. Operators may be left out, but then all:
 * which of two conditions one of them belongs to could only be guessed.
 */
function filtersOf(query: Call<'listAlarms'>['query']): readonly AlarmListFilter[] {
  const { 'q.field': fields = [], 'q.op': ops = [], 'q.value': values = [] } = query;
  if (values.length !== fields.length || (ops.length > 0 && ops.length !== fields.length)) {
    throw new AlarmSearchInvalid('there must be as many q.value as q.field, and as many q.op or none');
  }
  return fields.map((field, index) => ({ field, op: ops[index] ?? 'eq', value: values[index] ?? '' }));
}

function requestOf(body: components['schemas']['AlarmRequest']): AlarmRequest {
  return {
    name: body.name,
    type: body.type,
    description: body.description ?? undefined,
    projectId: body.project_id,
    userId: body.user_id,
    enabled: body.enabled,
    severity: body.severity,
    repeatActions: body.repeat_actions,
    eventType: body.event_rule?.event_type,
    query: body.event_rule?.query?.map(({ field, op, type, value }) => ({
      field,
      op: op ?? 'eq',
      type: type ?? '',
      value,
    })),
    alarmActions: body.alarm_actions,
    okActions: body.ok_actions,
    insufficientDataActions: body.insufficient_data_actions,
    timeConstraints: body.time_constraints,
    state: body.state,
  };
}

/**
 * Runs `work`; what is wrong with the question becomes an error of the catalogue. `searchCode` is for a search that
 * makes no sense: it stands in the query of a list, and in the body of a complex query.
 */
async function orApiError<Result>(
  work: () => Promise<Result>,
  searchCode: 'invalid_query' | 'invalid_request' = 'invalid_query',
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AlarmNotFound)
      throw new ApiError('alarm_not_found', error.message, { cause: error });
    if (error instanceof AlarmForbidden) throw new ApiError('forbidden', error.message, { cause: error });
    if (error instanceof AlarmInvalid) {
      throw new ApiError('invalid_request', error.message, { pointer: error.pointer, cause: error });
    }
    if (error instanceof AlarmSearchInvalid) throw new ApiError(searchCode, error.message, { cause: error });
    throw error;
  }
}
