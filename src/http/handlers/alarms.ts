import type { AlarmQuery } from '../../domain/alarm.ts';
import { AlarmSearchInvalid } from '../../domain/alarm-search.ts';
import {
  AlarmForbidden,
  AlarmInvalid,
  AlarmNotFound,
  type AlarmCaller,
  type AlarmListFilter,
  type AlarmRequest,
  type AlarmService,
} from '../../engine/alarm-service.ts';
import type { Identity } from '../../engine/ports.ts';
import type { components } from '../../sdk/openapi.ts';
import { ApiError } from '../api-error.ts';
import type { Handlers } from '../handler.ts';
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

/** Event alarms as in Aodh (facts 4.4). `publicUrl` is where the server is reached. */
export function alarmHandlers(alarms: AlarmService, publicUrl: string): Pick<Handlers, AlarmOperation> {
  return {
    listAlarms: async ({ query, identity }) => {
      const { sort, limit, marker } = query;
      const found = await answered(
        alarms.list(callerOf(identity), filtersOf(query), { sort, limit, marker }),
      );
      return { status: 200, body: found.map(alarmView) };
    },
    createAlarm: async ({ body, identity }) => {
      const alarm = await answered(alarms.create(callerOf(identity), requestOf(body)));
      const headers = { Location: `${publicUrl}/v2/alarms/${alarm.alarmId}` };
      return { status: 201, body: alarmView(alarm), headers };
    },
    getAlarm: async ({ params, identity }) => ({
      status: 200,
      body: alarmView(await answered(alarms.get(callerOf(identity), params.alarm_id))),
    }),
    updateAlarm: async ({ params, body, identity }) => ({
      status: 200,
      body: alarmView(await answered(alarms.update(callerOf(identity), params.alarm_id, requestOf(body)))),
    }),
    deleteAlarm: async ({ params, identity }) => {
      await answered(alarms.delete(callerOf(identity), params.alarm_id));
      return { status: 204, body: undefined };
    },
    getAlarmState: async ({ params, identity }) => ({
      status: 200,
      body: (await answered(alarms.get(callerOf(identity), params.alarm_id))).state,
    }),
    setAlarmState: async ({ params, body, identity }) => ({
      status: 200,
      body: (await answered(alarms.setState(callerOf(identity), params.alarm_id, body))).state,
    }),
    queryAlarms: async ({ body, identity }) => ({
      status: 200,
      body: (await answered(alarms.query(callerOf(identity), body))).map(alarmView),
    }),
  };
}

function callerOf(identity: Identity): AlarmCaller {
  const { userId, projectId } = identity;
  return { userId, projectId, isAdmin: isAdmin(identity) };
}

/** Aodh's parallel lists: the first field goes with the first operator and the first value. */
function filtersOf(query: {
  readonly 'q.field'?: readonly string[];
  readonly 'q.op'?: readonly string[];
  readonly 'q.value'?: readonly string[];
}): readonly AlarmListFilter[] {
  const { 'q.field': fields = [], 'q.op': ops = [], 'q.value': values = [] } = query;
  if (fields.length !== values.length) {
    throw new ApiError(
      'invalid_query',
      `There are ${fields.length} of q.field and ${values.length} of q.value.`,
    );
  }
  return fields.map((field, index) => ({ field, op: ops[index] ?? '', value: values[index] ?? '' }));
}

function requestOf(body: components['schemas']['AlarmRequest']): AlarmRequest {
  return {
    name: body.name,
    type: body.type,
    description: body.description,
    projectId: body.project_id,
    userId: body.user_id,
    enabled: body.enabled,
    severity: body.severity,
    repeatActions: body.repeat_actions,
    eventType: body.event_rule?.event_type,
    query: body.event_rule?.query?.map(queryOf),
    alarmActions: body.alarm_actions,
    okActions: body.ok_actions,
    insufficientDataActions: body.insufficient_data_actions,
    timeConstraints: body.time_constraints,
    state: body.state,
  };
}

function queryOf({ field, op = 'eq', type = '', value }: components['schemas']['AlarmQuery']): AlarmQuery {
  return { field, op, type, value };
}

async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toApiError(error);
  }
}

function toApiError(error: unknown): unknown {
  const options = { cause: error };
  if (error instanceof AlarmNotFound) return new ApiError('alarm_not_found', error.message, options);
  if (error instanceof AlarmForbidden) return new ApiError('forbidden', error.message, options);
  if (error instanceof AlarmSearchInvalid) return new ApiError('invalid_query', error.message, options);
  if (error instanceof AlarmInvalid) {
    return new ApiError('invalid_request', error.message, { ...options, pointer: error.pointer });
  }
  return error;
}
