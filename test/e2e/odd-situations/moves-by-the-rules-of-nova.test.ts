/** Instances and moves by the rules of Nova. Played over HTTP, from the API of the server to that of the lab. */
import { describe, expect } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { dataOf } from '../../../src/sdk/index.ts';
import { situation } from '../../support/situation.ts';
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
  type AtEnd,
  type TestStage,
} from '../../support/stage.ts';

/** A quarter of the slots is free: nobody needs to scale in. */
const roomy = doctorScenario({ empty: 2 });

type Options = Parameters<typeof startTestStage>[1];
const start = (atEnd: AtEnd, options: Options = {}) => startTestStage(atEnd, { lab: roomy, ...options });

/** What the owner of the instances, or an admin, does to one of them. */
async function act(stage: TestStage, id: string, body: object, user = 'doctor'): Promise<void> {
  const answer = await fetch(`${stage.lab.computeUrl}/servers/${id}/action`, {
    method: 'POST',
    headers: { 'X-Auth-Token': stage.lab.token(user), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(`${Object.keys(body).join()}: ${answer.status}`).toBe(`${Object.keys(body).join()}: 202`);
}

const serverNamed = ({ lab }: TestStage, name: string) => lab.cloud.server(name)!;
const subjectOf = (stage: TestStage) => serverNamed(stage, 'doctor_nonha_app_0');

async function isIn(stage: TestStage, vmState: string): Promise<void> {
  await eventually(() => expect(subjectOf(stage)).toMatchObject({ vmState, taskState: null }));
}

/** Nobody is left with room on two hosts. */
function expectNothingHalfMoved({ lab }: TestStage): void {
  const half = lab.cloud.migrations.filter(({ status }) =>
    ['finished', 'running', 'migrating', 'confirming'].includes(status),
  );
  expect(half).toEqual([]);
}

describe.concurrent('over the lab', () => {
  situation(
    'locked instances',
    'A lock protects against the users of a project; an admin’s migration goes through, and they stay locked.',
    async ({ onTestFinished }) => {
      const stage = await start(onTestFinished);
      for (const { id } of stage.lab.servers()) await act(stage, id, { lock: null });
      await playToDone(stage.admin);
      expect([...stage.lab.cloud.servers.values()].every(({ locked }) => locked)).toBe(true);
      expectNothingHalfMoved(stage);
    },
  );

  situation(
    'stopped and paused instances among those that are to be moved live',
    'The stopped one is moved cold and stays stopped, the paused one live and stays paused.',
    async ({ onTestFinished }) => {
      const stage = await start(onTestFinished, { vnfm: { action: 'LIVE_MIGRATE' } });
      const paused = serverNamed(stage, 'doctor_nonha_app_1');
      await act(stage, subjectOf(stage).id, { 'os-stop': null });
      await act(stage, paused.id, { pause: null });
      await isIn(stage, 'stopped');
      await eventually(() => expect(paused.vmState).toBe('paused'));
      await playToDone(stage.admin);
      expect([subjectOf(stage).vmState, paused.vmState]).toEqual(['stopped', 'paused']);
      const how = (id: string) =>
        new Set(
          movesOf(stage.lab)
            .filter(({ serverId }) => serverId === id)
            .map((move) => move.how),
        );
      expect([...how(subjectOf(stage).id), ...how(paused.id)]).toEqual(['cold', 'live']);
    },
  );

  situation(
    'a live migration that Nova does not bring to its end',
    'It is broken off through Nova’s API; the instance runs on where it was, and the session fails with the reason.',
    async ({ onTestFinished }) => {
      const stage = await start(onTestFinished, {
        vnfm: { action: 'LIVE_MIGRATE' },
        server: { FENIX_WORKFLOW_LIVE_MIGRATION_SECONDS: '2' },
      });
      const { id } = subjectOf(stage);
      stage.lab.setFault({ kind: 'slow', operation: 'live_migrate', seconds: 3600, server: id });
      const { reason } = await failureOf(stage.admin, await openSession(stage.admin));
      expect(reason).toMatch(new RegExp(`doctor_nonha_app_0 \\(${id}\\) could not leave .* was broken off`));
      const [migration] = stage.lab.cloud.migrations.filter(({ serverId }) => serverId === id);
      expect(migration?.status).toBe('cancelled');
      expect(subjectOf(stage)).toMatchObject({ vmState: 'active', taskState: null, host: migration?.source });
      await allHostsEnabled(stage);
      expectNothingHalfMoved(stage);
    },
  );

  situation(
    'an instance whose owner resizes it and does not decide',
    'It is waited for, and then the session fails and names it: it is its owner who confirms or reverts.',
    async ({ onTestFinished }) => {
      const flavors = [
        ...(doctorScenario().flavors ?? []),
        { name: 'other', vcpus: 1, ram_mb: 512, disk_gb: 1 },
      ];
      const stage = await start(onTestFinished, {
        // A resize takes a slot on two hosts.
        lab: { ...doctorScenario({ empty: 5 }), flavors },
        server: { FENIX_WORKFLOW_MOVE_SECONDS: '3' },
      });
      await act(stage, subjectOf(stage).id, { resize: { flavorRef: stage.lab.flavors['other'] } });
      await isIn(stage, 'resized');
      const { reason } = await failureOf(stage.admin, await openSession(stage.admin));
      expect(reason).toMatch(/doctor_nonha_app_0 .*its owner has to confirm or revert the resize/);
      const calls = stage.lab
        .calls()
        .filter(({ name, path }) => name === 'confirmResize' && path.includes(subjectOf(stage).id));
      expect(calls).toEqual([]);
      expect(subjectOf(stage).vmState).toBe('resized');
    },
  );

  situation(
    'instances that are rebuilt in place by their owner while they are to be moved',
    'They are busy for a while: Nova is asked again until it takes the moves on.',
    async ({ onTestFinished }) => {
      const rebuilt: Promise<void>[] = [];
      const rebuildAll = () => {
        for (const { id, name } of stage.lab.servers()) {
          stage.lab.setFault({ kind: 'slow', operation: 'power', seconds: 5, server: name, times: 1 });
          rebuilt.push(act(stage, id, { rebuild: { imageRef: stage.lab.imageId } }));
        }
      };
      // The owner does it when the host's turn has come, and answers a moment later.
      const stage: TestStage = await start(onTestFinished, {
        vnfm: {
          delaySeconds: 0.3,
          onEvent: (event) => {
            const asked = event.kind === 'received' && /^(PREPARE|PLANNED)/.test(event.state);
            if (asked && rebuilt.length === 0) rebuildAll();
          },
        },
      });
      await playToDone(stage.admin);
      await Promise.all(rebuilt);
      const refused = stage.lab.calls().filter(({ name, status }) => name === 'migrate' && status === 409);
      expect(refused.length).toBeGreaterThan(0);
      expectNothingHalfMoved(stage);
    },
  );

  situation(
    'an instance that is shelved but still on its host, and a session that is continued once it was offloaded',
    'The session fails and says so; `PUT /v1/maintenance/{id}` goes on from there.',
    async ({ onTestFinished }) => {
      const stage = await start(onTestFinished);
      await act(stage, subjectOf(stage).id, { shelve: null });
      await isIn(stage, 'shelved');
      const sessionId = await openSession(stage.admin);
      const { reason } = await failureOf(stage.admin, sessionId);
      expect(reason).toMatch(/doctor_nonha_app_0 .* is shelved and still on the host: offload it/);
      await act(stage, subjectOf(stage).id, { shelveOffload: null });
      await isIn(stage, 'shelved_offloaded');
      dataOf(
        await stage.admin.PUT('/v1/maintenance/{session_id}', {
          params: { path: { session_id: sessionId } },
          body: {},
        }),
      );
      expectDone(await endOf(stage.admin, sessionId));
    },
  );

  situation(
    'a confirmation that fails on the host',
    'The instance is in ERROR on its new host: the session fails with the reason of Nova, and everything else is tidied up.',
    async ({ onTestFinished }) => {
      const stage = await start(onTestFinished);
      stage.lab.setFault({ kind: 'fail', operation: 'confirm', message: 'the old disk is in use', times: 1 });
      const { reason } = await failureOf(stage.admin, await openSession(stage.admin));
      expect(reason).toMatch(
        /left host .* by MIGRATE, and was not confirmed: .*the old disk is in use.*ERROR/,
      );
      await allHostsEnabled(stage);
      await eventually(() => expectNothingHalfMoved(stage));
    },
  );
});
