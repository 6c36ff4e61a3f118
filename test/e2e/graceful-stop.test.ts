import { describe, expect, it } from 'vitest';
import { createServer, type AddressInfo } from 'node:net';
import { expectAllWell, instanceNames } from '../support/stage-outcome.ts';
import { openDatabase } from '../../db/connection.ts';
import {
  prepareServer,
  runProgram,
  startClients,
  startServerProcess,
  type Serverless,
} from '../support/stage-process.ts';
import { acceptedCalls, movesOf } from '../support/stage-records.ts';
import { endOf, eventually, expectDone, openSession } from '../support/stage.ts';

/** Who holds leases on sessions, as the database has it. */
async function leaseOwners({ variables }: Serverless): Promise<readonly unknown[]> {
  const database = await openDatabase(variables['FENIX_DATABASE_URL'] ?? '');
  try {
    return (await database.knex('sessions').whereNotNull('lease_owner').pluck('lease_owner')) as unknown[];
  } finally {
    await database.close();
  }
}

describe.concurrent('a server that is told to stop', () => {
  it('in mid-session ends with status 0, and goes on when it is started again', async ({
    onTestFinished,
  }) => {
    const prepared = await prepareServer(onTestFinished);
    const { lab } = prepared;
    const server = await startServerProcess(onTestFinished, prepared);
    const clients = await startClients(onTestFinished, prepared);
    const before = instanceNames(clients);
    const sessionId = await openSession(clients.admin);
    await eventually(() => expect(lab.cloud.migrations.length).toBeGreaterThan(0));
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual([0, null]);
    expect(server.stderr()).toBe('');
    await expect(fetch(`${prepared.url}/healthcheck`)).rejects.toThrow();

    // It gave back what it held: the next one does not wait for the end of a lease.
    expect(await leaseOwners(prepared)).toEqual([]);

    await startServerProcess(onTestFinished, prepared);
    await expectAllWell(clients, before, expectDone(await endOf(clients.admin, sessionId)));
    expect(acceptedCalls(lab, 'migrate')).toBe(movesOf(lab).length);
  });

  it('by Ctrl-C while nothing is going on ends at once', async ({ onTestFinished }) => {
    const prepared = await prepareServer(onTestFinished);
    const server = await startServerProcess(onTestFinished, prepared);
    // A client that keeps its connection open must not hold up the stop.
    expect((await fetch(`${prepared.url}/healthcheck`)).status).toBe(200);
    const asked = Date.now();
    server.child.kill('SIGINT');
    expect(await server.ended).toEqual([0, null]);
    expect(Date.now() - asked).toBeLessThan(3000);
  });
});

describe.concurrent('a start that cannot be', () => {
  it.for<[string, Readonly<Record<string, string>>, RegExp]>([
    ['an unknown option', { FENIX_WORKFLOW_SEND: '3' }, /FENIX_WORKFLOW_SEND: .*FENIX_WORKFLOW_SENDS/],
    [
      'a wrong value',
      { FENIX_SERVER_PORT: 'http' },
      /server\.port \(FENIX_SERVER_PORT\): "http" is not allowed/,
    ],
    [
      'options that contradict each other',
      { FENIX_AUTH_MODE: 'keystone' },
      /keystone\.auth_url.*FENIX_KEYSTONE_AUTH_URL/,
    ],
  ])(
    'by %s ends with status 1 and a message that names it',
    async ([, variables, message], { onTestFinished }) => {
      const server = runProgram(onTestFinished, 'src/main.ts', [], variables);
      expect(await server.ended).toEqual([1, null]);
      expect(server.stderr()).toMatch(message);
      // It is told to a person, without the inside of the program.
      expect(server.stderr()).not.toMatch(/\n\s+at /);
      expect(server.lines).toEqual([]);
    },
  );

  it('by a port that somebody else has ends with status 1 and a message that names it', async ({
    onTestFinished,
  }) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const server = runProgram(onTestFinished, 'src/main.ts', [], {
      FENIX_SERVER_PORT: String(port),
      FENIX_DATABASE_URL: 'sqlite::memory:',
    });
    expect(await server.ended).toEqual([1, null]);
    expect(server.stderr()).toContain(String(port));
  });
});
