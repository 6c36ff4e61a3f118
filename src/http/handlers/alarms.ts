import { AlarmSearchInvalid } from '../../domain/alarm-search.ts';
import type { AlarmCaller, AlarmListFilter, AlarmRequest, AlarmService } from '../../engine/alarm-service.ts';
import { AlarmForbidden, AlarmInvalid, AlarmNotFound } from '../../engine/alarm-service.ts';
import type { components } from '../../sdk/openapi.ts';
import { ApiError } from '../api-error.ts';
import type { Call, Handlers } from '../handler.ts';
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
  /** The alarm of the path, if the caller may do this with it. */
  const allowedAlarm = async (call: Asker, alarmId: string) => {
    const alarm = await alarms.get(callerOf(call), alarmId);
    call.rights.require({ project_id: alarm.projectId, user_id: alarm.userId });
    return alarm;
  };
  return {
    listAlarms: async (call) => {
      const { query } = call;
      const options = { sort: query.sort, limit: query.limit, marker: query.marker };
      // In a function, since the conditions of the query may make no sense either.
      const list = async () => alarms.list(callerOf(call), filtersOf(query), options);
      const found = await orApiError(call, list);
      return { status: 200, body: found.map(alarmView) };
    },
    createAlarm: async (call) => {
      const { identity, rights } = call;
      const request = requestOf(call.body);
      const projectId = request.projectId ?? identity.projectId;
      rights.require({
        ...(projectId !== undefined && { project_id: projectId }),
        user_id: request.userId ?? identity.userId,
      });
      const alarm = await orApiError(call, () => alarms.create(callerOf(call), request));
      const headers = { Location: `${publicUrl}/v2/alarms/${alarm.alarmId}` };
      return { status: 201, headers, body: alarmView(alarm) };
    },
    getAlarm: async (call) => {
      const alarm = await orApiError(call, () => allowedAlarm(call, call.params.alarm_id));
      return { status: 200, body: alarmView(alarm) };
    },
    updateAlarm: async (call) => {
      const { alarm_id: alarmId } = call.params;
      const request = requestOf(call.body);
      const alarm = await orApiError(call, async () => {
        const before = await allowedAlarm(call, alarmId);
        call.rights.require({
          project_id: request.projectId ?? before.projectId,
          user_id: request.userId ?? before.userId,
        });
        return alarms.update(callerOf(call), alarmId, request);
      });
      return { status: 200, body: alarmView(alarm) };
    },
    deleteAlarm: async (call) => {
      await orApiError(call, async () => {
        await allowedAlarm(call, call.params.alarm_id);
        await alarms.delete(callerOf(call), call.params.alarm_id);
      });
      return { status: 204, body: undefined };
    },
    getAlarmState: async (call) => {
      const { state } = await orApiError(call, () => allowedAlarm(call, call.params.alarm_id));
      return { status: 200, body: state };
    },
    setAlarmState: async (call) => {
      const { state } = await orApiError(call, async () => {
        await allowedAlarm(call, call.params.alarm_id);
        return alarms.setState(callerOf(call), call.params.alarm_id, call.body);
      });
      return { status: 200, body: state };
    },
    queryAlarms: async (call) => {
      const { filter, orderby, limit } = call.body;
      const found = await orApiError(
        call,
        () => alarms.query(callerOf(call), { filter, orderby, limit }),
        'invalid_request',
      );
      return { status: 200, body: found.map(alarmView) };
    },
  };
}

/** The rule that lets a caller go beyond what is their own. */
const otherProjects = 'fenix:alarms:all_projects';

type Asker = Pick<Call<AlarmOperation>, 'identity' | 'rights'>;

const callerOf = ({ identity, rights }: Asker): AlarmCaller => ({
  userId: identity.userId,
  projectId: identity.projectId,
  isAdmin: rights.has(otherProjects),
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
  { rights }: Asker,
  work: () => Promise<Result>,
  searchCode: 'invalid_query' | 'invalid_request' = 'invalid_query',
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AlarmNotFound)
      throw new ApiError('alarm_not_found', error.message, { cause: error });
    if (error instanceof AlarmForbidden) {
      throw new ApiError('forbidden', rights.explain(otherProjects), { cause: error });
    }
    if (error instanceof AlarmInvalid) {
      throw new ApiError('invalid_request', error.message, { pointer: error.pointer, cause: error });
    }
    if (error instanceof AlarmSearchInvalid) throw new ApiError(searchCode, error.message, { cause: error });
    throw error;
  }
}
