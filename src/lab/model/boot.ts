import { randomUUID } from 'node:crypto';
import type { LabCloud } from './lab-cloud.ts';
import type { Flavor, Requester, Server } from './types.ts';

export interface NewServer {
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly flavor: Flavor;
  readonly imageId: string;
  readonly groupId: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
}

function makeServer(cloud: LabCloud, wanted: NewServer): Server {
  const now = cloud.now();
  const server: Server = {
    metadata: {},
    ...wanted,
    id: randomUUID(),
    number: cloud.nextServerNumber(),
    reservationId: cloud.newReservationId(),
    createdAt: now,
    host: null,
    vmState: 'building',
    taskState: 'scheduling',
    powerState: 0,
    stateBeforeResize: 'active',
    fault: null,
    locked: false,
    lockedReason: null,
    updatedAt: now,
    launchedAt: null,
  };
  cloud.servers.set(server.id, server);
  cloud.changes.record({ type: 'server.created', serverId: server.id, name: server.name });
  return server;
}

function land(cloud: LabCloud, server: Server, host: string): void {
  cloud.allocations.claim(host, server.id, server.flavor.size);
  cloud.reportClaims(host);
}

const running = { vmState: 'active', taskState: null, powerState: 1 } as const;

/**
 * Puts a server into the cloud as if it had run for long.
 * @param only the host it must be on; the scheduler chooses when absent
 * @throws Error when there is no room for it
 */
export function place(cloud: LabCloud, wanted: NewServer, by: Requester, only?: string): Server {
  const server = makeServer(cloud, wanted);
  const host = cloud.schedule(server, { only: only ?? null });
  if (host === undefined) {
    throw new Error(
      `there is no room for instance ${wanted.name}${only === undefined ? '' : ` on host ${only}`}`,
    );
  }
  land(cloud, server, host.name);
  cloud.addEvent(cloud.addAction(server, 'create', by), 'compute__do_build_and_run_instance', host.name);
  cloud.update(server, { ...running, host: host.name, launchedAt: cloud.now() });
  cloud.reportAll(host.name);
  return server;
}

/** Boots a server: BUILD, then ACTIVE; or ERROR when there is no valid host, or the driver fails. */
export function boot(cloud: LabCloud, wanted: NewServer, by: Requester): Server {
  const server = makeServer(cloud, wanted);
  const action = cloud.addAction(server, 'create', by);
  const seconds = cloud.seconds('boot', cloud.subject(server));
  const fail = (message: string, event: string, host: string): 'stop' => {
    cloud.addEvent(action, event, host, message);
    cloud.allocations.releaseAll(server.id);
    if (server.host !== null) cloud.reportClaims(server.host);
    cloud.update(server, {
      vmState: 'error',
      taskState: null,
      host: null,
      fault: { message, at: cloud.now() },
    });
    return 'stop';
  };
  cloud.update(server, {});
  cloud.run(server, [
    {
      after: seconds * 0.3,
      run() {
        const host = cloud.schedule(server);
        if (host === undefined) {
          return fail(
            'No valid host was found. ',
            'conductor_schedule_and_build_instances',
            cloud.conductorHost,
          );
        }
        land(cloud, server, host.name);
        cloud.update(server, { host: host.name, taskState: 'spawning' });
        return undefined;
      },
    },
    {
      after: seconds * 0.7,
      run() {
        const host = server.host ?? '';
        const fault = cloud.faults.strike('fail', cloud.subject(server), (fail) => fail.operation === 'boot');
        if (fault !== undefined) return fail(fault.message, 'compute__do_build_and_run_instance', host);
        cloud.addEvent(action, 'compute__do_build_and_run_instance', host);
        cloud.update(server, { ...running, launchedAt: cloud.now() });
        return undefined;
      },
    },
  ]);
  return server;
}

/** Deletes a server, whatever it is doing. */
export function remove(cloud: LabCloud, server: Server, by: Requester): void {
  if (server.taskState === 'deleting') return;
  cloud.cancelSteps(server);
  cloud.addAction(server, 'delete', by);
  const seconds = cloud.seconds('delete', cloud.subject(server));
  cloud.update(server, { taskState: 'deleting' });
  cloud.run(server, [
    {
      after: seconds,
      run() {
        const host = server.host;
        const held = [
          server.id,
          ...cloud.migrations.filter((m) => m.serverId === server.id).map((m) => m.uuid),
        ];
        const hosts = new Set(held.flatMap((consumer) => cloud.allocations.hostsOf(consumer)));
        for (const consumer of held) cloud.allocations.releaseAll(consumer);
        cloud.servers.delete(server.id);
        cloud.actions.delete(server.id);
        for (const name of hosts) cloud.reportClaims(name);
        cloud.changes.record({ type: 'server.deleted', serverId: server.id, name: server.name, host });
        return 'stop';
      },
    },
  ]);
}
