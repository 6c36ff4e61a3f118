import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Alarm } from '../../../src/domain/alarm.ts';
import { sampleAlarm } from '../../support/sample-alarm.ts';
import type { ErrorBody } from '../api/api-under-test.ts';
import { identities, publicUrl } from '../api/api-under-test.ts';
import type { AlarmApi } from './alarm-api-under-test.ts';
import { startAlarmApi } from './alarm-api-under-test.ts';
import recorded from './recordings/aodh-alarms.json' with { type: 'json' };

const member = identities.member;
const target = 'http://vnfm.example.net:12348/maintenance';
let api: AlarmApi;
beforeAll(async () => {
  api = await startAlarmApi();
});
beforeEach(async () => {
  for (const { alarmId } of await api.alarmStore.list()) await api.alarmStore.delete(alarmId);
});

type Wire = Record<string, unknown> & { alarm_id: string };
const create = async (body: object, who: 'admin' | 'member' | 'stranger' = 'member') =>
  api.as(who).post('/v2/alarms').send(body);
const created = async (body: object = {}, who: 'admin' | 'member' | 'stranger' = 'member') => {
  const answer = await create({ name: 'app', type: 'event', event_rule: {}, ...body }, who);
  expect(answer.status).toBe(201);
  return answer.body as Wire;
};
const names = (body: unknown) => (body as { name: string }[]).map(({ name }) => name);
const keep = (changes: Partial<Alarm>) =>
  api.alarmStore.create(sampleAlarm({ projectId: member.projectId!, ...changes }));
const error = (body: unknown) => body as ErrorBody;

describe('POST /v2/alarms', () => {
  it.each(['create', 'create_with_query'] as const)('answers like Aodh: %s', async (name) => {
    const { request, response } = recorded[name];
    const answer = await create(request.body);
    expect(answer.status).toBe(response.status);
    const body = answer.body as Wire;
    expect(answer.get('Location')?.replace(publicUrl, '')).toBe(`/v2/alarms/${body.alarm_id}`);
    const now = body.timestamp;
    expect(now).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
    expect(body).toEqual({
      ...response.body,
      // What is ours, and the clock's.
      alarm_id: body.alarm_id,
      project_id: member.projectId,
      user_id: member.userId,
      timestamp: now,
      state_timestamp: now,
      evaluate_timestamp: now,
    });
  });

  it('takes what Heat sends for OS::Aodh::EventAlarm, nulls and all', async () => {
    const body = await created({
      name: 'doctor-alarm-abcdef',
      description: null,
      enabled: true,
      alarm_actions: [target],
      ok_actions: [],
      insufficient_data_actions: [],
      repeat_actions: true,
      time_constraints: [],
      severity: 'low',
      event_rule: {
        event_type: 'maintenance.scheduled',
        query: [{ field: 'traits.state', op: null, type: 'string', value: 'SCALE_IN' }],
      },
    });
    expect(body).toMatchObject({
      description: 'Alarm when maintenance.scheduled event occurred.',
      event_rule: { query: [{ field: 'traits.state', op: 'eq', type: 'string', value: 'SCALE_IN' }] },
    });
  });

  it('gives the defaults of Aodh', async () => {
    expect(await created()).toMatchObject({
      enabled: true,
      severity: 'low',
      repeat_actions: false,
      state: 'insufficient data',
      event_rule: { event_type: '*', query: [] },
      description: 'Alarm when * event occurred.',
    });
  });

  it.each([
    ['another type', { type: 'composite' }, '/type', /composite/],
    [
      'a target that is refused',
      { alarm_actions: [target, 'http://169.254.169.254/'] },
      '/alarm_actions/1',
      /not allowed/,
    ],
    ['a target that is no URL', { ok_actions: ['x'] }, '/ok_actions/0', /not a URL/],
    [
      'a condition on nothing',
      { event_rule: { query: [{ field: 'state', value: 'x' }] } },
      '/event_rule/query/0',
      /traits\./,
    ],
    [
      'a value of another type',
      { event_rule: { query: [{ field: 'traits.percent_done', type: 'integer', value: 'x' }] } },
      '/event_rule/query/0',
      /integer/,
    ],
    ['an unknown severity', { severity: 'fatal' }, '/severity', /severity/],
    ['a name that is no text', { name: 5 }, '/name', /name/],
  ])('refuses %s', async (_name, changes, pointer, message) => {
    const answer = await create({ name: 'app', type: 'event', event_rule: {}, ...changes });
    expect(answer.status).toBe(422);
    expect(error(answer.body)).toMatchObject({ code: 'invalid_request', pointer });
    expect(error(answer.body).message).toMatch(message);
    expect(await api.alarmStore.list()).toEqual([]);
  });

  it('is for another project only when an admin asks', async () => {
    expect((await create({ name: 'a', type: 'event', project_id: 'other' })).status).toBe(403);
    expect((await create({ name: 'a', type: 'event', user_id: 'other' })).status).toBe(403);
    expect(await created({ project_id: member.projectId, user_id: 'u' }, 'admin')).toMatchObject({
      project_id: member.projectId,
      user_id: 'u',
    });
  });
});

describe('one alarm', () => {
  it('is shown and deleted by its project and by admins, and is nothing to others', async () => {
    const { alarm_id: id, ...rest } = await created();
    for (const who of ['member', 'admin'] as const) {
      const answer = await api.as(who).get(`/v2/alarms/${id}`);
      expect([answer.status, answer.body]).toEqual([200, { alarm_id: id, ...rest }]);
    }
    for (const [method, path] of [
      ['get', ''],
      ['delete', ''],
      ['get', '/state'],
    ] as const) {
      const answer = await api.as('stranger')[method](`/v2/alarms/${id}${path}`);
      expect([answer.status, error(answer.body).code]).toEqual([404, 'alarm_not_found']);
    }
    expect((await api.as('stranger').put(`/v2/alarms/${id}`).send({ name: 'x', type: 'event' })).status).toBe(
      404,
    );
    expect((await api.as('stranger').put(`/v2/alarms/${id}/state`).send('"ok"')).status).toBe(404);
    expect((await api.as('member').delete(`/v2/alarms/${id}`)).status).toBe(204);
    expect((await api.as('member').get(`/v2/alarms/${id}`)).status).toBe(404);
    expect((await api.as('member').delete(`/v2/alarms/${id}`)).status).toBe(404);
  });

  it('is updated as aodhclient does it: the whole alarm as it was shown, with a change', async () => {
    const before = await created({ repeat_actions: true, event_rule: { event_type: 'maintenance.*' } });
    const shown = (await api.as('member').get(`/v2/alarms/${before.alarm_id}`)).body as Wire;
    const answer = await api
      .as('member')
      .put(`/v2/alarms/${before.alarm_id}`)
      .send({ ...shown, enabled: false, alarm_actions: [target] });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...before, enabled: false, alarm_actions: [target] });
  });

  it('that is replaced goes back to the defaults in what is left out, its state too', async () => {
    await keep({ alarmId: 'a1', severity: 'critical', state: 'alarm', stateReason: 'it fired' });
    const answer = await api.as('member').put('/v2/alarms/a1').send({ name: 'b', type: 'event' });
    expect(answer.body).toMatchObject({
      name: 'b',
      severity: 'low',
      alarm_actions: [],
      state: 'insufficient data',
      state_reason: 'Manually set via API',
    });
  });

  it('keeps its state and reason when the replacement has that state', async () => {
    await keep({ alarmId: 'a1', state: 'alarm', stateReason: 'it fired' });
    const answer = await api
      .as('member')
      .put('/v2/alarms/a1')
      .send({ name: 'b', type: 'event', state: 'alarm' });
    expect(answer.body).toMatchObject({ state: 'alarm', state_reason: 'it fired' });
  });

  it('is not given to another project by its own, and is checked like a new one', async () => {
    const { alarm_id: id } = await created();
    const put = (body: object) =>
      api
        .as('member')
        .put(`/v2/alarms/${id}`)
        .send({ name: 'b', type: 'event', ...body });
    expect((await put({ project_id: 'other' })).status).toBe(403);
    expect((await put({ alarm_actions: ['http://169.254.169.254/'] })).status).toBe(422);
  });
});

describe('the state of an alarm', () => {
  it('is a JSON string, read and set', async () => {
    await keep({ alarmId: 'a1', state: 'alarm' });
    const read = await api.as('member').get('/v2/alarms/a1/state');
    expect([read.status, read.text]).toEqual([200, '"alarm"']);
    const set = await api
      .as('member')
      .put('/v2/alarms/a1/state')
      .set('Content-Type', 'application/json')
      .send('"ok"');
    expect([set.status, set.text]).toEqual([200, '"ok"']);
    expect(await api.alarmStore.get('a1')).toMatchObject({
      state: 'ok',
      stateReason: 'Manually set via API',
    });
  });

  it('is one of three', async () => {
    await keep({ alarmId: 'a1' });
    const answer = await api
      .as('member')
      .put('/v2/alarms/a1/state')
      .set('Content-Type', 'application/json')
      .send('"x"');
    expect([answer.status, error(answer.body).code]).toEqual([422, 'invalid_request']);
    expect((await api.as('member').put('/v2/alarms/nosuch/state').send('"ok"')).status).toBe(404);
    expect((await api.as('member').get('/v2/alarms/nosuch/state')).status).toBe(404);
  });
});

describe('GET /v2/alarms', () => {
  beforeEach(async () => {
    await keep({ alarmId: 'a1', name: 'one', severity: 'low', updatedAt: 1000 });
    await keep({ alarmId: 'a2', name: 'two', severity: 'critical', enabled: false, updatedAt: 2000 });
    await keep({ alarmId: 'a3', name: 'three', severity: 'moderate', state: 'alarm', updatedAt: 3000 });
    await keep({ alarmId: 'b1', name: 'admins', projectId: identities.admin.projectId! });
    await keep({ alarmId: 'c1', name: 'strangers', projectId: identities.stranger.projectId! });
  });
  const list = (query: string, who: 'admin' | 'member' = 'member') => api.as(who).get(`/v2/alarms${query}`);
  const project = member.projectId;

  it.each<[string, 'admin' | 'member', string[]]>([
    ['', 'member', ['three', 'two', 'one']],
    ['', 'admin', ['admins']],
    [
      '?q.field=all_projects&q.op=eq&q.value=true&sort=name',
      'admin',
      ['admins', 'one', 'strangers', 'three', 'two'],
    ],
    ['?q.field=all_projects&q.value=false', 'admin', ['admins']],
    [`?q.field=project_id&q.op=eq&q.value=${project}`, 'admin', ['three', 'two', 'one']],
    [`?q.field=project_id&q.value=${project}&q.field=enabled&q.value=false`, 'admin', ['two']],
    ['?q.field=name&q.op=eq&q.value=one', 'member', ['one']],
    ['?q.field=type&q.value=event&q.field=severity&q.value=low', 'member', ['one']],
    ['?q.field=type&q.value=composite', 'member', []],
    ['?q.field=enabled&q.op=eq&q.value=True', 'member', ['three', 'one']],
    ['?q.field=state&q.value=alarm', 'member', ['three']],
    ['?q.field=alarm_id&q.value=a2', 'member', ['two']],
    ['?sort=severity:desc', 'member', ['two', 'three', 'one']],
    ['?sort=enabled&sort=name:asc', 'member', ['two', 'one', 'three']],
    ['?limit=1', 'member', ['three']],
    ['?limit=1&marker=a3', 'member', ['two']],
  ])('%s as %s', async (query, who, expected) => {
    const answer = await list(query, who);
    expect([answer.status, names(answer.body)]).toEqual([200, expected]);
  });

  it.each([
    ['?q.field=colour&q.value=red', /colour/],
    ['?q.field=name&q.op=lt&q.value=x', /"lt"/],
    ['?q.field=name', /as many/],
    ['?q.field=name&q.value=a&q.op=eq&q.op=eq', /as many/],
    ['?q.field=name&q.value=a&q.field=name&q.value=b', /more than once/],
    ['?q.field=all_projects&q.value=perhaps', /true or false/],
    ['?q.field=enabled&q.value=perhaps', /true nor false/],
    ['?sort=name:up', /name:up/],
    ['?sort=colour', /colour/],
    ['?limit=0', /limit/],
    ['?marker=nosuch', /nosuch/],
  ])('refuses %s', async (query, message) => {
    const answer = await list(query);
    expect([answer.status, error(answer.body).code]).toEqual([400, 'invalid_query']);
    expect(error(answer.body).message).toMatch(message);
  });

  it.each([
    '?q.field=all_projects&q.value=true',
    '?q.field=project_id&q.value=other',
    '?q.field=project&q.value=other',
  ])('refuses a member %s', async (query) => {
    expect((await list(query)).status).toBe(403);
  });
});

describe('POST /v2/query/alarms', () => {
  beforeEach(async () => {
    await keep({ alarmId: 'a1', name: 'one', updatedAt: 1000 });
    await keep({ alarmId: 'a2', name: 'two', updatedAt: 2000, enabled: false });
    await keep({ alarmId: 'b1', name: 'admins', updatedAt: 3000, projectId: identities.admin.projectId! });
  });
  const query = (body: object, who: 'admin' | 'member' = 'member') =>
    api.as(who).post('/v2/query/alarms').send(body);

  it('finds by a filter among what the caller may see', async () => {
    const byName = { filter: JSON.stringify({ '=': { name: 'one' } }) };
    expect(names((await query(byName)).body)).toEqual(['one']);
    const all = { filter: JSON.stringify({ '!=': { name: 'nosuch' } }) };
    expect(names((await query(all)).body)).toEqual(['two', 'one']);
    expect(names((await query(all, 'admin')).body)).toEqual(['admins', 'two', 'one']);
    expect(names((await query({ orderby: '[{"name": "asc"}]', limit: 2 }, 'admin')).body)).toEqual([
      'admins',
      'one',
    ]);
    const others = { filter: JSON.stringify({ '=': { project_id: identities.admin.projectId } }) };
    expect(names((await query(others)).body)).toEqual([]);
  });

  it.each([{ filter: '{' }, { filter: '{"=": {"colour": "red"}}' }, { orderby: '{}' }, { limit: 0 }])(
    'refuses %j',
    async (body) => {
      const answer = await query(body);
      expect([answer.status, error(answer.body).code]).toEqual([422, 'invalid_request']);
    },
  );
});
