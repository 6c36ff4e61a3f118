/** Takes in the alarms that Aodh, or the server itself, posts to an application. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Notification } from './notification.ts';
import { AlarmParseError, parseAlarm } from './parse-alarm.ts';
import { SeenMessages } from './seen-messages.ts';

export interface AlarmReceiverOptions {
  /** Called for one notification after the other, in the order in which they came, each once. */
  onNotification(notification: Notification): void | Promise<void>;
  /** Called for a notification that came before: it is not acted on again. */
  onRepeat?(notification: Notification): void;
  /** Called when `onNotification` fails, and for bodies that are no alarm about maintenance. */
  onError?(error: unknown): void;
}

export interface AlarmReceiver {
  /**
   * Takes one POST. It is answered at once, before the notification is acted on: who posts may hold back everything
   * else meanwhile, and Aodh gives up after some seconds.
   */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Resolves when all that came so far has been acted on. */
  idle(): Promise<void>;
}

export interface AlarmListenerOptions extends AlarmReceiverOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: 0, any free one. */
  readonly port?: number;
  /** Default: `/maintenance`, as Doctor's sample has it (facts 4.4). */
  readonly path?: string;
}

export interface AlarmListener {
  /** Where alarms are to be posted: an alarm's target. */
  readonly url: string;
  /** Stops listening, and waits for what is still being acted on. */
  close(): Promise<void>;
}

/** An alarm has about 2 kB: the text of a trait is 255 characters at most (facts 4.3). */
const largestBodyBytes = 1_000_000;

/** The part without a server of its own, for applications that have one. */
export function createAlarmReceiver(options: AlarmReceiverOptions): AlarmReceiver {
  const seen = new SeenMessages();
  let last: Promise<void> = Promise.resolve();

  function take(notification: Notification): void {
    if (!seen.isNew(notification.messageId)) {
      options.onRepeat?.(notification);
      return;
    }
    last = last
      .then(() => options.onNotification(notification))
      .catch((error: unknown) => options.onError?.(error));
  }

  return {
    async handle(request, response) {
      if (request.method !== 'POST') {
        answer(response, 405, 'only POST is known here', { Allow: 'POST' });
        return;
      }
      let notification;
      try {
        const body = await readBody(request);
        notification = body === undefined ? undefined : parseAlarm(body);
      } catch (error) {
        options.onError?.(error);
        const isAlarmError = error instanceof AlarmParseError;
        answer(response, 400, isAlarmError ? error.message : 'the body could not be read');
        return;
      }
      if (notification === undefined) {
        answer(response, 413, 'the body is larger than 1 MB');
        return;
      }
      answer(response, 200, 'OK');
      take(notification);
    },
    idle: () => last,
  };
}

/** Starts a listener for alarms. */
export async function listenForAlarms(options: AlarmListenerOptions): Promise<AlarmListener> {
  const { host = '127.0.0.1', port = 0, path = '/maintenance' } = options;
  const receiver = createAlarmReceiver(options);
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] === path) void receiver.handle(request, response);
    else answer(response, 404, `only ${path} is known here`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}${path}`,
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await receiver.idle();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers }).end(`${text}\n`);
}
