/** Where a stranger's client takes alarms: it answers when its handler is done, with 500 when that raised. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AtEnd } from '../stage.ts';

/** What Aodh posts (facts 4.4), as far as these clients read it. */
export interface AlarmBody {
  readonly reason_data: {
    readonly event: { readonly traits: readonly (readonly [string, number, unknown])[] };
  };
}

export interface AlarmTarget {
  readonly url: string;
  /** What the handler raised, oldest first. */
  readonly raised: readonly Error[];
}

/** @param handle called for one alarm at a time, as Flask's threads do with a client that keeps state */
export async function listenAsTarget(
  atEnd: AtEnd,
  path: string,
  handle: (body: AlarmBody, url: string) => Promise<void>,
): Promise<AlarmTarget> {
  const raised: Error[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      handle(JSON.parse(text) as AlarmBody, request.url ?? '').then(
        () => response.end('OK'),
        (error: unknown) => {
          raised.push(error as Error);
          response.writeHead(500).end();
        },
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, raised };
}

/**
 * What Heat creates for `OS::Aodh::EventAlarm` with `repeat_actions` (facts 4.4).
 * @param projectId whose alarm it is, where no token tells
 */
export function heatAlarm(eventType: string, target: string, projectId?: string): string {
  return JSON.stringify({
    ...(projectId !== undefined && { project_id: projectId }),
    name: `stack-alarm-${eventType}`,
    description: null,
    type: 'event',
    enabled: true,
    severity: 'low',
    repeat_actions: true,
    alarm_actions: [target],
    ok_actions: [],
    insufficient_data_actions: [],
    event_rule: { event_type: eventType, query: [] },
  });
}
