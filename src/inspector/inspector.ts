/**
 * A sample inspector as in OPNFV Doctor's test: hears of maintenance on hosts and keeps the list of those whose faults
 * are no news for now. Something that watches hosts would look into it before it raises an alarm.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createAlarmReceiver,
  createKeystoneTokens,
  createMaintenanceClient,
  explain,
  subscribe,
  type HostState,
  type KeystoneCredentials,
  type Notification,
  type Subscription,
} from '../sdk/index.ts';

export interface InspectorOptions {
  /** Of the infrastructure's own project, the admin's: `maintenance.host` goes there (facts 4.2). */
  readonly credentials: KeystoneCredentials;
  /** Where it listens. Default: 127.0.0.1, any free port. Doctor's listens at 12345. */
  readonly host?: string;
  readonly port?: number;
  /** Under which URL alarms reach it, where that is not the address that it listens at. */
  readonly alarmUrl?: string;
  /** Default: `inspector-maintenance`. */
  readonly alarmName?: string;
  /** Told of everything as it happens. */
  onEvent?(event: InspectorEvent): void;
}

export type InspectorHappening =
  | { readonly kind: 'started'; readonly url: string; readonly projectId: string }
  | {
      readonly kind: 'received';
      readonly messageId: string;
      readonly sessionId: string;
      readonly host: string;
      readonly state: HostState;
      /** It came before, and is not acted on again. */
      readonly repeated: boolean;
    }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'stopped' };

/** A happening with its time, ISO 8601 in UTC. */
export type InspectorEvent = InspectorHappening & { readonly at: string };

export interface Inspector {
  /** Where it listens: `GET /hosts` answers `{"hosts": [...]}`. */
  readonly url: string;
  /** Everything so far. */
  readonly log: readonly InspectorEvent[];
  /** Hosts whose faults are to be ignored now, by name. */
  readonly ignoredHosts: readonly string[];
  /** Deletes the alarm and stops listening. */
  stop(): Promise<void>;
}

/**
 * Starts an inspector. It leaves nothing behind when that fails.
 * @throws KeystoneError, ApiError, and what the network throws
 */
export async function startInspector(options: InspectorOptions): Promise<Inspector> {
  const { credentials, host = '127.0.0.1', port = 0, alarmName = 'inspector-maintenance' } = options;
  const log: InspectorEvent[] = [];
  const hosts = new Set<string>();
  const tell = (happening: InspectorHappening) => {
    const event = { at: new Date().toISOString(), ...happening };
    log.push(event);
    options.onEvent?.(event);
  };
  const heard = (notification: Notification, repeated: boolean) => {
    if (notification.eventType !== 'maintenance.host') return;
    const { messageId, sessionId, host: name, state } = notification;
    tell({ kind: 'received', messageId, sessionId, host: name, state, repeated });
    if (repeated) return;
    if (state === 'IN_MAINTENANCE') hosts.add(name);
    if (state === 'MAINTENANCE_COMPLETE' || state === 'HOST_REMOVED') hosts.delete(name);
  };
  const receiver = createAlarmReceiver({
    onNotification: (notification) => heard(notification, false),
    onRepeat: (notification) => heard(notification, true),
    onError: (error) => tell({ kind: 'problem', message: explain(error) }),
  });
  const ignoredHosts = () => [...hosts].sort();
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/maintenance') return void receiver.handle(request, response);
    const found = path === '/hosts' && request.method === 'GET';
    const body = found
      ? { hosts: ignoredHosts() }
      : { error: 'GET /hosts and POST /maintenance are known here' };
    response.writeHead(found ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });

  const tokens = createKeystoneTokens(credentials);
  let subscription: Subscription | undefined;
  const stop = async () => {
    try {
      await subscription?.cancel();
    } catch (error) {
      tell({ kind: 'problem', message: `the alarm could not be deleted: ${explain(error)}` });
    }
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    tell({ kind: 'stopped' });
  };
  const { address, family, port: bound } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
  try {
    const alarming = createMaintenanceClient({
      endpoint: await tokens.endpoint('alarming'),
      token: tokens.token,
      attempts: 2,
    });
    subscription = await subscribe(alarming, {
      eventType: 'maintenance.host',
      url: options.alarmUrl ?? `${url}/maintenance`,
      name: alarmName,
    });
    tell({ kind: 'started', url, projectId: await tokens.projectId() });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    log,
    get ignoredHosts() {
      return ignoredHosts();
    },
    stop,
  };
}
