/**
 * A sample application manager (VNFM) as in OPNFV Doctor's maintenance test (facts 8.2 a and b): an active-standby pair
 * and a set of instances that are not redundant. It is written as an outside user would write one.
 */
import {
  createAuthorizedFetch,
  createKeystoneTokens,
  createMaintenanceClient,
  explain,
  listenForAlarms,
  subscribe,
  type AlarmListener,
  type KeystoneTokens,
  type Subscription,
} from '../sdk/index.ts';
import { Constraints } from './constraints.ts';
import { Conversation } from './conversation.ts';
import { Fleet } from './fleet.ts';
import { createNova } from './nova.ts';
import type { NamedInstance, VnfmEvent, VnfmHappening } from './vnfm-event.ts';
import type { VnfmOptions } from './vnfm-options.ts';

export interface Vnfm {
  /** Where it listens for alarms. */
  readonly url: string;
  readonly projectId: string;
  /** Everything so far. */
  readonly log: readonly VnfmEvent[];
  /** The instance of the pair that does the work now. */
  readonly active: NamedInstance | undefined;
  /** Its instances, as Nova has them now. */
  instances(): Promise<readonly NamedInstance[]>;
  /** Stops listening, deletes the alarm, and takes the constraints back: instances, then groups. */
  stop(): Promise<void>;
}

/** The server may be away for a restart or an upgrade while a reply is due: this bears about a minute. */
const patientAttempts = 20;
const defaultHaPrefix = 'doctor_ha_app_';
const defaultNonHaPrefix = 'doctor_nonha_app_';

/**
 * Starts an application manager for the instances that its project has: registers their constraints, listens, and
 * sets its alarm. It leaves nothing behind when that fails.
 * @throws KeystoneError, ApiError, and what the network throws
 */
export async function startVnfm(options: VnfmOptions): Promise<Vnfm> {
  const { haPrefix = defaultHaPrefix, nonHaPrefix = defaultNonHaPrefix } = options;
  const log: VnfmEvent[] = [];
  const tell = (happening: VnfmHappening) => {
    const event = { at: new Date().toISOString(), ...happening };
    log.push(event);
    options.onEvent?.(event);
  };
  const stopping = new AbortController();
  const { signal } = stopping;
  const tokens = createKeystoneTokens(options.credentials);
  const projectId = await tokens.projectId();
  const nova = createNova(
    await tokens.endpoint('compute'),
    createAuthorizedFetch({ token: tokens.token, attempts: patientAttempts, signal }),
  );
  const client = await clientFor(tokens, 'maintenance', options, { attempts: patientAttempts, signal });
  const fleet = new Fleet(nova, {
    haPrefix,
    nonHaPrefix,
    createBeforeDelete: options.createBeforeDelete ?? false,
    pollSeconds: options.pollSeconds ?? 0.2,
    patienceSeconds: options.patienceSeconds ?? 300,
    signal,
  });
  const constraints = new Constraints({
    projectId,
    migrationType: options.action ?? 'MIGRATE',
    haPrefix,
    nonHaPrefix,
    ...(options.leadSeconds !== undefined && { leadSeconds: options.leadSeconds }),
  });
  const registerConstraints = async () => {
    await constraints.sync(client, await fleet.members(), await nova.serverGroups());
    tell({ kind: 'registered', ...constraints.registered });
  };
  const conversation = new Conversation({ client, fleet, options, signal, registerConstraints, tell });

  let listener: AlarmListener | undefined;
  let subscription: Subscription | undefined;
  const stop = async () => {
    stopping.abort(new Error('the application manager stops'));
    await listener?.close();
    await conversation.settled();
    const cleanUp = async (what: string, work: () => Promise<void> | undefined) => {
      try {
        await work();
      } catch (error) {
        tell({ kind: 'problem', message: `${what} could not be deleted: ${explain(error)}` });
      }
    };
    await cleanUp('the alarm', () => subscription?.cancel());
    await cleanUp('the constraints', async () =>
      constraints.clear(await clientFor(tokens, 'maintenance', options)),
    );
    tell({ kind: 'stopped' });
  };

  try {
    await registerConstraints();
    listener = await listenForAlarms({
      ...(options.host !== undefined && { host: options.host }),
      ...(options.port !== undefined && { port: options.port }),
      onNotification: (notification) => conversation.take(notification),
      onRepeat: (notification) => conversation.repeat(notification),
      onError: (error) => {
        if (!signal.aborted) tell({ kind: 'problem', message: explain(error) });
      },
    });
    subscription = await subscribe(await clientFor(tokens, 'alarming', options), {
      eventType: 'maintenance.scheduled',
      url: options.alarmUrl ?? listener.url,
      name: options.alarmName ?? 'vnfm-maintenance',
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const { url } = listener;
  tell({ kind: 'started', url, projectId, instances: (await instancesOf(fleet)).length });
  return {
    url,
    projectId,
    log,
    get active() {
      return fleet.active;
    },
    instances: () => instancesOf(fleet),
    stop,
  };
}

async function clientFor(
  tokens: KeystoneTokens,
  serviceType: 'maintenance' | 'alarming',
  { trustedOrigins }: VnfmOptions,
  how: { readonly attempts: number; readonly signal?: AbortSignal } = { attempts: 2 },
) {
  return createMaintenanceClient({
    endpoint: await tokens.endpoint(serviceType),
    token: tokens.token,
    ...(trustedOrigins && { trustedOrigins }),
    ...how,
  });
}

async function instancesOf(fleet: Fleet): Promise<readonly NamedInstance[]> {
  const { ha, nonHa } = await fleet.members();
  return [...ha, ...nonHa];
}
