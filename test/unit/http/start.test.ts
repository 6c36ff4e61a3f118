/** A contract that is wrong, or does not fit the handlers, stops the start. */
import type * as FileSystem from 'node:fs/promises';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import type { Handlers } from '../../../src/http/handler.ts';
import { Policy } from '../../../src/policy/policy.ts';

const contractText = vi.hoisted(() => ({ change: (text: string) => text }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FileSystem>();
  return {
    ...real,
    readFile: async (path: string, encoding: 'utf8') =>
      contractText.change(await real.readFile(path, encoding)),
  };
});

afterEach(() => (contractText.change = (text) => text));

const operationIds = [
  'getVersions getVersion getHealth listSessions createSession getSession continueSession deleteSession',
  'getSessionDetail pauseSession resumeSession abortSession skipHost listInstanceConstraints',
  'listPlans createPlan getPlan deletePlan',
  'listInstanceGroupConstraints getProjectInstances replyForProject replyForInstance getInstanceConstraint',
  'putInstanceConstraint deleteInstanceConstraint getInstanceGroupConstraint putInstanceGroupConstraint',
  'deleteInstanceGroupConstraint listAlarms createAlarm getAlarm updateAlarm deleteAlarm getAlarmState',
  'setAlarmState queryAlarms',
].flatMap((line) => line.split(' '));

const start = (ids: readonly string[]) => {
  const handlers = Object.fromEntries(ids.map((id) => [id, () => Promise.reject(new Error('not called'))]));
  const options = { maxBodyBytes: 1000, validateResponses: false };
  const logger = pino({ level: 'silent' });
  return createApp(
    [{ contract: 'fenix', handlers: handlers as unknown as Handlers }],
    { mode: 'none' },
    new Policy(),
    logger,
    options,
  );
};

describe('the start', () => {
  it('succeeds with the contract and a handler for every operation', async () => {
    await expect(start(operationIds)).resolves.toBeDefined();
  });

  it('names an operation that has no handler', async () => {
    await expect(start(operationIds.filter((id) => id !== 'getSessionDetail'))).rejects.toThrow(
      /fenix\.yaml: get \/v1\/maintenance\/\{session_id\}\/detail has no handler .*getSessionDetail/,
    );
  });

  it('names a handler that has no operation', async () => {
    await expect(start([...operationIds, 'paintSession'])).rejects.toThrow(/no operation for paintSession/);
  });

  it('fails when the contract is no YAML', async () => {
    contractText.change = () => 'openapi: [3.1.0';
    await expect(start(operationIds)).rejects.toThrow(/flow/i);
  });

  it('fails when the contract is no OpenAPI document', async () => {
    // The validator prints what is wrong besides throwing it.
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    contractText.change = (text) =>
      text.replace('description: The versions.\n', 'descriptions: The versions.\n');
    await expect(start(operationIds)).rejects.toThrow();
    expect(JSON.stringify(printed.mock.calls)).toContain('description');
    printed.mockRestore();
  });

  it('fails when a reference leads nowhere', async () => {
    contractText.change = (text) =>
      text.replace('#/components/schemas/SessionList', '#/components/schemas/Nothing');
    await expect(start(operationIds)).rejects.toThrow(/Nothing/);
  });
});
