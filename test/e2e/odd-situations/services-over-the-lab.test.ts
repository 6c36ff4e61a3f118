/** Services and tokens of the cloud that fail for a while, over HTTP. */
import { describe, expect } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { dataOf } from '../../../src/sdk/index.ts';
import { situation } from '../../support/situation.ts';
import { expectEachNoticeOnce } from '../../support/stage-notices.ts';
import { expectAllWell, instanceNames } from '../../support/stage-outcome.ts';
import { acceptedCalls, movesOf } from '../../support/stage-records.ts';
import {
  endOf,
  expectDone,
  failureOf,
  openSession,
  playToDone,
  startTestStage,
} from '../../support/stage.ts';

describe.concurrent('over the lab', () => {
  situation(
    'Nova answers 503 for a while',
    'Each call is tried again with growing pauses, which stand in the detail, and the session ends as if nothing had been.',
    async ({ onTestFinished }) => {
      const stage = await startTestStage(onTestFinished);
      const before = instanceNames(stage);
      const end = stage.lab.onChange(({ type }) => {
        if (type !== 'server.moved') return;
        end();
        stage.lab.setFault({ kind: 'unavailable', service: 'nova', times: 12 });
      });
      const detail = await playToDone(stage.admin);
      await expectAllWell(stage, before, detail);
      await expectEachNoticeOnce(stage);
      expect(detail.retries.length).toBeGreaterThan(0);
      expect(detail.retries[0]).toMatchObject({ pause_seconds: 0.5 });
      expect(detail.retries[0]?.error).toContain('503');
      expect(acceptedCalls(stage.lab, 'migrate')).toBe(movesOf(stage.lab).length);
    },
  );

  situation(
    'Keystone is down for a while, and every token is refused',
    'The server gets itself a new token as soon as Keystone answers, and the session goes on.',
    async ({ onTestFinished }) => {
      const stage = await startTestStage(onTestFinished);
      const before = instanceNames(stage);
      const end = stage.lab.onChange(({ type }) => {
        if (type !== 'server.moved') return;
        end();
        stage.lab.revokeTokens();
        stage.lab.setFault({ kind: 'unavailable', service: 'keystone', times: 8 });
      });
      await expectAllWell(stage, before, await playToDone(stage.admin));
      await expectEachNoticeOnce(stage);
    },
  );

  situation(
    'tokens that live shorter than the session',
    'They are renewed in time, or when they are refused; nobody notices.',
    async ({ onTestFinished }) => {
      const stage = await startTestStage(onTestFinished, {
        lab: { ...doctorScenario(), tokens: { lifetime_seconds: 2 } },
      });
      const before = instanceNames(stage);
      await expectAllWell(stage, before, await playToDone(stage.admin));
      await expectEachNoticeOnce(stage);
      expect(acceptedCalls(stage.lab, 'identity.authenticate')).toBeGreaterThan(3);
    },
  );

  situation(
    'tokens that are revoked in the middle of a session, again and again',
    'A call that is refused with 401 is made once more with a new token.',
    async ({ onTestFinished }) => {
      const stage = await startTestStage(onTestFinished);
      const before = instanceNames(stage);
      stage.lab.onChange(({ type }) => {
        if (type === 'server.moved' || type === 'host.closed' || type === 'host.opened')
          stage.lab.revokeTokens();
      });
      await expectAllWell(stage, before, await playToDone(stage.admin));
      await expectEachNoticeOnce(stage);
    },
  );

  situation(
    'Nova stays away for longer than cloud_patience_seconds',
    'The session fails and says what Nova answered; when Nova is back and an admin continues it, it ends well.',
    async ({ onTestFinished }) => {
      const stage = await startTestStage(onTestFinished, {
        server: { FENIX_WORKFLOW_CLOUD_PATIENCE_SECONDS: '1' },
      });
      const before = instanceNames(stage);
      // Only the server is meant: it alone closes hosts.
      const fault = stage.lab.setFault({ kind: 'unavailable', call: 'os-services.update' });
      const sessionId = await openSession(stage.admin);
      const { reason } = await failureOf(stage.admin, sessionId);
      expect(reason).toMatch(/^host compute-\d could not be closed: .*503/);
      fault.clear();
      const params = { path: { session_id: sessionId } };
      dataOf(await stage.admin.PUT('/v1/maintenance/{session_id}', { params, body: {} }));
      await expectAllWell(stage, before, expectDone(await endOf(stage.admin, sessionId)));
    },
  );
});
