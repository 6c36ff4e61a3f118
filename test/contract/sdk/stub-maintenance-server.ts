/** A maintenance server that only remembers what it is told: for clients to be tested against. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pythonStr } from '../../../src/domain/python-repr.ts';

export interface StubCall {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly body: unknown;
}

interface StubAlarm {
  readonly alarm_id: string;
  readonly name: string;
  readonly type: string;
  readonly alarm_actions: readonly string[];
  readonly event_rule: { readonly event_type: string };
  readonly repeat_actions: boolean;
}

export interface StubNotice {
  readonly messageId?: string;
  readonly eventType?: string;
  readonly sessionId?: string;
  readonly state: string;
  readonly traits?: Readonly<Record<string, unknown>>;
}

/** An alarm's body as Aodh posts it (facts 4.4). */
export function alarmBody(notice: StubNotice, projectId: string): unknown {
  const { messageId = randomUUID(), eventType = 'maintenance.scheduled', sessionId = 'session' } = notice;
  const traits = { project_id: projectId, session_id: sessionId, state: notice.state, ...notice.traits };
  return {
    alarm_name: 'stub',
    alarm_id: randomUUID(),
    reason_data: {
      type: 'event',
      event: {
        message_id: messageId,
        event_type: eventType,
        generated: '2026-11-03T02:20:12.482913',
        traits: Object.entries(traits).map(([name, value]) => [name, 1, pythonStr(value)]),
      },
    },
  };
}

export class StubMaintenanceServer {
  readonly calls: StubCall[] = [];
  readonly alarms = new Map<string, StubAlarm>();
  /** Constraints by path. */
  readonly constraints = new Map<string, unknown>();
  /** What GET on a project's URL answers. */
  instanceIds: readonly string[] = [];
  /** The statuses of the next answers, before it answers properly. */
  readonly statuses: number[] = [];
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async start(): Promise<StubMaintenanceServer> {
    const stub = new StubMaintenanceServer();
    await new Promise<void>((resolve) => stub.#server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Replies so far: what was PUT to a session's project or instance. */
  get replies(): readonly unknown[] {
    return this.calls
      .filter(({ method, path }) => method === 'PUT' && path.startsWith('/v1/maintenance/'))
      .map(({ body }) => body);
  }

  /** Posts a notification to every alarm that wants it. Resolves with the statuses of the answers. */
  async notify(notice: StubNotice, projectId: string): Promise<readonly number[]> {
    const body = alarmBody(notice, projectId);
    const { eventType = 'maintenance.scheduled' } = notice;
    const targets = [...this.alarms.values()]
      .filter(({ event_rule }) => event_rule.event_type === eventType)
      .flatMap(({ alarm_actions }) => alarm_actions);
    return Promise.all(
      targets.map(async (target) => {
        const response = await fetch(target, { method: 'POST', body: JSON.stringify(body) });
        return response.status;
      }),
    );
  }

  /** Asks a project a question about instances: at a URL, as in the workflow `default`. */
  async ask(state: string, projectId: string, instanceIds: readonly string[] = [], messageId?: string) {
    this.instanceIds = instanceIds;
    const url = `${this.url}/v1/maintenance/session/${projectId}`;
    const moving = state === 'PREPARE_MAINTENANCE' || state === 'PLANNED_MAINTENANCE';
    return this.notify(
      {
        state,
        ...(messageId !== undefined && { messageId }),
        traits: {
          instance_ids: url,
          reply_url: url,
          allowed_actions: moving ? ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'] : [],
          metadata: {},
        },
      },
      projectId,
    );
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const call = {
      method: request.method ?? '',
      path: request.url ?? '',
      token: request.headers['x-auth-token'] as string | undefined,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
    this.calls.push(call);
    const status = this.statuses.shift();
    const [code, body] =
      status === undefined ? this.#answer(call) : [status, { error: `a stubbed ${status}` }];
    response.writeHead(code, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  }

  #answer({ method, path, body }: StubCall): [number, unknown] {
    if (path === '/v1/maintenance') return [200, { sessions: ['a-session'], session_id: ['a-session'] }];
    if (path.startsWith('/v1/instance')) {
      if (method === 'PUT') this.constraints.set(path, body);
      else this.constraints.delete(path);
      return [200, method === 'PUT' ? body : {}];
    }
    if (path.startsWith('/v1/maintenance/'))
      return method === 'GET' ? [200, { instance_ids: this.instanceIds }] : [200, body];
    if (path === '/v2/alarms' && method === 'GET') return [200, [...this.alarms.values()]];
    if (path === '/v2/alarms') {
      const alarm = { ...(body as StubAlarm), alarm_id: randomUUID() };
      this.alarms.set(alarm.alarm_id, alarm);
      return [201, alarm];
    }
    if (path.startsWith('/v2/alarms/') && this.alarms.delete(path.slice('/v2/alarms/'.length)))
      return [204, null];
    return [404, { error: `nothing at ${path}` }];
  }
}
