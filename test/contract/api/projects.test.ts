import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-under-test.ts';
import { movedInstanceId, otherProjectId, sampleProjectId, sampleSessionId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

const projectPath = `/v1/maintenance/${sampleSessionId}/${sampleProjectId}`;
const instancePath = `${projectPath}/${movedInstanceId}`;
const planned = { state: 'ACK_PLANNED_MAINTENANCE', instance_actions: { [movedInstanceId]: 'MIGRATE' } };

describe('the instances of a project', () => {
  it('are those that the present state is about', async () => {
    const response = await api.as('member').get(projectPath);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ instance_ids: [movedInstanceId] });
  });

  it('are not found for a project that the session does not know', async () => {
    const response = await api.as('admin').get(`/v1/maintenance/${sampleSessionId}/${otherProjectId}`);
    expect(response.status).toBe(404);
    expect(response.body).toMatchObject({ code: 'project_not_in_session' });
  });
});

describe('a reply of a project', () => {
  it.each([
    [
      'of Doctor to MAINTENANCE',
      { session_id: sampleSessionId, state: 'ACK_MAINTENANCE', instance_ids: ['a'] },
    ],
    ['of Doctor to PLANNED_MAINTENANCE', { session_id: sampleSessionId, ...planned }],
    ["of Doctor's vnfm", { state: 'ACK_MAINTENANCE' }],
    ['that refuses', { state: 'NACK_PLANNED_MAINTENANCE' }],
    ['of Tacker to INSTANCE_ACTION_DONE', { state: 'ACK_INSTANCE_ACTION_DONE', session_id: sampleSessionId }],
  ])('%s is taken with 200, and returned as it was sent', async (_whose, body) => {
    const response = await api.as('member').put(projectPath).send(body);
    expect(response.status).toBe(200);
    expect(response.body).toEqual(body);
    expect(api.maintenance.replies).toHaveLength(1);
    expect(api.maintenance.replies[0]).toMatchObject({
      projectId: sampleProjectId,
      reply: { state: body.state },
    });
  });

  it('brings the actions to the engine', async () => {
    await api.as('member').put(projectPath).send(planned);
    expect(api.maintenance.replies).toEqual([
      {
        projectId: sampleProjectId,
        reply: { state: 'ACK_PLANNED_MAINTENANCE', instanceActions: { [movedInstanceId]: 'MIGRATE' } },
      },
    ]);
  });

  it('may be sent twice', async () => {
    expect((await api.as('member').put(projectPath).send(planned)).status).toBe(200);
    expect((await api.as('member').put(projectPath).send(planned)).status).toBe(200);
  });

  it('that leaves out an instance is refused, and names it', async () => {
    const response = await api.as('member').put(projectPath).send({ state: 'ACK_PLANNED_MAINTENANCE' });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'actions_missing', pointer: '/instance_actions' });
    expect((response.body as { message: string }).message).toContain(movedInstanceId);
    expect(api.maintenance.replies).toEqual([]);
  });

  it.each([
    ['no state', {}, '/state'],
    ['an unknown word', { state: 'ACK_NIGHT' }, '/state'],
    ['a state without ACK or NACK', { state: 'MAINTENANCE' }, '/state'],
    ['a state that nobody is asked for', { state: 'ACK_START_MAINTENANCE' }, '/state'],
    [
      'an unknown action',
      { ...planned, instance_actions: { [movedInstanceId]: 'EVICT' } },
      `/instance_actions/${movedInstanceId}`,
    ],
    ['actions that are a list', { ...planned, instance_actions: ['MIGRATE'] }, '/instance_actions'],
  ])('with %s is refused, and the place is named', async (_what, body, pointer) => {
    const response = await api.as('member').put(projectPath).send(body);
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'invalid_request', pointer });
    expect(api.maintenance.replies).toEqual([]);
  });

  it('of a project that the session does not know is not found', async () => {
    const path = `/v1/maintenance/${sampleSessionId}/${otherProjectId}`;
    const response = await api.as('stranger').put(path).send({ state: 'ACK_MAINTENANCE' });
    expect(response.status).toBe(404);
    expect(response.body).toMatchObject({ code: 'project_not_in_session' });
  });
});

describe('a reply for one instance', () => {
  it.each([
    ["of Doctor's vnfm", { instance_action: 'MIGRATE', state: 'ACK_PLANNED_MAINTENANCE' }],
    [
      'of Tacker',
      { instance_action: 'LIVE_MIGRATE', session_id: sampleSessionId, state: 'ACK_PLANNED_MAINTENANCE' },
    ],
  ])('%s is taken with 200, and returned as it was sent', async (_whose, body) => {
    const response = await api.as('member').put(instancePath).send(body);
    expect(response.status).toBe(200);
    expect(response.body).toEqual(body);
    expect(api.maintenance.replies).toEqual([
      {
        projectId: sampleProjectId,
        instanceId: movedInstanceId,
        reply: { state: 'ACK_PLANNED_MAINTENANCE', instanceAction: body.instance_action },
      },
    ]);
  });

  it('without an action is refused where the action is what was asked', async () => {
    const response = await api.as('member').put(instancePath).send({ state: 'ACK_PLANNED_MAINTENANCE' });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'actions_missing', pointer: '/instance_action' });
  });

  it('with an unknown action is refused, and the place is named', async () => {
    const body = { state: 'ACK_PLANNED_MAINTENANCE', instance_action: 'MIGRATION' };
    const response = await api.as('member').put(instancePath).send(body);
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'invalid_request', pointer: '/instance_action' });
  });

  it('that the project does not have is not found', async () => {
    const path = `${projectPath}/91c7d0aa-3d0a-4a8b-8f0c-77a1d9d8f3e5`;
    const response = await api.as('member').put(path).send({ state: 'ACK_PLANNED_MAINTENANCE' });
    expect(response.status).toBe(404);
    expect(response.body).toMatchObject({ code: 'instance_not_in_session' });
  });
});
