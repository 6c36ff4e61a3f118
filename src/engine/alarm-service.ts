/**
 * The alarms of our own alarming, as applications manage them: what Aodh's `/v2/alarms` does for event alarms
 * (facts 4.4). A project sees and changes its own alarms only; admins those of all projects.
 */
import type { Alarm, AlarmQuery, AlarmState } from '../domain/alarm.ts';
import { conditionProblem } from '../domain/alarm-condition.ts';
import { parseAlarmFilter, parseAlarmOrder } from '../domain/alarm-filter.ts';
import type { AlarmOrder, AlarmPage } from '../domain/alarm-search.ts';
import { AlarmSearchInvalid, alarmField, compareField, pageOf } from '../domain/alarm-search.ts';
import type { AlarmStore, Clock, Ids } from './ports.ts';

/** There is no such alarm, or it is another project's. */
export class AlarmNotFound extends Error {
  override readonly name = 'AlarmNotFound';
}

/** An alarm that cannot be kept as it is asked for. `pointer` is the JSON pointer of the culprit in the request. */
export class AlarmInvalid extends Error {
  override readonly name = 'AlarmInvalid';
  readonly pointer: string;
  constructor(pointer: string, message: string) {
    super(message);
    this.pointer = pointer;
  }
}

/** What was asked concerns another project, and the caller is no admin. */
export class AlarmForbidden extends Error {
  override readonly name = 'AlarmForbidden';
}

/** Who asks. */
export interface AlarmCaller {
  readonly userId: string;
  /** Absent for a caller that belongs to no project. */
  readonly projectId?: string | undefined;
  readonly isAdmin: boolean;
}

/** An alarm as it is asked for; what is absent takes Aodh's default, also when an alarm is replaced. */
export interface AlarmRequest {
  readonly name: string;
  readonly type: string;
  readonly description?: string | undefined;
  readonly projectId?: string | undefined;
  readonly userId?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly severity?: Alarm['severity'] | undefined;
  readonly repeatActions?: boolean | undefined;
  readonly eventType?: string | undefined;
  readonly query?: readonly AlarmQuery[] | undefined;
  readonly alarmActions?: readonly string[] | undefined;
  readonly okActions?: readonly string[] | undefined;
  readonly insufficientDataActions?: readonly string[] | undefined;
  readonly timeConstraints?: Alarm['timeConstraints'] | undefined;
  readonly state?: AlarmState | undefined;
}

/** `q.field`, `q.op` and `q.value` of a list. */
export interface AlarmListFilter {
  readonly field: string;
  readonly op: string;
  readonly value: string;
}

/** Paging of a list as Aodh has it; `sort` are `field:asc` or `field:desc`. */
export interface AlarmListOptions {
  readonly sort?: readonly string[] | undefined;
  readonly limit?: number | undefined;
  readonly marker?: string | undefined;
}

/** A complex query; `filter` and `orderby` are JSON texts. */
export interface AlarmComplexQuery {
  readonly filter?: string | undefined;
  readonly orderby?: string | undefined;
  readonly limit?: number | undefined;
}

/** Tells why nothing may be posted to a URL, in words for who asked for it; undefined when it may. */
type TargetRefusal = (url: string) => string | undefined;

const notEvaluated = 'Not evaluated yet';
const setByHand = 'Manually set via API';

export interface AlarmServiceParts {
  readonly store: AlarmStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: Pick<Ids, 'commandId'>;
  readonly targetRefusal: TargetRefusal;
}

export class AlarmService {
  readonly #parts: AlarmServiceParts;

  constructor(parts: AlarmServiceParts) {
    this.#parts = parts;
  }

  /** @throws AlarmInvalid, AlarmForbidden */
  async create(caller: AlarmCaller, request: AlarmRequest): Promise<Alarm> {
    const { store, clock, ids } = this.#parts;
    const projectId = request.projectId ?? caller.projectId;
    if (projectId === undefined) {
      throw new AlarmInvalid('/project_id', 'the token belongs to no project: name the project of the alarm');
    }
    const userId = request.userId ?? caller.userId;
    if (!caller.isAdmin && (projectId !== caller.projectId || userId !== caller.userId)) {
      throw new AlarmForbidden('only an admin may create an alarm for another project or user');
    }
    const now = clock.now();
    const alarm: Alarm = {
      ...this.#rulesOf(request),
      alarmId: ids.commandId(),
      projectId,
      userId,
      stateReason: notEvaluated,
      stateTimestamp: now,
      createdAt: now,
      updatedAt: now,
    };
    await store.create(alarm);
    return alarm;
  }

  /** @throws AlarmNotFound */
  async get(caller: AlarmCaller, alarmId: string): Promise<Alarm> {
    const alarm = await this.#parts.store.get(alarmId);
    if (alarm === undefined || (!caller.isAdmin && alarm.projectId !== caller.projectId)) {
      throw new AlarmNotFound(`alarm ${alarmId} not found`);
    }
    return alarm;
  }

  /**
   * Replaces an alarm. As in Aodh everything that the request leaves out goes back to its default, the state too.
   * @throws AlarmNotFound, AlarmInvalid, AlarmForbidden
   */
  async update(caller: AlarmCaller, alarmId: string, request: AlarmRequest): Promise<Alarm> {
    const before = await this.get(caller, alarmId);
    const projectId = request.projectId ?? before.projectId;
    if (!caller.isAdmin && projectId !== before.projectId) {
      throw new AlarmForbidden('only an admin may give an alarm to another project');
    }
    const rules = this.#rulesOf(request);
    const now = this.#parts.clock.now();
    return this.#replace({
      ...before,
      ...rules,
      projectId,
      userId: caller.isAdmin ? (request.userId ?? before.userId) : before.userId,
      updatedAt: now,
      ...(rules.state === before.state ? {} : { stateReason: setByHand, stateTimestamp: now }),
    });
  }

  /** @throws AlarmNotFound */
  async delete(caller: AlarmCaller, alarmId: string): Promise<void> {
    await this.get(caller, alarmId);
    await this.#parts.store.delete(alarmId);
  }

  /** Sets the state by hand; "ok" makes an alarm that fires once ready to fire again. @throws AlarmNotFound */
  async setState(caller: AlarmCaller, alarmId: string, state: AlarmState): Promise<Alarm> {
    const before = await this.get(caller, alarmId);
    return this.#replace({
      ...before,
      state,
      stateReason: setByHand,
      stateTimestamp: this.#parts.clock.now(),
    });
  }

  /**
   * The caller's project's alarms, or with `all_projects` those of all (admins), or with `project_id` those of one.
   * @throws AlarmSearchInvalid, AlarmForbidden
   */
  async list(
    caller: AlarmCaller,
    filters: readonly AlarmListFilter[] = [],
    options: AlarmListOptions = {},
  ): Promise<readonly Alarm[]> {
    for (const { field, op } of filters) {
      if (op !== '' && op !== 'eq') {
        throw new AlarmSearchInvalid(`q.op of ${field} is "${op}"; lists know "eq" only`);
      }
      if (filters.filter((other) => other.field === field).length > 1) {
        throw new AlarmSearchInvalid(`q.field ${field} is given more than once`);
      }
    }
    const projectId = this.#projectToList(caller, filters);
    const tests = filters
      .filter(({ field }) => field !== 'all_projects')
      .map(({ field, value }) => compareField(field, '=', value));
    const page = { order: (options.sort ?? []).map(parseSort), ...pageLimits(options) };
    const alarms = await this.#parts.store.list(projectId);
    return pageOf(
      alarms.filter((alarm) => tests.every((test) => test(alarm))),
      page,
    );
  }

  /** A complex query over what the caller may see. @throws AlarmSearchInvalid */
  async query(caller: AlarmCaller, query: AlarmComplexQuery): Promise<readonly Alarm[]> {
    const test = query.filter === undefined ? () => true : parseAlarmFilter(query.filter);
    const order = query.orderby === undefined ? [] : parseAlarmOrder(query.orderby);
    const page = { order, ...pageLimits(query) };
    if (!caller.isAdmin && caller.projectId === undefined) return [];
    const alarms = await this.#parts.store.list(caller.isAdmin ? undefined : caller.projectId);
    return pageOf(alarms.filter(test), page);
  }

  #projectToList(caller: AlarmCaller, filters: readonly AlarmListFilter[]): string | undefined {
    const allProjects = filters.find(({ field }) => field === 'all_projects')?.value.toLowerCase();
    if (allProjects !== undefined && !['true', 'false', '1', '0'].includes(allProjects)) {
      throw new AlarmSearchInvalid('q.value of all_projects must be true or false');
    }
    if (allProjects === 'true' || allProjects === '1') {
      if (!caller.isAdmin) throw new AlarmForbidden('only an admin may list the alarms of all projects');
      return undefined;
    }
    const named = filters.find(({ field }) => field === 'project_id' || field === 'project')?.value;
    if (named !== undefined && named !== caller.projectId && !caller.isAdmin) {
      throw new AlarmForbidden('only an admin may list the alarms of another project');
    }
    // A caller without a project owns nothing; an admin without one can only mean all.
    return named ?? caller.projectId ?? (caller.isAdmin ? undefined : '');
  }

  async #replace(alarm: Alarm): Promise<Alarm> {
    if (!(await this.#parts.store.update(alarm))) {
      throw new AlarmNotFound(`alarm ${alarm.alarmId} not found`);
    }
    return alarm;
  }

  /** What a request says of the alarm itself, checked and with defaults. @throws AlarmInvalid */
  #rulesOf(request: AlarmRequest) {
    if (request.type !== 'event') {
      throw new AlarmInvalid(
        '/type',
        `alarms of type "${request.type}" are not evaluated here: only "event" is; use Aodh for the others`,
      );
    }
    const query = request.query ?? [];
    query.forEach((condition, index) => {
      const problem = conditionProblem(condition);
      if (problem !== undefined) throw new AlarmInvalid(`/event_rule/query/${index}`, problem);
    });
    const eventType = request.eventType ?? '*';
    return {
      name: request.name,
      description: request.description ?? `Alarm when ${eventType} event occurred.`,
      enabled: request.enabled ?? true,
      severity: request.severity ?? 'low',
      repeatActions: request.repeatActions ?? false,
      eventType,
      query,
      alarmActions: this.#checkedTargets('alarm_actions', request.alarmActions),
      okActions: this.#checkedTargets('ok_actions', request.okActions),
      insufficientDataActions: this.#checkedTargets(
        'insufficient_data_actions',
        request.insufficientDataActions,
      ),
      timeConstraints: request.timeConstraints ?? [],
      state: request.state ?? 'insufficient data',
    } as const;
  }

  #checkedTargets(field: string, targets: readonly string[] = []): readonly string[] {
    targets.forEach((target, index) => {
      const refusal = this.#parts.targetRefusal(target);
      if (refusal !== undefined) throw new AlarmInvalid(`/${field}/${index}`, refusal);
    });
    return [...new Set(targets)];
  }
}

function parseSort(text: string): AlarmOrder {
  const [field = '', direction = 'asc'] = text.split(':');
  if (direction !== 'asc' && direction !== 'desc') {
    throw new AlarmSearchInvalid(`sort "${text}" must be a field, or a field with ":asc" or ":desc"`);
  }
  return { field: alarmField(field), descending: direction === 'desc' };
}

function pageLimits(options: AlarmListOptions): Omit<AlarmPage, 'order'> {
  if (options.limit !== undefined && !(Number.isInteger(options.limit) && options.limit > 0)) {
    throw new AlarmSearchInvalid('limit must be a whole number above 0');
  }
  return {
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...(options.marker === undefined ? {} : { marker: options.marker }),
  };
}
