/** A MaintenanceService without an engine behind it: its sessions stand where a test has put them. */
import type {
  Host,
  Instance,
  Project,
  Session,
  SessionControl,
  SessionRequest,
} from '../../../src/domain/session.ts';
import {
  ActionsMissing,
  HostNotInSession,
  HostNotSkippable,
  InstanceNotInSession,
  ProjectNotInSession,
  SessionNotFailed,
  SessionNotFound,
  SessionNotRunning,
  TooManySessions,
  type ActiveState,
  type InstanceReply,
  type MaintenanceService,
  type ProjectReply,
} from '../../../src/engine/maintenance-service.ts';

export const sampleSessionId = '7b1f0c52-4d2e-11ee-9c5a-0242ac120003';
export const sampleProjectId = '5f0c2d7b9e1a4c66b0d3f4a18e27c9ab';
export const otherProjectId = '00000000000000000000000000000000';
export const movedInstanceId = 'c3a5f1de-0b77-4f0e-8a53-6d1e2b9f4c10';
export const stayingInstanceId = 'e81b7a42-97c4-4b3d-b6d5-20f7a1c35e99';

const size = { vcpus: 1, memoryMb: 512, diskGb: 1 };
const created = Date.UTC(2026, 10, 3, 2, 20, 11);

export function sampleHost(changes: Partial<Host> & Pick<Host, 'name'>): Host {
  return {
    type: 'compute',
    serviceId: 'b5f5a7c1-1e60-4f93-9a39-4ff4c9b6a8e2',
    up: true,
    open: true,
    closedByUs: false,
    foundClosed: false,
    progress: 'waiting',
    capacity: { vcpus: 2, memoryMb: 2048, diskGb: 20 },
    ...changes,
  };
}

export function sampleInstance(changes: Partial<Instance> & Pick<Instance, 'id' | 'name'>): Instance {
  return {
    projectId: sampleProjectId,
    state: 'active',
    task: null,
    size,
    attempts: 0,
    gone: false,
    ...changes,
  };
}

/** A session just after it was opened: the cloud was not seen yet. */
export function newSession(id: string, request: SessionRequest): Session {
  return {
    id,
    sequence: 1,
    request,
    state: 'MAINTENANCE',
    createdAt: created,
    updatedAt: created,
    paused: false,
    closed: false,
    hosts: [],
    otherHosts: [],
    instances: new Map(),
    serverGroups: [],
    projects: {},
    visit: { number: 1, enteredAt: created, changedBefore: 1, goneBefore: 0, maintainedBefore: 0 },
    observedSequence: 0,
    changedSequence: 1,
    commands: new Map(),
    pluginRuns: [],
    constraintsSequence: 0,
    retries: [],
  };
}

/** A session in PLANNED_MAINTENANCE: one host is done, one is being emptied, one of its instances is under way. */
export function sampleSession(changes: Partial<Session> = {}): Session {
  const moving = sampleInstance({
    id: movedInstanceId,
    name: 'app_node_1',
    host: 'cmp-07.example.net',
    state: 'active',
    task: 'resize_migrating',
    action: 'MIGRATE',
    actionOutcome: 'running',
    attempts: 1,
  });
  const staying = sampleInstance({ id: stayingInstanceId, name: 'app_node_2', host: 'cmp-08.example.net' });
  const project: Project = {
    id: sampleProjectId,
    subscribed: true,
    question: {
      state: 'PLANNED_MAINTENANCE',
      sends: 2,
      commandId: '5a1d0f4e-3a83-4b36-9f9b-0a1c9d3e7b52',
      deliveredAt: created + 60_000,
      answer: 'ACK',
      actions: { [movedInstanceId]: 'MIGRATE' },
    },
    lastReply: { state: 'ACK_PLANNED_MAINTENANCE', at: created + 65_000, counted: true },
  };
  return {
    ...newSession(sampleSessionId, {
      workflow: 'default',
      hosts: [],
      maintenanceAt: Date.UTC(2026, 10, 3, 2, 30, 0),
      metadata: { openstack_version: 'Epoxy' },
    }),
    sequence: 40,
    state: 'PLANNED_MAINTENANCE',
    previousState: 'START_MAINTENANCE',
    updatedAt: created + 70_000,
    hosts: [
      sampleHost({
        name: 'cmp-08.example.net',
        progress: 'maintained',
        maintenanceStartedAt: created + 40_000,
        maintenanceEndedAt: created + 50_000,
      }),
      sampleHost({ name: 'cmp-07.example.net', open: false, closedByUs: true }),
    ],
    instances: new Map([moving, staying].map((instance) => [instance.id, instance])),
    projects: { [sampleProjectId]: project },
    visit: {
      number: 5,
      enteredAt: created + 55_000,
      host: 'cmp-07.example.net',
      changedBefore: 30,
      goneBefore: 0,
      maintainedBefore: 0,
    },
    ...changes,
  };
}

function controlChanges(session: Session, control: SessionControl): Partial<Session> {
  switch (control.kind) {
    case 'pause':
      return { paused: true, pausedAt: session.pausedAt ?? session.updatedAt };
    case 'resume':
      return { paused: false };
    case 'abort':
      return { abortedAt: session.abortedAt ?? session.updatedAt };
    case 'skip_host': {
      const host = session.hosts.find(({ name }) => name === control.host);
      if (host === undefined) throw new HostNotInSession(`the session has no host ${control.host}`);
      const { progress } = host;
      if (progress === 'in_maintenance' || progress === 'maintained') {
        throw new HostNotSkippable(host.name, progress);
      }
      const skipped: Host = { ...host, progress: 'skipped', skipReason: 'an admin left it aside' };
      return { hosts: session.hosts.map((other) => (other === host ? skipped : other)) };
    }
  }
}

export interface TakenReply {
  readonly projectId: string;
  readonly instanceId?: string;
  readonly reply: ProjectReply | InstanceReply;
}

export class FakeMaintenance implements MaintenanceService {
  readonly sessions = new Map<string, Session>();
  readonly requests: SessionRequest[] = [];
  readonly replies: TakenReply[] = [];
  readonly controls: SessionControl[] = [];
  maxSessions = 3;
  /** Why the next sessions may not be opened or continued. */
  refusal: Error | undefined;
  /** Thrown instead of any answer: a fault of the server. */
  fault: Error | undefined;

  constructor(session: Session) {
    this.sessions.set(session.id, session);
  }

  reset(session: Session): void {
    this.sessions.clear();
    this.sessions.set(session.id, session);
    this.requests.length = 0;
    this.replies.length = 0;
    this.controls.length = 0;
    this.maxSessions = 3;
    this.refusal = undefined;
    this.fault = undefined;
  }

  create(request: SessionRequest): Promise<Session> {
    return this.#settle(() => {
      this.#refuseToRun();
      const id = `7b1f0c52-4d2e-11ee-9c5a-${String(this.requests.push(request)).padStart(12, '0')}`;
      const session = newSession(id, request);
      this.sessions.set(id, session);
      return session;
    });
  }

  list(): readonly Session[] {
    if (this.fault !== undefined) throw this.fault;
    return [...this.sessions.values()];
  }

  get(sessionId: string): Session {
    if (this.fault !== undefined) throw this.fault;
    const session = this.sessions.get(sessionId);
    if (session === undefined) throw new SessionNotFound();
    return session;
  }

  projectInstanceIds(sessionId: string, projectId: string): readonly string[] {
    const session = this.#withProject(sessionId, projectId);
    return [...session.instances.values()]
      .filter((instance) => instance.projectId === projectId && instance.host === session.visit.host)
      .map(({ id }) => id);
  }

  reply(sessionId: string, projectId: string, reply: ProjectReply): Promise<void> {
    return this.#settle(() => {
      this.#withProject(sessionId, projectId);
      const missing = this.projectInstanceIds(sessionId, projectId).filter(
        (id) => reply.instanceActions?.[id] === undefined,
      );
      if (reply.state === 'ACK_PLANNED_MAINTENANCE' && missing.length > 0) throw new ActionsMissing(missing);
      this.replies.push({ projectId, reply });
    });
  }

  replyForInstance(
    sessionId: string,
    projectId: string,
    instanceId: string,
    reply: InstanceReply,
  ): Promise<void> {
    return this.#settle(() => {
      const session = this.#withProject(sessionId, projectId);
      if (session.instances.get(instanceId)?.projectId !== projectId) throw new InstanceNotInSession();
      if (reply.state === 'ACK_PLANNED_MAINTENANCE' && reply.instanceAction === undefined) {
        throw new ActionsMissing([instanceId]);
      }
      this.replies.push({ projectId, instanceId, reply });
    });
  }

  continue(sessionId: string, state?: ActiveState): Promise<Session> {
    return this.#settle(() => {
      const session = this.get(sessionId);
      if (session.state !== 'MAINTENANCE_FAILED') throw new SessionNotFailed(session.state);
      this.#refuseToRun();
      const { endedAt: _endedAt, ...rest } = session;
      const failedAt = session.previousState as ActiveState;
      const continued: Session = { ...rest, state: state ?? failedAt };
      this.sessions.set(sessionId, continued);
      return continued;
    });
  }

  control(sessionId: string, control: SessionControl): Promise<Session> {
    return this.#settle(() => {
      const session = this.get(sessionId);
      if (session.endedAt !== undefined) throw new SessionNotRunning(session.state);
      const controlled = { ...session, ...controlChanges(session, control) };
      this.controls.push(control);
      this.sessions.set(sessionId, controlled);
      return controlled;
    });
  }

  delete(sessionId: string): Promise<void> {
    return this.#settle(() => {
      this.get(sessionId);
      this.sessions.delete(sessionId);
    });
  }

  #refuseToRun(): void {
    const running = [...this.sessions.values()].filter(({ endedAt }) => endedAt === undefined);
    if (running.length >= this.maxSessions) throw new TooManySessions();
    if (this.refusal !== undefined) throw this.refusal;
  }

  #withProject(sessionId: string, projectId: string): Session {
    const session = this.get(sessionId);
    if (!Object.hasOwn(session.projects, projectId)) throw new ProjectNotInSession();
    return session;
  }

  /** Throws become rejections, as of the real service. */
  #settle<T>(act: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (this.fault !== undefined) throw this.fault;
      resolve(act());
    });
  }
}
