/** Joins the configuration and the adapters to OpenStack. */
import type { Logger } from 'pino';
import { AodhSubscriptions } from '../adapters/aodh/aodh-subscriptions.ts';
import { HttpClient } from '../adapters/http-client/http-client.ts';
import { AuthorizedService } from '../adapters/keystone/authorized-service.ts';
import { JwsKeys } from '../adapters/keystone/jws-keys.ts';
import { ServiceSession } from '../adapters/keystone/service-session.ts';
import { KeystoneTokenValidator } from '../adapters/keystone/token-validator.ts';
import { computeBaseUrl } from '../adapters/nova/compute-base-url.ts';
import { NovaCloud } from '../adapters/nova/nova-cloud.ts';
import type { Config } from '../config/schema.ts';
import { CloudError, type Clock, type Cloud, type TokenValidator } from '../engine/ports.ts';

/** What the server has of OpenStack. */
export interface OpenStack {
  readonly cloud: Cloud;
  readonly tokens: TokenValidator;
  readonly subscriptions: AodhSubscriptions;
  /** Where clients get tokens. */
  readonly authUrl: string;
  /** Id of the project that hears of hosts and sessions. */
  infrastructureProjectId(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** `undefined` where no Keystone is configured. The configuration has been checked: the service user is complete. */
export function openStackOf(config: Config, clock: Clock, logger: Logger): OpenStack | undefined {
  const { keystone, nova, auth, notifications } = config;
  const { authUrl, username, password, projectName } = keystone;
  if (
    authUrl === undefined ||
    username === undefined ||
    password === undefined ||
    projectName === undefined
  ) {
    return undefined;
  }
  const http = new HttpClient({ ...tlsOf(config), answerSeconds: keystone.requestTimeoutSeconds, logger });
  const session = new ServiceSession({
    http,
    clock,
    logger,
    credentials: {
      authUrl,
      username,
      password: password.reveal(),
      userDomain: { name: keystone.userDomainName },
      projectName,
      projectDomain: { name: keystone.projectDomainName },
      interface: keystone.interface,
      ...(keystone.regionName !== undefined && { region: keystone.regionName }),
      endpoints: {
        ...(keystone.computeEndpoint !== undefined && { compute: keystone.computeEndpoint }),
        ...(keystone.alarmingEndpoint !== undefined && { alarming: keystone.alarmingEndpoint }),
      },
    },
  });
  const service = (baseUrl: (signal?: AbortSignal) => Promise<string>) =>
    new AuthorizedService({ session, http, baseUrl });
  const compute = service(async (signal) => computeBaseUrl(await session.endpoint(['compute'], signal)));
  const alarming = service((signal) => session.endpoint(['alarming', 'alarm'], signal));
  return {
    cloud: new NovaCloud({
      service: compute,
      ratios: { cpu: nova.cpuAllocationRatio, ram: nova.ramAllocationRatio, disk: nova.diskAllocationRatio },
      pauses: {
        firstMilliseconds: nova.firstLookMilliseconds,
        longestMilliseconds: nova.longestLookMilliseconds,
      },
    }),
    tokens: new KeystoneTokenValidator({
      identity: session.identity,
      clock,
      cacheSeconds: auth.tokenCacheSeconds,
      cacheEntries: auth.tokenCacheEntries,
      ...(auth.jwsKeyFolder !== undefined && { keys: new JwsKeys(auth.jwsKeyFolder, logger) }),
    }),
    subscriptions: new AodhSubscriptions(alarming),
    authUrl,
    infrastructureProjectId: (signal) => session.projectId(notifications.infrastructureProject, signal),
    close: () => http.close(),
  };
}

function tlsOf({ keystone }: Config) {
  const { caFile, clientCertFile, clientKeyFile, insecure } = keystone;
  return {
    tls: {
      insecure,
      ...(caFile !== undefined && { caFile }),
      ...(clientCertFile !== undefined && { certFile: clientCertFile }),
      ...(clientKeyFile !== undefined && { keyFile: clientKeyFile }),
    },
  };
}

/** The cloud of a server that was not told of any: whatever is asked of it says what to configure. */
export function noCloud(): Cloud {
  const refuse = () =>
    Promise.reject(
      new CloudError('failed', 'no cloud is configured: set keystone.auth_url and the service user'),
    );
  return {
    observe: refuse,
    hostNames: refuse,
    closeHost: refuse,
    openHost: refuse,
    moveBaseline: refuse,
    startMove: refuse,
    moveWasStarted: refuse,
    watchMove: refuse,
    abortMove: refuse,
    confirmMove: refuse,
    watchDeparture: refuse,
  };
}
