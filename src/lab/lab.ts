import { Catalog } from './keystone/catalog.ts';
import { Identity } from './keystone/identity.ts';
import { JwsSigner } from './keystone/jws-signer.ts';
import { GlanceService } from './glance/glance-service.ts';
import { KeystoneService } from './keystone/keystone-service.ts';
import { Tokens } from './keystone/tokens.ts';
import { ControlService, type LabControls } from './control-service.ts';
import { LabServer, type CallRecord } from './wire/lab-server.ts';
import { type LabConfigInput, parseLabConfig } from './lab-config.ts';
import { LabCloud } from './model/lab-cloud.ts';
import type { Change } from './model/change-log.ts';
import { type ActiveFault, type FaultInput, faultSchema } from './model/faults.ts';
import { populate } from './model/populate.ts';
import { serverStatus } from './model/server-status.ts';
import { isUp, setAlive } from './model/service-operations.ts';
import { systemTimers, type Timers } from './model/timers.ts';
import { NovaService } from './nova/nova-service.ts';

export interface LabOptions {
  readonly config: LabConfigInput;
  /** Address to listen on; 127.0.0.1 when absent. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** The clock of the cloud; the computer's when absent. */
  readonly timers?: Timers;
}

/** An account of the lab, ready for a password login. */
export interface LabAccount {
  readonly id: string;
  readonly name: string;
  readonly password: string;
  readonly projectId: string;
  readonly projectName: string;
}

/** A host with what is on it. */
export interface LabHostPicture {
  readonly name: string;
  readonly state: 'up' | 'down';
  readonly status: 'enabled' | 'disabled';
  readonly disabledReason: string | null;
  readonly servers: readonly LabServerPicture[];
}

export interface LabServerPicture {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly host: string | null;
}

/** A running lab. */
export interface Lab {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** Where Keystone is: `url` + /identity/v3 */
  readonly authUrl: string;
  /** Where Nova is: `url` + /compute/v2.1 */
  readonly computeUrl: string;
  readonly region: string;
  /** Projects by name. */
  readonly projects: Readonly<Record<string, { readonly id: string; readonly name: string }>>;
  /** Accounts by name. */
  readonly users: Readonly<Record<string, LabAccount>>;
  /** The image that Glance shows; the lab takes any other id too. */
  readonly imageId: string;
  /** Flavor ids by name. */
  readonly flavors: Readonly<Record<string, string>>;
  /** The cloud itself, to look into and to change behind everybody's back. */
  readonly cloud: LabCloud;
  /** Everything that changed, oldest first; only what came after sequence `after` when it is given. */
  changes(after?: number): readonly Change[];
  /** Calls `listener` for each change from now on. Returns what ends it. */
  onChange(listener: (change: Change) => void): () => void;
  /** Calls to Keystone, Nova, Glance and /lab, oldest first. */
  calls(): readonly CallRecord[];
  /** Hosts with their servers, now. */
  hosts(): readonly LabHostPicture[];
  servers(): readonly LabServerPicture[];
  /** Switches a fault on. @returns its id, and what switches it off */
  setFault(fault: FaultInput): { readonly id: string; clear(): void };
  clearFaults(): void;
  /** Sets where the catalog says that a service is; null takes it out. */
  setEndpoint(type: string, url: string | null): void;
  /** A fresh token of an account, without a login. @throws Error when there is no such account */
  token(user: string): string;
  /** Makes every token bad that was given out so far. */
  revokeTokens(): void;
  /** JWS only: signs with a new key from now on; its public half joins the others unless `removeOld`. */
  rotateSigningKey(options?: { readonly removeOld?: boolean }): void;
  /** Stops listening and forgets everything. */
  stop(): Promise<void>;
}

/**
 * Starts a small OpenStack in this process, spoken to over HTTP.
 * @throws Error when the configuration is wrong, an instance finds no room, or the port is taken
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const config = parseLabConfig(options.config);
  const timers = options.timers ?? systemTimers();
  const cloud = new LabCloud(config, timers);
  const identity = new Identity(config);
  populate(cloud, identity, config);
  const signer = config.tokens.format === 'jws' ? new JwsSigner(config.tokens.key_folder) : undefined;
  const tokens = new Tokens(identity, () => timers.now(), config.tokens.lifetime_seconds, signer);
  const catalog = new Catalog(config.region);
  let authUrl = '';

  const faults = controlFaults(cloud);
  const controls: LabControls = {
    ...faults,
    changes: cloud.changes,
    hostNames: () => cloud.hosts.map(({ name }) => name),
    calls: () => server.calls,
    setEndpoint: (type, url) => catalog.set(type, url),
    picture: () => ({ hosts: hostPictures(cloud), servers: serverPictures(cloud) }),
  };
  const server = new LabServer(cloud, [
    new KeystoneService(identity, tokens, catalog),
    new NovaService(cloud, tokens, () => authUrl),
    new GlanceService(cloud, tokens, () => authUrl),
    new ControlService(controls),
  ]);
  const host = options.host ?? '127.0.0.1';
  const port = await server.listen(host, options.port ?? 0).catch((error: unknown) => {
    timers.stop();
    throw error;
  });
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  authUrl = `${url}/identity/v3`;
  const computeUrl = `${url}/compute/v2.1`;
  catalog.set('identity', authUrl);
  catalog.set('compute', computeUrl);
  catalog.set('image', `${url}/image`);
  catalog.set('alarming', config.endpoints.alarming ?? null);
  catalog.set('maintenance', config.endpoints.maintenance ?? null);

  return {
    url,
    authUrl,
    computeUrl,
    region: config.region,
    projects: Object.fromEntries(identity.projects.map(({ id, name }) => [name, { id, name }])),
    users: accounts(identity),
    imageId: cloud.imageId,
    flavors: Object.fromEntries(cloud.flavors.map(({ id, name }) => [name, id])),
    cloud,
    changes: (after) => cloud.changes.since(after),
    onChange: (listener) => cloud.changes.subscribe(listener),
    calls: () => server.calls,
    hosts: () => hostPictures(cloud),
    servers: () => serverPictures(cloud),
    setFault(fault) {
      const { id } = faults.setFault(faultSchema.parse(fault));
      return { id, clear: () => void faults.clearFault(id) };
    },
    clearFaults: () => faults.clearFaults(),
    setEndpoint: (type, address) => catalog.set(type, address),
    token(name) {
      const user = identity.user(name);
      if (user === undefined) throw new Error(`the lab has no user ${name}`);
      return tokens.issue({ user, project: identity.project(user.projectId) ?? null, methods: ['password'] })
        .secret;
    },
    revokeTokens: () => tokens.revokeAll(),
    rotateSigningKey: ({ removeOld = false } = {}) => signer?.rotate({ removeOld }),
    async stop() {
      timers.stop();
      await server.close();
    },
  };
}

/** Faults that are looked up when something happens need only be kept; a host that is down is made so at once. */
function controlFaults(
  cloud: LabCloud,
): Pick<LabControls, 'faults' | 'setFault' | 'clearFault' | 'clearFaults'> {
  const setHost = (name: string, alive: boolean): void => {
    const host = cloud.host(name);
    if (host === undefined) throw new Error(`the lab has no host ${name}`);
    setAlive(cloud, host.service, alive);
  };
  const clear = (id: string): ActiveFault | undefined => {
    const removed = cloud.faults.remove(id);
    const stillDown = cloud.faults
      .list()
      .flatMap(({ fault }) => (fault.kind === 'host_down' ? [fault.host] : []));
    if (removed?.fault.kind === 'host_down' && !stillDown.includes(removed.fault.host))
      setHost(removed.fault.host, true);
    return removed;
  };
  return {
    faults: () => cloud.faults.list(),
    setFault(fault) {
      if (fault.kind === 'host_down') setHost(fault.host, false);
      return cloud.faults.add(fault);
    },
    clearFault: (id) => clear(id) !== undefined,
    clearFaults() {
      for (const { id } of cloud.faults.list()) clear(id);
    },
  };
}

function accounts(identity: Identity): Record<string, LabAccount> {
  return Object.fromEntries(
    identity.users.map(({ id, name, password, projectId }) => [
      name,
      { id, name, password, projectId, projectName: identity.project(projectId)?.name ?? '' },
    ]),
  );
}

function serverPictures(cloud: LabCloud): readonly LabServerPicture[] {
  return [...cloud.servers.values()].map((server) => ({
    id: server.id,
    name: server.name,
    status: serverStatus(server),
    host: server.host,
  }));
}

function hostPictures(cloud: LabCloud): readonly LabHostPicture[] {
  const servers = serverPictures(cloud);
  return cloud.hosts.map(({ name, service }) => ({
    name,
    state: isUp(service) ? 'up' : 'down',
    status: service.disabled ? 'disabled' : 'enabled',
    disabledReason: service.disabledReason,
    servers: servers.filter((server) => server.host === name),
  }));
}
