/** Hosts that are not as in the textbook, over HTTP. */
import { describe, expect } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { dataOf } from '../../../src/sdk/index.ts';
import { situation } from '../../support/situation.ts';
import { questionsTo } from '../../support/stage-notices.ts';
import { expectAllWell, instanceNames } from '../../support/stage-outcome.ts';
import { movesOf } from '../../support/stage-records.ts';
import {
  allHostsEnabled,
  endOf,
  eventually,
  expectDone,
  failureOf,
  openSession,
  playToDone,
  startTestStage,
  type TestStage,
} from '../../support/stage.ts';

const roomy = doctorScenario({ empty: 2 });

const post = (stage: TestStage, hosts: readonly string[]) =>
  stage.admin.POST('/v1/maintenance', {
    body: {
      state: 'MAINTENANCE',
      workflow: 'default',
      maintenance_at: new Date(Date.now() + 600_000).toISOString(),
      metadata: {},
      hosts: [...hosts],
    },
  });

describe.concurrent('over the lab', () => {
  situation(
    'two services on one host',
    'A host with nova-conductor and nova-compute is one host of the session, a compute, maintained once.',
    async ({ onTestFinished }) => {
      const stage = await startTestStage(onTestFinished, { lab: { ...roomy, controllers: ['compute-1'] } });
      const before = instanceNames(stage);
      const detail = await playToDone(stage.admin);
      await expectAllWell(stage, before, detail);
      const rows = detail.hosts.filter(({ hostname }) => hostname === 'compute-1');
      expect(rows).toMatchObject([{ type: 'compute', maintained: true }]);
    },
  );

  situation(
    'hosts without instances',
    'They are closed, maintained and opened one after the other; nobody is asked anything.',
    async ({ onTestFinished }) => {
      const stage = await startTestStage(onTestFinished, {
        lab: { ...doctorScenario(), instances: [] },
      });
      const detail = await playToDone(stage.admin);
      expect(detail.hosts.every(({ maintained }) => maintained)).toBe(true);
      expect(detail.projects).toEqual([]);
      expect(questionsTo(stage)).toEqual([]);
      await allHostsEnabled(stage);
    },
  );

  situation(
    'a host that is named twice, or not known',
    'The request is refused with 422, and the answer names the host.',
    async ({ onTestFinished }) => {
      const stage = await startTestStage(onTestFinished, { lab: roomy });
      const twice = await post(stage, ['compute-1', 'compute-2', 'compute-1']);
      expect(twice.response.status).toBe(422);
      const unknown = await post(stage, ['compute-1', 'compute-77']);
      expect(unknown.response.status).toBe(422);
      expect(unknown.error).toMatchObject({ code: 'unknown_host' });
      expect(JSON.stringify(unknown.error)).toContain('compute-77');
      expect(dataOf(await stage.admin.GET('/v1/maintenance')).sessions).toEqual([]);
    },
  );

  situation(
    'a host that is in another running session, over HTTP',
    'The request is refused with 409, and the answer names the host.',
    async ({ onTestFinished }) => {
      const stage = await startTestStage(onTestFinished, { lab: roomy });
      await openSession(stage.admin, { hosts: ['compute-1', 'compute-2'], inSeconds: 600 });
      const refused = await post(stage, ['compute-2', 'compute-3']);
      expect(refused.response.status).toBe(409);
      expect(refused.error).toMatchObject({ code: 'host_in_session' });
      expect(JSON.stringify(refused.error)).toContain('compute-2');
    },
  );

  situation(
    'a compute that was disabled by hand, over HTTP',
    'It is maintained, and still disabled afterwards for the reason that was given.',
    async ({ onTestFinished }) => {
      const stage = await startTestStage(onTestFinished, { lab: doctorScenario({ empty: 4 }) });
      const service = stage.lab.cloud.hosts.find(({ name }) => name === 'compute-2')!.service;
      const answer = await fetch(`${stage.lab.computeUrl}/os-services/${service.uuid}`, {
        method: 'PUT',
        headers: {
          'X-Auth-Token': stage.lab.token('admin'),
          'Content-Type': 'application/json',
          'OpenStack-API-Version': 'compute 2.53',
        },
        body: JSON.stringify({ status: 'disabled', disabled_reason: 'a bad disk' }),
      });
      expect(answer.status).toBe(200);
      const detail = await playToDone(stage.admin);
      expect(detail.hosts.every(({ maintained }) => maintained)).toBe(true);
      await eventually(() =>
        expect(stage.lab.hosts().filter(({ status }) => status === 'disabled')).toMatchObject([
          { name: 'compute-2', disabledReason: 'a bad disk' },
        ]),
      );
      expect(movesOf(stage.lab).filter(({ to }) => to === 'compute-2')).toEqual([]);
    },
  );

  situation(
    'a host with instances that dies, over HTTP',
    'The session does the others, then fails and names host and instances; continued once the host is back, it ends well.',
    async ({ onTestFinished }) => {
      const stage = await startTestStage(onTestFinished, { lab: roomy });
      const before = instanceNames(stage);
      const [busy] = stage.lab.hosts().filter(({ servers }) => servers.length > 0);
      const fault = stage.lab.setFault({ kind: 'host_down', host: busy!.name });
      const sessionId = await openSession(stage.admin);
      const { reason } = await failureOf(stage.admin, sessionId);
      expect(reason).toContain(`host ${busy!.name} is down and carries ${busy!.servers[0]!.name}`);
      fault.clear();
      const params = { path: { session_id: sessionId } };
      dataOf(await stage.admin.PUT('/v1/maintenance/{session_id}', { params, body: {} }));
      await expectAllWell(stage, before, expectDone(await endOf(stage.admin, sessionId)));
    },
  );
});
