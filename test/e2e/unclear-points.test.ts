/**
 * The points that Fenix's documents leave open, by the numbers of section 8.3 of the facts, and what was chosen. Through
 * HTTP over the lab where a client sees it, in virtual time where minutes are involved.
 */
import { describe, expect, it, type TestContext } from 'vitest';
import { osloMessage } from '../../src/adapters/rabbitmq/oslo-message.ts';
import { doctorScenario } from '../support/engine-bench.ts';
import { EngineBench, obliging } from '../support/engine-bench.ts';
import { startServerOnLab, type ServerOnLab } from '../support/server-on-lab.ts';
import { endOf, eventually, freePort, openSession, startTestStage } from '../support/stage.ts';
import { questionsTo, repliesOf } from '../support/stage-notices.ts';
import { call, jsonOf, type Answer } from '../support/strangers/call.ts';
import { sampleManager, startDoctorManager } from '../support/strangers/doctor-app-manager.ts';
import { jsonHeaders, tokenOf } from '../support/strangers/keystone.ts';

type AtEnd = TestContext['onTestFinished'];

/** An admin at the API of a server on the lab. */
async function admin(atEnd: AtEnd, stage?: ServerOnLab) {
  const { lab, url } = stage ?? (await startServerOnLab(atEnd));
  const token = await tokenOf(lab, 'admin', 'admin');
  const send = (method: string, path: string, body?: unknown): Promise<Answer> =>
    call({
      method,
      url: `${url}${path}`,
      headers: { ...jsonHeaders, 'X-Auth-Token': token },
      ...(body !== undefined && { data: JSON.stringify(body) }),
    });
  const open = (change: object = {}) =>
    send('POST', '/v1/maintenance', { ...sessionBody, maintenance_at: inSeconds(3600), ...change });
  const opened = async (change: object = {}) =>
    (jsonOf(await open(change)) as { session_id: string }).session_id;
  const state = async (id: string) =>
    (jsonOf(await send('GET', `/v1/maintenance/${id}`)) as { state: string }).state;
  const detail = async (id: string) =>
    jsonOf(await send('GET', `/v1/maintenance/${id}/detail`)) as {
      failure_reason: string;
      hosts: { hostname: string; type: string }[];
    };
  return { lab, url, send, open, opened, state, detail };
}

const sessionBody = { state: 'MAINTENANCE', workflow: 'default', metadata: {}, hosts: [] };
const unknownSession = '7b1f0c52-4d2e-11ee-9c5a-0242ac120003';
const project = '5f0c2d7b9e1a4c66b0d3f4a18e27c9ab';

function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** A session of the engine in virtual time, over Doctor's cloud. */
async function bench(...options: ConstructorParameters<typeof EngineBench>): Promise<EngineBench> {
  const made = new EngineBench(...options);
  doctorScenario(made);
  await made.engine.start();
  return made;
}

describe.concurrent('8.3', () => {
  it('#1 the list has its ids under both keys', async ({ onTestFinished }) => {
    const { send, opened } = await admin(onTestFinished);
    const id = await opened();
    expect(jsonOf(await send('GET', '/v1/maintenance'))).toMatchObject({ sessions: [id], session_id: [id] });
  });

  it('#2 replies may have fields that nobody knows', async ({ onTestFinished }) => {
    const stage = await startServerOnLab(onTestFinished);
    const manager = await startDoctorManager(onTestFinished, stage, {
      renewsToken: false,
      handle: async (payload, hands) => ({
        ...(await sampleManager(8)(payload, hands)),
        surprise: { nested: [1, null] },
      }),
    });
    const { opened } = await admin(onTestFinished, stage);
    await opened();
    await eventually(() => expect(manager.replies.map(({ answer }) => answer.status)).toEqual([200]));
    expect(jsonOf(manager.replies[0]!.answer)).toMatchObject({ surprise: { nested: [1, null] } });
  });

  it('#3 an unknown session is 404 with its text, a malformed id 422', async ({ onTestFinished }) => {
    const { send } = await admin(onTestFinished);
    for (const [method, path] of [
      ['GET', `/v1/maintenance/${unknownSession}`],
      ['GET', `/v1/maintenance/${unknownSession}/${project}`],
      ['PUT', `/v1/maintenance/${unknownSession}/${project}`],
    ] as const) {
      const body = { state: 'ACK_MAINTENANCE' };
      const answer = await send(method, path, method === 'PUT' ? body : undefined);
      expect(answer.status).toBe(404);
      expect(jsonOf(answer)).toMatchObject({ error: 'Invalid session' });
      const malformed = await send(method, path.replace(unknownSession, 'a_b'), body);
      expect(malformed.status).toBe(422);
    }
  });

  it('#4 every known state opens a session, which begins in MAINTENANCE; others are 422', async ({
    onTestFinished,
  }) => {
    const { open, opened, state } = await admin(onTestFinished);
    expect(await state(await opened({ state: 'PLANNED_MAINTENANCE' }))).toBe('MAINTENANCE');
    expect((await open({ state: 'DOWN_SCALE' })).status).toBe(422);
  });

  it('#5 a missing workflow is `default`, an unknown one 422', async ({ onTestFinished }) => {
    const { send, open, opened } = await admin(onTestFinished);
    const id = await opened({ workflow: undefined });
    expect(jsonOf(await send('GET', `/v1/maintenance/${id}/detail`))).toMatchObject({
      session: { workflow: 'default' },
    });
    const refused = await open({ workflow: 'k8s' });
    expect(refused.status).toBe(422);
    expect(jsonOf(refused)).toMatchObject({ code: 'unknown_workflow', pointer: '/workflow' });
  });

  it('#6 a start in the past begins at once within the reply window, and fails beyond it', async () => {
    const soon = await bench();
    const now = soon.clock.now();
    const begun = await soon.finish(await soon.open({ maintenanceAt: now - 39_000 }));
    expect(begun.state).toBe('MAINTENANCE_DONE');
    const late = await bench();
    const failed = await late.finish(await late.open({ maintenanceAt: now - 41_000 }));
    expect(failed.state).toBe('MAINTENANCE_FAILED');
    expect(failed.failure).toContain('maintenance_at lies 41 s before the creation of the session');
    expect(late.notices).toEqual([]);
  });

  it('#7 a project without an alarm fails the session, or is moved unasked where that is set', async () => {
    const strict = await bench();
    strict.unsubscribed = ['project-1'];
    expect((await strict.finish(await strict.open())).failure).toContain(
      'no alarm for maintenance.scheduled',
    );
    const lenient = new EngineBench({ unsubscribedProjects: 'MIGRATE' });
    doctorScenario(lenient);
    lenient.cloud.addHost('compute-5', 2);
    lenient.unsubscribed = ['project-1'];
    await lenient.engine.start();
    expect((await lenient.finish(await lenient.open())).state).toBe('MAINTENANCE_DONE');
    expect(lenient.notices).toEqual([]);
  });

  it('#8 a silent project is told three times in all, SCALE_IN once, and then the session fails', async () => {
    for (const [state, sends] of [
      ['PREPARE_MAINTENANCE', 3],
      ['SCALE_IN', 1],
    ] as const) {
      const made = await bench();
      made.manager = (notice, self) => (notice.state === state ? undefined : obliging(notice, self));
      expect((await made.finish(await made.open())).failure).toContain(`did not reply to ${state}`);
      expect(made.notices.filter((notice) => notice.state === state)).toHaveLength(sends);
    }
  });

  it('#9 a NACK fails the session at once', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished, { vnfm: { refuse: 'MAINTENANCE' } });
    const detail = await endOf(stage.admin, await openSession(stage.admin));
    expect(detail.state).toBe('MAINTENANCE_FAILED');
    expect(questionsTo(stage)).toEqual(['MAINTENANCE']);
  });

  it('#10 a PUT continues a failed session, and is 409 while one runs', async ({ onTestFinished }) => {
    const { send, opened, state, detail } = await admin(onTestFinished);
    // Nobody listens for the project: it fails at once.
    const failed = await opened();
    await eventually(async () => expect(await state(failed)).toBe('MAINTENANCE_FAILED'));
    const continued = await send('PUT', `/v1/maintenance/${failed}`, {});
    expect(continued.status).toBe(200);
    expect(jsonOf(continued)).toMatchObject({ session_id: failed, state: 'MAINTENANCE' });
    // It fails again for the same reason: the project still does not listen.
    await eventually(async () => expect(await state(failed)).toBe('MAINTENANCE_FAILED'));
    expect((await detail(failed)).failure_reason).toContain('no alarm');
    expect((await send('PUT', `/v1/maintenance/${failed}`, { state: 'MAINTENANCE_DONE' })).status).toBe(422);
  });

  it('#10 a PUT is refused while the session runs', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished);
    const id = await openSession(stage.admin, { inSeconds: 3600 });
    const { send } = await admin(onTestFinished, { lab: stage.lab, url: stage.server.url });
    const refused = await send('PUT', `/v1/maintenance/${id}`, { state: 'PLANNED_MAINTENANCE' });
    expect(refused.status).toBe(409);
    expect(jsonOf(refused)).toMatchObject({ code: 'session_not_failed' });
  });

  it('#11 DELETE of a running session is 200 with {}, and opens the hosts that it closed', async ({
    onTestFinished,
  }) => {
    const stage = await startTestStage(onTestFinished);
    const id = await openSession(stage.admin);
    const { lab } = stage;
    await eventually(() =>
      expect(lab.hosts().filter(({ status }) => status === 'disabled').length).toBeGreaterThan(0),
    );
    const { send } = await admin(onTestFinished, { lab, url: stage.server.url });
    const removed = await send('DELETE', `/v1/maintenance/${id}`);
    expect([removed.status, jsonOf(removed)]).toEqual([200, {}]);
    await eventually(() => expect(lab.hosts().filter(({ status }) => status === 'disabled')).toEqual([]));
  });

  it('#12 late and repeated replies are 200 and count for nothing; unknown words are 422', async ({
    onTestFinished,
  }) => {
    const stage = await startTestStage(onTestFinished);
    const id = await openSession(stage.admin, { inSeconds: 3600 });
    await eventually(() => expect(repliesOf(stage)).toEqual(['ACK_MAINTENANCE']));
    const { send } = await admin(onTestFinished, { lab: stage.lab, url: stage.server.url });
    const path = `/v1/maintenance/${id}/${stage.vnfm.projectId}`;
    for (const state of [
      'ACK_MAINTENANCE',
      'NACK_MAINTENANCE',
      'NACK_SCALE_IN',
      'ACK_INSTANCE_ACTION_DONE',
      'NACK_INSTANCE_ACTION_DONE',
    ]) {
      expect((await send('PUT', path, { state })).status).toBe(200);
    }
    expect((await send('PUT', path, { state: 'MAINTENANCE_COMPLETE_ACK' })).status).toBe(422);
    expect(jsonOf(await send('GET', `/v1/maintenance/${id}/detail`))).toMatchObject({
      failure_reason: null,
      projects: [{ state: 'ACK_MAINTENANCE' }],
    });
  });

  it('#14 numbers and flags may be text, with the comma of the sample of Tacker', async ({
    onTestFinished,
  }) => {
    const { send } = await admin(onTestFinished);
    const group = { project_id: project, recovery_time: '60,', resource_mitigation: 'True,' };
    const stored = await send('PUT', `/v1/instance_group/${unknownSession}`, group);
    expect([stored.status, jsonOf(stored)]).toMatchObject([
      200,
      { recovery_time: 60, resource_mitigation: true },
    ]);
    const wrong = await send('PUT', `/v1/instance_group/${unknownSession}`, {
      ...group,
      recovery_time: '60 seconds',
    });
    expect(wrong.status).toBe(422);
    expect(jsonOf(wrong)).toMatchObject({ pointer: '/recovery_time' });
  });

  it('#15 the message on the bus is bare, or in an envelope where that is set', () => {
    const notification = {
      messageId: unknownSession,
      eventType: 'maintenance.scheduled' as const,
      at: Date.UTC(2026, 10, 3, 2, 30),
      payload: { project_id: project },
    };
    const bare = JSON.parse(osloMessage(notification, '1.0', {}).toString()) as object;
    expect(bare).toMatchObject({ event_type: 'maintenance.scheduled', payload: { project_id: project } });
    const envelope = JSON.parse(osloMessage(notification, '2.0', {}).toString()) as Record<string, string>;
    expect(envelope['oslo.version']).toBe('2.0');
    expect(JSON.parse(envelope['oslo.message'] ?? '')).toEqual(bare);
  });

  it('#16 addresses in notifications come from the configuration, not from who asked', async ({
    onTestFinished,
  }) => {
    const publicUrl = 'http://maintenance.example.net:12347';
    const port = String(await freePort());
    const server = { FENIX_SERVER_PUBLIC_URL: publicUrl, FENIX_SERVER_PORT: port };
    const stage = {
      ...(await startServerOnLab(onTestFinished, { server })),
      url: `http://127.0.0.1:${port}`,
    };
    const manager = await startDoctorManager(onTestFinished, stage, {
      renewsToken: false,
      handle: () => Promise.resolve(undefined),
    });
    const { opened } = await admin(onTestFinished, stage);
    const id = await opened();
    await eventually(() => expect(manager.payloads).toHaveLength(1));
    const projectId = stage.lab.projects['doctor']?.id ?? '';
    expect(manager.payloads[0]).toMatchObject({
      reply_url: `${publicUrl}/v1/maintenance/${id}/${projectId}`,
      instance_ids: `${publicUrl}/v1/maintenance/${id}/${projectId}`,
    });
  });

  it('#17 hosts are computes or controllers, and only computes are closed', async ({ onTestFinished }) => {
    const stage = await startTestStage(onTestFinished);
    const detail = await endOf(stage.admin, await openSession(stage.admin));
    const types = new Map(detail.hosts.map(({ hostname, type }) => [hostname, type]));
    expect([types.get('controller-1'), types.get('compute-1')]).toEqual(['controller', 'compute']);
    const closed = stage.lab.changes().filter(({ type }) => type === 'host.closed');
    expect(closed.length).toBeGreaterThan(0);
    expect(JSON.stringify(closed)).not.toContain('controller-1');
  });

  it('#18 and #19 INSTANCE_ACTION_DONE has a list of one id, and no other word for it is ever sent', async ({
    onTestFinished,
  }) => {
    const stage = await startServerOnLab(onTestFinished);
    const manager = await startDoctorManager(onTestFinished, stage, {
      renewsToken: false,
      handle: sampleManager(stage.lab.servers().length),
    });
    const { opened, state } = await admin(onTestFinished, stage);
    const id = await opened({ maintenance_at: inSeconds(-1) });
    await eventually(async () => expect(await state(id)).toMatch(/DONE|FAILED/));
    expect(await state(id)).toBe('MAINTENANCE_DONE');
    const done = manager.payloads.filter((payload) => payload['state'] === 'INSTANCE_ACTION_DONE');
    expect(done.length).toBeGreaterThan(0);
    for (const { instance_ids: ids } of done) expect(ids).toEqual([expect.any(String)]);
    expect(manager.states.filter((word) => /FALLBACK|ACTION_FAILED/.test(word))).toEqual([]);
  });

  it('#20 the paths without /v1 are there only where nobody needs a token', async ({ onTestFinished }) => {
    const guarded = await admin(onTestFinished);
    const body = { ...sessionBody, maintenance_at: inSeconds(3600), hosts: ['compute-1'] };
    expect((await guarded.send('POST', '/maintenance', body)).status).toBe(404);
    const open = await startServerOnLab(onTestFinished, { server: { FENIX_AUTH_MODE: 'none' } });
    const { send } = await admin(onTestFinished, open);
    const created = await send('POST', '/maintenance', body);
    expect([created.status, jsonOf(created)]).toMatchObject([200, { state: 'ACK_MAINTENANCE' }]);
  });
});

describe('8.3 in the workflow `vnf`', () => {
  it('#13 a reply to the address of the project counts where one instance is asked about, or is named', async ({
    onTestFinished,
  }) => {
    const stage = await startServerOnLab(onTestFinished);
    const manager = await startDoctorManager(onTestFinished, stage, {
      renewsToken: true,
      handle: async (payload, hands) => {
        const [id] = Array.isArray(payload['instance_ids']) ? (payload['instance_ids'] as string[]) : [];
        const isAction = /^(PREPARE|PLANNED)/.test(String(payload['state']));
        if (!isAction) return sampleManager(8)(payload, hands);
        const { status } = await call({
          method: 'PUT',
          url: String(payload['reply_url']).replace(`/${id ?? ''}`, ''),
          headers: { ...jsonHeaders, 'X-Auth-Token': await hands.token() },
          data: JSON.stringify({
            state: `ACK_${String(payload['state'])}`,
            instance_actions: { [id ?? '']: 'MIGRATE' },
          }),
        });
        expect(status).toBe(200);
        return undefined;
      },
    });
    const { opened, state } = await admin(onTestFinished, stage);
    const id = await opened({ workflow: 'vnf', maintenance_at: inSeconds(-1) });
    await eventually(async () => expect(await state(id)).toMatch(/DONE|FAILED/));
    expect(manager.raised).toEqual([]);
    expect(await state(id)).toBe('MAINTENANCE_DONE');
  });
});
